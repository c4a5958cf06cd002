"""The standard streams, including those that are closed or full, or whose reader is gone."""

import errno
import io
import os
import sys
from typing import Any, NoReturn, TextIO

__all__ = ["StandardOutput", "open_streams", "silence"]


def open_streams() -> None:
    """Makes the standard streams use UTF-8 whatever the locale, and replaces closed ones.

    Python has None for a closed stream, `print` writes nothing, and the next file that is opened would take the free
    descriptor. So the null device takes it: using standard input or output is then an error, and what is written to
    standard error is lost.
    """
    for descriptor, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):  # 1: writing is an error
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest free descriptor, which is this one
    if sys.stdin is None:
        sys.stdin = ClosedInput()
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=stream.errors)


def silence(stream: TextIO) -> None:
    """Lets a failed stream write to the null device from now on, because Python flushes it once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class ClosedInput(io.TextIOBase):
    """Standard input that was closed before the command began. Reading it is an error that names it."""

    @property
    def buffer(self) -> NoReturn:
        raise OSError(errno.EBADF, "it is closed", "standard input")

    def fileno(self) -> NoReturn:
        return self.buffer


class StandardOutput:
    """Standard output whose errors name it.

    Args:
        stream: what is written to.
        ignores_lost_output: ignore errors. If the terminal or the reader of a pipe is gone, or the disk is full, the
            command goes on without output.
    """

    def __init__(self, stream: TextIO, *, ignores_lost_output: bool = False):
        self._stream = stream
        self._ignores_lost_output = ignores_lost_output

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            self._failed(error)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._failed(error)

    def _failed(self, error: OSError) -> None:
        silence(self._stream)
        if not self._ignores_lost_output:
            error.filename = "standard output"
            raise error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
