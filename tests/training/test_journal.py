import pytest

from seq2seq.model.objectives import TeacherForcing
from seq2seq.tasks.task import Figures, Layout
from seq2seq.tasks.validation import Sample
from seq2seq.training.journal import Journal
from seq2seq.training.run_folder import RunFolder
from seq2seq.training.state import TrainingState, Window
from seq2seq.training.watchers import Validated

TRICKY = str(Sample("one\rtwo\u2028three", "== update 99", ""))
FIGURES = Figures({"loss": 0.3}, (1.0,), "bleu 12.5", "valid loss 0.300  BLEU 12.50", (TRICKY,))


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path, Layout("model", ()))


def journal(run):
    return Journal(run, TeacherForcing())


def write(run, update, window=None, loss=2.0, validated=-1):
    row = {"update": update, "epoch": 1.5, "train_loss": loss, "skipped": 0, "valid_loss": 0.1 + 0.2}
    state = TrainingState(update=update, validated=validated, window=window or Window(sums={"tokens": 10}, updates=2))
    journal(run).interval_over(state, {"update": update, "gradient_norm": 0.5, "skipped": 0})
    journal(run).validated(state, Validated(FIGURES, row, True, 1.5))


def test_a_row_is_written_exactly_and_times_stand_apart(run):
    write(run, 6)
    header, row = run.metrics.read_text().splitlines()
    assert header == "update,epoch,train_loss,skipped,valid_loss"
    assert row == "6,1.5,2.0,0,0.30000000000000004"
    assert run.training.read_text() == "update,gradient_norm,skipped\n6,0.5,0\n"
    assert run.speed.read_text().startswith("update,seconds,")


def test_the_log_has_the_figures_and_samples(run, caplog):
    with caplog.at_level("INFO", "seq2seq"):
        write(run, 6)
    assert TRICKY in caplog.text and "best so far" not in caplog.text  # there is no other yet
    with caplog.at_level("INFO", "seq2seq"):
        write(run, 6, validated=3)
    assert "update 6  epoch 1.50  train loss 2.000  valid loss 0.300  BLEU 12.50 (best so far)" in caplog.text


def test_before_the_first_update_there_is_no_speed(run, caplog):
    with caplog.at_level("INFO", "seq2seq"):
        write(run, 0, Window(), loss="")
    assert "tokens/s" not in caplog.text and "train" not in caplog.text


def contents(run):
    return {path.name: path.read_bytes() for path in (run.training, run.metrics, run.speed, run.samples)}


def test_what_was_written_after_a_checkpoint_goes_without_a_word(run, caplog):
    write(run, 5)
    write(run, 10)
    before = contents(run)
    write(run, 15)
    with open(run.metrics, "a") as file:
        file.write("20,5.0")  # a row cut short
    journal(run).restore(before)
    assert contents(run) == before
    assert caplog.text == ""


def test_tables_begin_anew_where_a_checkpoint_had_none(run):
    write(run, 5)
    first = run.metrics.read_bytes()
    journal(run).restore({})
    assert not run.metrics.exists()
    write(run, 5)
    assert run.metrics.read_bytes() == first


def test_nothing_is_made_where_nothing_was_written(run):
    journal(run).restore({})
    assert not any(run.path.iterdir())


DAMAGES = {
    "cut": lambda text: text[:-20],
    "emptied": lambda text: b"",
    "flipped": lambda text: text.replace(b"0.", b"7.", 1).replace(b"one", b"two"),
    "no text": lambda text: b"\xff\xfe" + text,
    "a row taken out": lambda text: b"".join(text.splitlines(keepends=True)[:-1]),
    "removed": None,
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["training", "metrics", "speed", "samples"])
def test_a_damaged_file_is_mended_and_named(run, caplog, name, damage):
    write(run, 5)
    write(run, 10)
    saved, path = contents(run), getattr(run, name)
    if DAMAGES[damage]:
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    else:
        path.unlink()
    is_changed = not path.exists() or path.read_bytes() != saved[path.name]
    journal(run).restore(saved)
    assert contents(run) == saved
    assert (f"{path} is not as the run left it; it is restored from the checkpoint" in caplog.text) == is_changed
    assert is_changed or (name, damage) == ("speed", "flipped")
