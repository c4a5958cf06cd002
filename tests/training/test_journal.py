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


def test_cutting_back_leaves_the_bytes_of_the_earlier_update(run):
    files = (run.metrics, run.speed, run.samples)
    write(run, 5)
    write(run, 10)
    before = [path.read_bytes() for path in files]
    write(run, 15)
    with open(run.metrics, "a") as file:
        file.write("20,5.0")
    Journal(run, 4).cut_back(10)
    assert [path.read_bytes() for path in files] == before


def test_cutting_back_to_nothing_begins_the_tables_anew(run):
    write(run, 5)
    first = run.metrics.read_bytes()
    Journal(run, 4).cut_back(-1)
    assert not run.metrics.exists()
    write(run, 5)
    assert run.metrics.read_bytes() == first


def test_cutting_back_where_nothing_was_written(run):
    Journal(run, 4).cut_back(0)
    assert not any(run.path.iterdir())
