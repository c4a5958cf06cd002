"""Lines of text: of a file, checked once and read from disk when needed, and of a stream."""

import bisect
import hashlib
import logging
import mmap
import os
import tempfile
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from seq2seq.ranges import check_ranges
from seq2seq.text.files import naming, naming_tmpdir
from seq2seq.text.packed import text_blocks

MAX_LINE_BYTES = 1_000_000  # default limit of a line; a longer one is no sentence, and would take much memory
LINE_BYTES = (4, 10**9)  # range of that limit; a character has at most 4 bytes

_BLOCK = 1 << 24  # most bytes checked at a time
_MOST_LINES = 10_000  # most lines checked at a time
_BOM = b"\xef\xbb\xbf"

_logger = logging.getLogger("seq2seq")


class LineFile(Sequence[str]):
    """The lines of a UTF-8 file. Memory does not grow with the file: text and line index stay on disk.

    Lines end at "\\n" only, never at a form feed or U+2028. A "\\r" before it and a byte order mark at the beginning of
    the file are no text. Slices give lists.

    Args:
        path: a plain text file.
        shown: the file's name in messages, if the user knows it by another name than `path`.
        folder: folder of the line index; by default the system's folder for temporary files.
        max_line_bytes: longer lines are cut there, with one warning for the file; at least 4.

    Raises:
        ValueError: the file is empty, is not valid UTF-8, or ends its lines by carriage returns alone.
    """

    def __init__(
        self,
        path: str | os.PathLike,
        *,
        shown: str | os.PathLike | None = None,
        folder: str | os.PathLike | None = None,
        max_line_bytes: int = MAX_LINE_BYTES,
    ) -> None:
        _check_limit(max_line_bytes)
        self.path, self.shown, self.max_line_bytes = Path(path), str(shown or path), max_line_bytes
        size = self.path.stat().st_size
        with open(self.path, "rb") as file:
            begin = len(_BOM) if file.read(len(_BOM)) == _BOM else 0
            if size == begin:
                raise ValueError(f"{self.shown} is empty. Expected UTF-8 text, one sentence a line.")
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        # A temporary file without a name goes even if the process is killed.
        with naming(folder) if folder else naming_tmpdir(), tempfile.TemporaryFile(dir=folder) as index:
            self._write_starts(begin, size, index)
            self._starts = np.asarray(np.memmap(index, np.int64, mode="r"))  # (lines + 1,)
        self._long_lines: list[int] = []
        self.fingerprint: str = self._check()

    def _write_starts(self, begin: int, size: int, index: BinaryIO) -> None:
        """Writes to `index` the place where each line begins, and the place after the last line."""
        index.write(np.int64(begin).tobytes())
        for start in range(begin, size, _BLOCK):
            block = np.frombuffer(self._bytes[start : start + _BLOCK], np.uint8)
            index.write((start + 1 + np.flatnonzero(block == ord("\n"))).astype(np.int64).tobytes())
        if self._bytes[size - 1] != ord("\n"):
            index.write(np.int64(size + 1).tobytes())  # as if the last line had ended
        index.flush()

    def _check(self) -> str:
        """Checks the text and finds the lines that are too long. Returns the sha256 of the text."""
        digest = hashlib.sha256()
        for start, stop in self._windows():
            lengths = np.diff(self._starts[start : stop + 1]) - 1
            self._long_lines += (start + np.flatnonzero(lengths > self.max_line_bytes)).tolist()
            block = self._text(start, stop)
            try:
                block.decode("utf-8")
            except UnicodeDecodeError as error:
                number = start + block.count(b"\n", 0, error.start) + 1
                raise ValueError(
                    f"{self.shown}:{number} is not valid UTF-8 (byte 0x{block[error.start]:02x}). "
                    "Convert the file (for example `iconv -f latin1 -t utf-8`) or remove the line."
                ) from error
            digest.update((block + b"\n").replace(b"\r\n", b"\n"))
        if len(self) == 1 and self._bytes[-1:] != b"\n":
            check_line_ends(block, self.shown)
        if self._long_lines:
            _logger.warning(cut_in_words(self.shown, self._long_lines[0] + 1, self.max_line_bytes))
        return digest.hexdigest()

    def _windows(self) -> Iterator[tuple[int, int]]:
        """Ranges of lines (first, last + 1) of about `_BLOCK` bytes at most."""
        start = 0
        while start < len(self):
            stop = int(np.searchsorted(self._starts, self._starts[start] + _BLOCK, "right")) - 1
            stop = min(max(stop, start + 1), start + _MOST_LINES)
            yield start, stop
            start = stop

    def _text(self, start: int, stop: int) -> bytes:
        """The bytes of these lines, without the last line end, cut where they are too long."""
        if bisect.bisect_left(self._long_lines, start) == bisect.bisect_left(self._long_lines, stop):
            return self._bytes[self._starts[start] : self._starts[stop] - 1]
        pairs = zip(self._starts[start:stop].tolist(), self._starts[start + 1 : stop + 1].tolist(), strict=True)
        # One more byte, to see whether a character goes on after the limit.
        lines = (self._bytes[first : min(end - 1, first + self.max_line_bytes + 1)] for first, end in pairs)
        return b"\n".join(cut_line(line, self.max_line_bytes) for line in lines)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return [self[i] for i in range(start, stop, step)]
            return self._between(start, stop) if start < stop else []
        if not -len(self) <= index < len(self):
            raise IndexError(f"{self.shown} has {len(self)} lines; there is no line with index {index}.")
        index = index % len(self)
        return self._between(index, index + 1)[0]

    def __iter__(self) -> Iterator[str]:
        for start, stop in self._windows():
            yield from self._between(start, stop)

    def _between(self, start: int, stop: int) -> list[str]:
        return [line.removesuffix("\r") for line in self._text(start, stop).decode("utf-8").split("\n")]

    def __repr__(self) -> str:
        return f"<LineFile {self.shown}, {len(self)} lines>"


