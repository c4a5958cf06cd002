"""`seq2seq finetune`: the options that reach the library, and what is refused before TensorFlow is loaded."""

import subprocess
import sys
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
    assert finetune.main([*ARGUMENTS, *tests, "--optimizer.learning-rate", "0.1", "--max-updates", "7"]) == 0
    (options,) = received
    assert (options.parent, options.run_dir) == (Path("RUN"), Path("NEW"))
    assert options.train.source == Path("a.en") and options.valid.source is None
    assert options.test.source == (Path("t.en"), Path("u.en")) and options.optimizer.learning_rate == 0.1
    assert options.max_updates == 7


def test_an_unknown_option_names_the_nearest(received, capsys):
    with pytest.raises(SystemExit, match="2"):
        finetune.main([*ARGUMENTS, "--optimizer.lerning-rate", "3"])
    shown = capsys.readouterr().err
    assert (
        "--optimizer.lerning-rate" in shown
        and "--optimizer.learning-rate FLOAT" in shown
        and "seq2seq finetune --help" in shown
    )
    assert not received


def test_model_and_new_folder_have_to_be_given(received, capsys):
    with pytest.raises(SystemExit, match="2"):
        finetune.main([])
    shown = capsys.readouterr().err
    assert "Run folder or .keras file" in shown and "--run-dir PATH" in shown and not received


def test_a_value_out_of_range_is_refused(received, capsys):
    with pytest.raises(SystemExit, match="2"):
        finetune.main([*ARGUMENTS, "--data.batch-tokens", "0"])
    assert "--data.batch-tokens is 0; it has to be between 1 and" in " ".join(capsys.readouterr().err.split())
    assert not received


def test_a_missing_file_is_one_message(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("SEQ2SEQ_TRACEBACK", raising=False)
    monkeypatch.chdir(tmp_path)
    assert run(finetune.main, ARGUMENTS) == 2
    assert capsys.readouterr().err.startswith("error: There is no file a.en.")


def test_help_and_wrong_files_load_no_tensorflow():
    code = (
        "import sys\n"
        "from seq2seq.cli import finetune, run\n"
        f"assert run(finetune.main, {ARGUMENTS}) == 2\n"
        "try:\n    finetune.main(['--help'])\n"
        "finally:\n    print('tensorflow' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert shown.returncode == 0 and shown.stdout.endswith("False\n"), shown.stderr
    assert "Continue training a finished model" in shown.stdout and "--train.source" in shown.stdout
