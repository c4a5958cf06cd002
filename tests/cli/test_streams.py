"""Commands whose standard streams are closed, full, or lose their reader."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from seq2seq.cli import run
from seq2seq.text.files import written_beside

PRINT = "from seq2seq.cli import run\nraise SystemExit(run(lambda argv: print('line ' * 10) or 0{}))"
READ = "import sys\nfrom seq2seq.cli import run\nraise SystemExit(run(lambda argv: len(sys.stdin.buffer.read())))"
OPEN = "from seq2seq.cli import run\nraise SystemExit(run(lambda argv: open({!r}, 'wb').fileno()))"
IGNORING = ", ignores_lost_output=True"


def shell(code, redirections):
    """Status and standard error of Python code with redirections of a shell."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(["sh", "-c", f'exec "$@" {redirections}', "sh", *command], capture_output=True, text=True)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("code", "redirections", "message"),
    [
        (PRINT.format(""), ">&-", "error: standard output: Bad file descriptor\n"),
        (PRINT.format(""), "> /dev/full", "error: standard output: No space left on device\n"),
        (READ, "<&-", "error: standard input: it is closed\n"),
        (READ, "<&- >&-", "error: standard input: it is closed\n"),
        (READ, "<&- 2>&-", ""),
    ],
)
def test_a_closed_or_full_stream_is_one_line(code, redirections, message):
    assert shell(code, redirections) == (2, message)


@pytest.mark.parametrize("redirections", [">&-", "> /dev/full", ">&- 2>&-"])
def test_a_command_that_ignores_lost_output_goes_on_in_silence(redirections):
    assert shell(PRINT.format(IGNORING), redirections) == (0, "")


def test_no_file_takes_the_number_of_a_closed_stream(tmp_path):
    """A file that a command opens as number 1 would be mixed with all that is printed."""
    status, _ = shell(OPEN.format(str(tmp_path / "file")), "<&- >&- 2>&-")
    assert status > 2


def test_a_command_that_ignores_lost_output_outlives_its_reader():
    code = f"""
from seq2seq.cli import run
def main(argv):
    for number in range(20_000):
        print("line", flush=True)
    return 7
raise SystemExit(run(main{IGNORING}))
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 7


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_leaves_in_order(name):
    tidied = []

    def main(argv):
        try:
            os.kill(os.getpid(), signal.Signals[name])
        finally:
            tidied.append(name)

    with pytest.raises(SystemExit) as left:
        run(main)
    assert (left.value.code, tidied) == (128 + signal.Signals[name], [name])
    assert signal.getsignal(signal.Signals[name]) == signal.SIG_DFL


@pytest.mark.parametrize(
    "first, others", [("SIGTERM", ["SIGHUP"]), ("SIGHUP", ["SIGTERM"]), ("SIGINT", ["SIGINT"] * 2)]
)
def test_signals_that_follow_at_once_do_not_cut_off_the_clean_up(tmp_path, first, others):
    """A logout sends SIGTERM and SIGHUP together; Ctrl-C is often pressed twice."""

    def main(argv):
        with written_beside(tmp_path / "out.de") as beside:
            unlink = Path.unlink

            def slow_unlink(path, **options):
                for name in others:
                    os.kill(os.getpid(), signal.Signals[name])
                unlink(path, **options)

            monkeypatch.setattr(Path, "unlink", slow_unlink)
            beside.write_text("half")
            os.kill(os.getpid(), signal.Signals[first])

    with pytest.MonkeyPatch.context() as monkeypatch:
        try:
            status = run(main)
        except SystemExit as left:
            status = left.code
    assert status == 128 + signal.Signals[first]
    assert list(tmp_path.iterdir()) == []


def test_a_later_signal_leaves_at_once(monkeypatch):
    """What hangs in its clean-up can be ended."""
    monkeypatch.setattr("seq2seq.cli.ONE_EVENT", 0.0)
    tidied = []

    def main(argv):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            os.kill(os.getpid(), signal.SIGHUP)
            tidied.append(True)

    with pytest.raises(SystemExit) as left:
        run(main)
    assert (left.value.code, tidied) == (128 + signal.SIGHUP, [])


def test_a_signal_that_was_ignored_stays_ignored():
    """As `nohup` has it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert run(lambda argv: os.kill(os.getpid(), signal.SIGHUP) or 0) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_too_little_memory_is_one_line(capsys):
    def main(argv):
        raise MemoryError("Unable to allocate 3 TiB")

    assert run(main) == 2
    assert capsys.readouterr().err == "error: there is not enough memory (Unable to allocate 3 TiB)\n"