def fingerprint(lines: Sequence[str]) -> str:
    """sha256 of lines in memory, equal to that of a file that holds them."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode("utf-8"))
        digest.update(b"\n")
    return digest.hexdigest()


def text_lines(
    file: BinaryIO,
    name: str | os.PathLike,
    *,
    max_line_bytes: int = MAX_LINE_BYTES,
    strict: bool = True,
    warn: Callable[[str], object] = _logger.warning,
) -> Iterator[list[str]]:
    """The lines of a stream, plain or packed. They end where those of `LineFile` end.

    Args:
        file: opened for reading, buffered; may be a pipe.
        name: of the stream, for messages.
        max_line_bytes: longer lines are cut there, with one warning; at least 4.
        strict: refuse invalid UTF-8. Otherwise it is read as U+FFFD, with a warning for each line.
        warn: takes the messages about lines that are changed.

    Yields:
        After each block of the stream, the lines that it completes; may be none.

    Raises:
        ValueError: no text, a damaged file, or invalid UTF-8. The lines before it are yielded first.
    """
    _check_limit(max_line_bytes)
    num_lines, is_cut = 0, False
    for raw_lines in _raw_lines(text_blocks(file, name), name, max_line_bytes):
        lines = []
        for number, raw in enumerate(raw_lines, start=num_lines + 1):
            if len(raw) > max_line_bytes:
                raw = cut_line(raw, max_line_bytes)
                if not is_cut:
                    warn(cut_in_words(name, number, max_line_bytes))
                is_cut = True
            try:
                lines.append(raw.removesuffix(b"\r").decode("utf-8"))
            except UnicodeDecodeError as error:
                what = f"{name}:{number} is not valid UTF-8 (its byte {error.start + 1} is {raw[error.start]:#04x})"
                if strict:
                    yield lines
                    raise ValueError(
                        f"{what}. Convert the text, for example with `iconv -f latin1 -t utf-8`."
                    ) from error
                warn(f"{what}; read as U+FFFD")
                lines.append(raw.removesuffix(b"\r").decode("utf-8", errors="replace"))
        num_lines += len(lines)
        yield lines


def _raw_lines(blocks: Iterable[bytes], name: str | os.PathLike, max_line_bytes: int) -> Iterator[list[bytes]]:
    """The lines that each block completes. Of a line over the limit only a part is kept, which is over it too."""
    has_begun, has_ended, held = False, False, bytearray()
    for block in blocks:
        if not has_begun:  # the first block holds the byte order mark as a whole
            block, has_begun = block.removeprefix(_BOM), True
        first, *others = block.split(b"\n")
        if len(held) <= max_line_bytes:
            held += first
        lines = []
        if others:
            lines, has_ended, held = [bytes(held), *others[:-1]], True, bytearray(others[-1])
        yield lines
    if held:
        if not has_ended:
            check_line_ends(held, name)
        yield [bytes(held)]


def count_lines(file: BinaryIO, name: str | os.PathLike) -> int:
    """The number of lines of a stream, plain or packed. Its format is checked; whether it is UTF-8, is not."""
    return sum(len(lines) for lines in _raw_lines(text_blocks(file, name), name, MAX_LINE_BYTES))


def cut_line(line: bytes, limit: int) -> bytes:
    """The first `limit` bytes of a line, or a few less, so that no character is cut."""
    if len(line) <= limit:
        return line
    # In UTF-8, bytes 0b10...... continue a character, and a character has at most three of them.
    return line[: next((end for end in range(limit, limit - 4, -1) if line[end] & 0xC0 != 0x80), limit)]


def cut_in_words(name: str | os.PathLike, number: int, limit: int) -> str:
    """The warning about lines that are too long; `number` is that of the first one."""
    return (
        f"{name}:{number} is longer than {limit:,} bytes: the rest of such lines is left out (--max-line-bytes sets "
        "the limit)."
    )


def check_line_ends(line: bytes, name: str | os.PathLike) -> None:
    """Refuses a text that has carriage returns and no line feed."""
    if b"\r" in line[:-1]:
        raise ValueError(
            f"{name} ends its lines by carriage returns, and has no line feed. Convert it: `tr '\\r' '\\n'`."
        )


def _check_limit(max_line_bytes: int) -> None:
    check_ranges(types.SimpleNamespace(max_line_bytes=max_line_bytes), {"max_line_bytes": LINE_BYTES})
