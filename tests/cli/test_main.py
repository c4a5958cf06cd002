"""The console script and what it makes of errors."""

import io
import logging
import runpy
import subprocess
import sys

import pytest

from seq2seq import __version__
from seq2seq.cli import main as console
from seq2seq.cli import run


def raising(error):
    def main(argv):
        raise error

    return main


def test_help_names_every_command(capsys):
    assert console.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in ("translate", "score", "evaluate", "finetune", "shortlist"))


def test_no_command_is_an_error_that_shows_the_help(capsys):
    assert console.main([]) == 2
    assert "usage: seq2seq COMMAND" in capsys.readouterr().out


def test_version(capsys):
    assert console.main(["--version"]) == 0
    assert capsys.readouterr().out == f"seq2seq {__version__}\n"


def test_the_package_is_a_command_too(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["seq2seq", "nonsense"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module("seq2seq", run_name="__main__")
    assert left.value.code == 2 and capsys.readouterr().err.startswith("error: there is no command `nonsense`.")


def test_an_unknown_command_names_the_nearest():
    with pytest.raises(ValueError, match="no command `transalte`. Did you mean `translate`"):
        console.main(["transalte"])
    with pytest.raises(ValueError, match="The commands are translate, score, evaluate, "):
        console.main(["xyz"])


def test_arguments_reach_the_command(monkeypatch):
    received = []
    module = type("Module", (), {"main": staticmethod(lambda argv: received.append(argv) or 7)})
    monkeypatch.setattr(console.importlib, "import_module", lambda name: received.append(name) or module)
    assert console.main(["score", "--json", "x"]) == 7
    assert received == ["seq2seq.cli.score", ["--json", "x"]]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("a.de:3 has no partner"), "error: a.de:3 has no partner\n"),
        (
            FileNotFoundError(2, "No such file or directory", "a.de"),
            "error: a.de: No such file or directory\n",
        ),
        (OSError("disk on fire"), "error: disk on fire\n"),
        (ValueError(), "error: ValueError\n"),
    ],
)
def test_refused_input_is_one_line_and_status_2(capsys, error, message):
    assert run(raising(error)) == 2
    assert capsys.readouterr().err == message


def test_a_traceback_comes_when_asked_for(monkeypatch):
    monkeypatch.setenv("SEQ2SEQ_TRACEBACK", "1")
    with pytest.raises(ValueError, match="inside"):
        run(raising(ValueError("inside")))


@pytest.mark.parametrize("error", [TypeError("a bug"), ModuleNotFoundError("No module named 'x'", name="x")])
def test_bugs_keep_their_traceback(error):
    with pytest.raises(type(error)):
        run(raising(error))


@pytest.mark.parametrize(("name", "remedy"), [("keras", "seq2seq-keras"), ("onnx", "onnx")])
def test_a_missing_optional_package_is_named_with_the_remedy(capsys, name, remedy):
    assert run(raising(ModuleNotFoundError(f"No module named {name!r}", name=name))) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: this needs the package {name}, which is not installed: pip install {remedy}. ")


def test_a_warning_is_one_line_that_begins_with_warning():
    """As in `score`; in training the console and log.txt have their own form."""
    assert run(lambda argv: 0) == 0
    record = logging.makeLogRecord({"levelno": logging.WARNING, "msg": "text.en:3 is longer than 9 bytes"})
    assert logging.lastResort.format(record) == "warning: text.en:3 is longer than 9 bytes"


def test_ctrl_c_is_status_130(capsys):
    assert run(raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_streams_use_utf8_whatever_the_locale(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert run(lambda argv: print("Mädchen") or 0) == 0
    assert written.getvalue() == "Mädchen\n".encode()


PRINT_FOREVER = """
from seq2seq.cli import run
def main(argv):
    while True:
        print("line")
raise SystemExit(run(main))
"""


def test_a_reader_that_goes_away_is_no_error():
    process = subprocess.Popen([sys.executable, "-c", PRINT_FOREVER], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
