import pytest

from seq2seq.training.journal import Journal
from seq2seq.training.run_folder import RunFolder
from seq2seq.training.state import TrainingState, Window
from seq2seq.training.validation import Figures, Sample

TRICKY = Sample("one\rtwo\u2028three", "== update 99", "")


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path)


def write(run, update, **options):
    state = TrainingState(update=update, window=Window(loss_sum=30.0, nll_sum=20.0, tokens=10, replaced=4, updates=2))
    figures = Figures(loss=0.1 + 0.2, smoothed_loss=1.0, bleu=12.5, chrf=34.5, samples=(TRICKY,))
    Journal(run, 4, **options).write(state, figures, {"learning_rate": 0.001, "gold_probability": 0.9}, True, 1.5)


def test_a_row_holds_means_per_token(run):
    write(run, 6)
    header, row = run.metrics.read_text().splitlines()
    values = dict(zip(header.split(","), row.split(","), strict=True))
    assert values["epoch"] == "1.5" and values["train_loss"] == "2.0" and values["train_smoothed_loss"] == "3.0"
    assert values["learning_rate"] == "0.001" and values["gold_probability"] == "0.9" and values["replaced"] == "0.4"
    assert float(values["valid_loss"]) == 0.1 + 0.2  # exactly
    assert (values["valid_bleu"], values["valid_chrf"]) == ("12.5", "34.5")
    assert "seconds" not in run.metrics.read_text() and run.speed.read_text().startswith("update,seconds,")


def test_risk_has_a_column_of_its_own(run, caplog):
    with caplog.at_level("INFO", "seq2seq"):
        write(run, 6, has_risk=True)
    header, row = run.metrics.read_text().splitlines()
    values = dict(zip(header.split(","), row.split(","), strict=True))
    assert values["train_risk"] == "3.0" and "train_smoothed_loss" not in values
    assert "train risk 3.000  replaced 40.0%  valid loss" in caplog.text
    assert "BLEU 12.50  chrF 34.50 (best so far)" in caplog.text


def test_where_nothing_was_learnt_no_speed_is_said(run, caplog):
    figures = Figures(loss=1.0, smoothed_loss=1.0, bleu=12.5, chrf=34.5, samples=())
    with caplog.at_level("INFO", "seq2seq"):
        Journal(run, 4).write(TrainingState(), figures, {"learning_rate": 0.0, "gold_probability": 1.0}, True, 1.5)
    assert "tokens/s" not in caplog.text and "train" not in caplog.text


def contents(run):
    return {path.name: path.read_bytes() for path in (run.metrics, run.speed, run.samples)}


def test_what_was_written_after_a_checkpoint_goes_without_a_word(run, caplog):
    write(run, 5)
    write(run, 10)
    before = contents(run)
    write(run, 15)
    with open(run.metrics, "a") as file:
        file.write("20,5.0")  # a row cut short
    Journal(run, 4).restore(before)
    assert contents(run) == before
    assert caplog.text == ""


def test_tables_begin_anew_where_a_checkpoint_had_none(run):
    write(run, 5)
    first = run.metrics.read_bytes()
    Journal(run, 4).restore({})
    assert not run.metrics.exists()
    write(run, 5)
    assert run.metrics.read_bytes() == first


def test_nothing_is_made_where_nothing_was_written(run):
    Journal(run, 4).restore({})
    assert not any(run.path.iterdir())


DAMAGES = {
    "cut": lambda text: text[:-20],
    "emptied": lambda text: b"",
    "flipped": lambda text: text.replace(b"0.", b"1.", 1).replace(b"one", b"two"),
    "no text": lambda text: b"\xff\xfe" + text,
    "a row taken out": lambda text: b"".join(text.splitlines(keepends=True)[:-1]),
    "removed": None,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["metrics", "speed", "samples"])
def test_a_damaged_file_is_mended_and_named(run, caplog, name, damage):
    write(run, 5)
    write(run, 10)
    saved, path = contents(run), getattr(run, name)
    if DAMAGES[damage]:
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    else:
        path.unlink()
    is_changed = not path.exists() or path.read_bytes() != saved[path.name]
    Journal(run, 4).restore(saved)
    assert contents(run) == saved
    assert (f"{path} is not as the run left it; it is restored from the checkpoint" in caplog.text) == is_changed
    assert is_changed or (name, damage) == ("speed", "flipped")
