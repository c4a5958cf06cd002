"""Commands whose standard streams are closed, full, or lose their reader."""

import os
import signal
import subprocess
import sys

import pytest

from seq2seq.cli import run

PRINT = "from seq2seq.cli import run\nraise SystemExit(run(lambda argv: print('line ' * 10) or 0{}))"
READ = "import sys\nfrom seq2seq.cli import run\nraise SystemExit(run(lambda argv: len(sys.stdin.buffer.read())))"
OPEN = "from seq2seq.cli import run\nraise SystemExit(run(lambda argv: open({!r}, 'wb').fileno()))"
LASTING = ", lasting=True"


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
def test_a_lasting_command_goes_on_in_silence(redirections):
    assert shell(PRINT.format(LASTING), redirections) == (0, "")


def test_no_file_takes_the_number_of_a_closed_stream(tmp_path):
    """A file that a command opens as number 1 would be mixed with all that is printed."""
    status, _ = shell(OPEN.format(str(tmp_path / "file")), "<&- >&- 2>&-")
    assert status > 2


def test_a_lasting_command_outlives_its_reader():
    code = f"""
from seq2seq.cli import run
def main(argv):
    for number in range(20_000):
        print("line", flush=True)
    return 7
raise SystemExit(run(main{LASTING}))
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


def test_a_signal_that_was_ignored_stays_ignored():
    """As `nohup` has it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert run(lambda argv: os.kill(os.getpid(), signal.SIGHUP) or 0) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_want_of_memory_is_one_line(capsys):
    def main(argv):
        raise MemoryError("Unable to allocate 3 TiB")

    assert run(main) == 2
    assert capsys.readouterr().err == "error: there is not enough memory (Unable to allocate 3 TiB)\n"
