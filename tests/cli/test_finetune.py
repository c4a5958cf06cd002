"""`seq2seq finetune`: the options that reach the library, and an error of it."""

from pathlib import Path

import pytest

from seq2seq.cli import finetune, run

ARGUMENTS = ["RUN", "--run-dir", "NEW", "--train.source", "a.en", "--train.target", "a.de"]


@pytest.fixture
def received(monkeypatch):
    """The options with which the library is called."""
    calls = []
    monkeypatch.setattr(finetune, "finetune", calls.append)
    return calls


def test_options_reach_the_library(received):
    tests = ["--test.source", "t.en", "u.en", "--test.target", "t.de", "u.de"]
    others = ["--optimizer.learning-rate", "0.1", "--import", "a.py", "--import", "b"]
    assert finetune.main([*ARGUMENTS, *tests, *others]) == 0
    (options,) = received
    assert (options.parent, options.run_dir) == (Path("RUN"), Path("NEW"))
    assert options.train.source == Path("a.en") and options.valid.source is None
    assert options.test.source == (Path("t.en"), Path("u.en")) and options.optimizer.learning_rate == 0.1
    assert options.imports == ("a.py", "b")


def test_a_missing_file_is_one_message(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("SEQ2SEQ_TRACEBACK", raising=False)
    monkeypatch.chdir(tmp_path)
    assert run(finetune.main, ARGUMENTS) == 2
    assert capsys.readouterr().err.startswith("error: There is no file a.en.")
