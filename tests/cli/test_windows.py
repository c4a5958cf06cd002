"""Text as it arrives."""

import contextlib
import io
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from seq2seq.cli.windows import count_input_lines, more_waits, open_input, windows


@pytest.mark.parametrize(
    ("arriving", "waits", "expected"),
    [
        ([["a"], ["b"], ["c"]], [False, False, False], [["a"], ["b"], ["c"]]),
        ([["a"], ["b"], ["c"]], [True, False, True], [["a", "b"], ["c"]]),
        ([["a"], [], ["b"]], [True, False, True], [["a"], ["b"]]),  # half a line has come
        ([list("abcdefg"), ["h"]], [True, True], [["a", "b", "c"], ["d", "e", "f"], ["g", "h"]]),
        ([list("abc"), ["d"]], [True], [["a", "b", "c"], ["d"]]),  # nothing is asked while nothing is held
        ([], [], []),
    ],
)
def test_a_window_ends_when_it_is_full_or_no_more_is_waiting(arriving, waits, expected):
    waits = iter(waits)
    assert list(windows(arriving, 3, lambda: next(waits, True))) == expected


def test_lines_before_an_error_are_given_before_it_is_raised():
    def arriving():
        yield ["a", "b", "c"]
        raise ValueError("damaged")

    found = windows(arriving(), 2, lambda: True)
    assert [next(found), next(found)] == [["a", "b"], ["c"]]
    with pytest.raises(ValueError, match="damaged"):
        next(found)


def test_the_lines_of_a_file_are_counted_and_those_of_a_stream_are_not(tmp_path, given):
    (tmp_path / "text").write_bytes(b"a\nb\nc")
    with contextlib.ExitStack() as stack:
        file, name = open_input(tmp_path / "text", stack)
        assert name == str(tmp_path / "text") and count_input_lines(file, name) == 3
        assert file.read() == b"a\nb\nc"  # from the beginning
    given(b"a\n")
    file, name = open_input(None, stack)
    assert name == "standard input" and count_input_lines(file, name) is None


def test_a_pipe_waits_for_its_writer():
    reader, writer = os.pipe()
    with open(reader, "rb") as file:
        assert not more_waits(file)
        os.write(writer, b"a")
        assert more_waits(file) and file.read(1) == b"a"
        os.close(writer)
        assert more_waits(file)  # the end
    assert more_waits(io.BytesIO())


def test_a_slow_writer_is_answered_line_by_line_and_interrupted_at_once(shouter):
    """Through real pipes: each line is written when the one before it has been answered; then comes Ctrl-C."""
    tests = Path(__file__).parents[1]
    code = f"""if True:
        import sys
        sys.path[:0] = {[str(tests.parent), str(tests / "support")]!r}
        import seq2seq.translator, shouting
        from seq2seq.cli import run, translate
        seq2seq.translator.Translator = shouting.Shouter
        sys.exit(run(translate.main, ["RUN"]))"""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], bufsize=0, **streams) as process:
        for line, answer in ((b"ja\n", b"JA\n"), (b"\n", b"\n"), (b"ja\nnein\n", b"JA\nNEIN\n")):
            process.stdin.write(line[:1])
            process.stdin.write(line[1:])
            found = b""
            while len(found) < len(answer):
                assert select.select([process.stdout], [], [], 60)[0], "no answer"
                found += os.read(process.stdout.fileno(), 100)
            assert found == answer
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"interrupted\n")
