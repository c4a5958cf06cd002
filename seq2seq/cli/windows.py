"""Text as it arrives: which lines are translated together, and whether more are waiting."""

import contextlib
import io
import os
import select
import stat
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from seq2seq.text.lines import count_lines

__all__ = ["count_input_lines", "more_waits", "open_input", "windows"]

_PAUSE = 0.05  # seconds without another byte, after which the lines so far are translated


def open_input(path: Path | None, stack: contextlib.ExitStack) -> tuple[BinaryIO, str]:
    """The text to translate, and its name for messages; standard input for None. `stack` closes the file.

    An array of NumPy (.npy) is read as lines of numbers, one for each vector.
    """
    if path is None:
        return sys.stdin.buffer, "standard input"
    if path.suffix == ".npy":
        from seq2seq.text.features import npy_lines  # loads NumPy: only here

        file = stack.enter_context(tempfile.TemporaryFile())
        file.writelines(f"{line}\n".encode() for line in npy_lines(path))
        file.seek(0)
        return file, str(path)
    return stack.enter_context(open(path, "rb")), str(path)


def count_input_lines(file: BinaryIO, name: str) -> int | None:
    """The number of lines of a regular file, whose format is checked; None for a stream that can be read only once."""
    if not _is_regular(file):
        return None
    start = file.tell()
    count = count_lines(file, name)
    file.seek(start)
    return count


def windows(arriving: Iterable[list[str]], size: int, more_waits: Callable[[], bool]) -> Iterator[list[str]]:
    """Lines to translate together: at most `size`, and fewer when no more are waiting.

    Args:
        arriving: lines, as they arrive. Lines before an error are given before it is raised.
        size: most lines of a window.
        more_waits: whether the next lines, or the end, can be read without waiting.
    """
    window = []
    try:
        for lines in arriving:
            for line in lines:
                window.append(line)
                if len(window) == size:
                    yield window
                    window = []
            if window and not more_waits():
                yield window
                window = []
    except (ValueError, OSError):
        if window:
            yield window
        raise
    if window:
        yield window


def more_waits(file: BinaryIO) -> bool:
    """Whether more text, or the end, can be read from a stream now or within `_PAUSE`."""
    try:
        return bool(select.select([file], [], [], _PAUSE)[0])
    except io.UnsupportedOperation:  # a stream in memory never waits
        return True
    except OSError:  # on Windows `select` takes only sockets
        return False


def _is_regular(file: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    except io.UnsupportedOperation:  # a stream in memory
        return False
