"""`seq2seq translate` on a terminal, with a translator that only shouts."""

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")  # not on Windows

SUPPORT = Path(__file__).parents[1] / "support"
CODE = f"""
import fcntl, sys, termios
fcntl.ioctl(2, termios.TIOCSCTTY, 0)  # Ctrl-C reaches this process
sys.path.insert(0, {str(SUPPORT)!r})
import seq2seq.translator
from seq2seq.cli import run, translate
from shouting import Shouter
Shouter.languages = ("en\\x1b", "de")
seq2seq.translator.Translator = Shouter
raise SystemExit(run(translate.main, ["RUN", *sys.argv[1:]]))
"""
GREETING = "RUN (en? to de). Type a line and press Enter to translate it; Ctrl-D ends the program."


@pytest.fixture
def on_terminal(tmp_path):
    """Runs `seq2seq translate RUN` and types texts, each after another one is shown. Gives the status and the lines."""
    (tmp_path / "RUN").touch()

    def talk(*typed, options=(), redirect="", pause=0):
        keyboard, terminal = pty.openpty()
        command = ["sh", "-c", f'exec "$@" {redirect}', "sh", sys.executable, "-c", CODE, *options]
        streams = {"stdin": terminal, "stdout": terminal, "stderr": terminal, "start_new_session": True}
        with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "TERM": "dumb"}, **streams) as process:
            os.close(terminal)
            shown = b""
            try:
                for awaited, text in typed:
                    shown += seen(keyboard, awaited.encode())
                    time.sleep(pause)
                    os.write(keyboard, text if isinstance(text, bytes) else text.encode())
                shown += seen(keyboard, None)
            except BaseException:
                process.kill()
                raise
        os.close(keyboard)
        return process.returncode, shown.decode(errors="replace").replace("\r", "").split("\n")

    return talk


def seen(keyboard, awaited):
    """What the terminal shows until `awaited`; to the end for None."""
    shown = b""
    while awaited is None or awaited not in shown:
        assert select.select([keyboard], [], [], 60)[0], f"nothing after {shown!r}"
        try:
            block = os.read(keyboard, 4096)
        except OSError:  # Linux, when the program has ended
            break
        if not block:
            break
        shown += block
    return shown


def test_a_dialogue_ends_by_ctrl_d(on_terminal):
    status, shown = on_terminal(("> ", "für\n"), ("> ", "\n"), ("> ", "b\x7fja\n"), ("> ", "\x04"))
    assert status == 0
    assert shown[:5] == [GREETING, "> für", "FÜR", "> ", ""]
    assert shown[-3:] == ["JA", "> ", ""]  # the shell begins on a fresh line


def test_a_dialogue_ends_by_ctrl_c(on_terminal):
    # Python's readline misses a Ctrl-C in the very moment before it waits for a key.
    status, shown = on_terminal(("> ", "ja\n"), ("> ", "ne"), ("ne", "\x03"), pause=0.2)
    assert status == 130
    assert shown[:3] == [GREETING, "> ja", "JA"]
    assert shown[-2].startswith("> ne") and shown[-1] == ""


def test_a_long_line_is_cut_with_a_warning(on_terminal):
    _, shown = on_terminal(("> ", "ja für\n"), ("> ", "\x04"), options=["--max-line-bytes", "5"])
    assert shown[2].endswith(
        "standard input:1 is longer than 5 bytes: the rest of such lines is left out (--max-line-bytes sets the limit)."
    )
    assert shown[3] == "JA F"  # ü has two bytes


def test_strict_refuses_invalid_utf8(on_terminal):
    status, shown = on_terminal(("> ", "ja\n"), ("> ", b"f\xff\xffr\n"), options=["--strict"])
    assert status == 2
    assert shown[-2] == (
        "error: Line 2 is not valid UTF-8 (its byte 2 is 0xff). Set the terminal to UTF-8, or leave --strict out."
    )


def test_a_pipe_or_file_gets_no_greeting(on_terminal, tmp_path):
    assert on_terminal(redirect="< /dev/null") == (0, [""])
    assert on_terminal(("", "ja\n\x04"), redirect="> out.txt") == (0, ["ja", ""])
    assert (tmp_path / "out.txt").read_text() == "JA\n"
