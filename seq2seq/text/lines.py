"""Text files as sequences of lines: checked once, then read from where they lie on disk."""

import contextlib
import gzip
import hashlib
import mmap
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from seq2seq.text.files import written_beside

_BLOCK = 1 << 24  # bytes checked at a time
_BOM = b"\xef\xbb\xbf"
_GZIP_MAGIC = b"\x1f\x8b"


class LineFile(Sequence):
    """The lines of a UTF-8 file. Memory does not grow with the file: text and line index stay on disk.

    Lines end at "\\n" only, never at a form feed or U+2028; a "\\r" before it and a byte order mark at the
    beginning of the file do not belong to the text. Slices give lists.

    Args:
        path: a plain text file.
        shown: the name for error messages, where it is not `path` that the user knows.

    Raises:
        FileNotFoundError, ValueError: no such file, an empty one, or one with invalid UTF-8.
    """

    def __init__(self, path: str | os.PathLike, *, shown: str | os.PathLike | None = None):
        self.path, self.shown = Path(path), str(shown or path)
        check_is_file(self.path)
        size = self.path.stat().st_size
        with open(self.path, "rb") as file:
            begin = len(_BOM) if file.read(len(_BOM)) == _BOM else 0
            if size == begin:
                raise ValueError(f"{self.shown} is empty. Expected UTF-8 text, one sentence a line.")
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        # A file without a name goes away by itself, even when the process is killed.
        with tempfile.TemporaryFile() as index:
            self.fingerprint: str = self._check(begin, size, index)
            self._starts = np.asarray(np.memmap(index, np.int64, mode="r"))  # (lines + 1,)

    def _check(self, begin: int, size: int, index) -> str:
        """Writes where each line begins (and the last ends) to `index`; returns the sha256 of the text."""
        digest, num_lines = hashlib.sha256(), 0
        index.write(np.int64(begin).tobytes())
        while begin < size:
            end = self._bytes.find(b"\n", min(begin + _BLOCK, size) - 1) + 1 or size
            block = self._bytes[begin:end]
            try:
                block.decode("utf-8")
            except UnicodeDecodeError as error:
                number = num_lines + block.count(b"\n", 0, error.start) + 1
                raise ValueError(
                    f"{self.shown}:{number} is not valid UTF-8 (byte 0x{block[error.start]:02x}). "
                    "Convert the file (for example `iconv -f latin1 -t utf-8`) or remove the line."
                ) from error
            if not block.endswith(b"\n"):
                block += b"\n"  # as if the last line had ended
            starts = begin + 1 + np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))
            index.write(starts.astype(np.int64).tobytes())
            digest.update(block.replace(b"\r\n", b"\n"))
            num_lines, begin = num_lines + len(starts), end
        index.flush()
        return digest.hexdigest()

    def __len__(self):
        return len(self._starts) - 1

    def __getitem__(self, index):
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
        for start in range(0, len(self), 10_000):
            yield from self[start : start + 10_000]

    def _between(self, start: int, stop: int) -> list[str]:
        text = self._bytes[self._starts[start] : self._starts[stop] - 1].decode("utf-8")
        return [line.removesuffix("\r") for line in text.split("\n")]

    def __repr__(self):
        return f"<LineFile {self.shown}, {len(self)} lines>"


def fingerprint(lines: Sequence[str]) -> str:
    """sha256 of lines in memory, the same as that of a file that holds them."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode("utf-8"))
        digest.update(b"\n")
    return digest.hexdigest()


def check_is_file(path: Path) -> None:
    if path.is_dir():
        raise ValueError(f"{path} is a folder. Give a text file.")
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}. Relative names start at {Path.cwd()}.")
    if not path.is_file():
        raise ValueError(f"{path} is not a regular file, and it must be read more than once. Save it to a file.")


@contextlib.contextmanager
def workspace(cache_dir: str | os.PathLike | None) -> Iterator[Path]:
    """Lends the cache folder, made if need be; for None one that goes when the block ends.

    What was mapped into memory from a file there stays readable after the file is gone.
    """
    if cache_dir is not None:
        Path(cache_dir).mkdir(parents=True, exist_ok=True)
        yield Path(cache_dir)
    else:
        # Windows cannot remove a mapped file; there the system's own clean-up of temporary files must do.
        with tempfile.TemporaryDirectory(prefix="seq2seq-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)


def is_gzip(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(2) == _GZIP_MAGIC


def unpacked(path: Path, folder: Path) -> Path:
    """A plain file with the text of a gzipped one (`path` itself, if plain), unpacked into `folder` once."""
    if not is_gzip(path):
        return path
    plain = folder / f"{path.name.removesuffix('.gz')}-{_key(path)}"
    if not plain.exists():
        with written_beside(plain) as beside, open(beside, "wb") as file:
            for block in _unzipped_blocks(path):
                file.write(block)
    return plain


def _unzipped_blocks(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as packed, damage_named(path):
        while block := packed.read(_BLOCK):
            yield block


def gunzipped(file: BinaryIO, name: str | os.PathLike) -> Iterator[bytes]:
    """Lines of a binary stream, unpacked if it is gzipped, whatever it is called.

    Args:
        file: buffered, as `open(path, "rb")` gives it; a pipe will do.
        name: of the file, for messages.

    Raises:
        ValueError: the gzip file is damaged.
    """
    if file.peek(len(_GZIP_MAGIC))[: len(_GZIP_MAGIC)] != _GZIP_MAGIC:
        yield from file
        return
    with gzip.GzipFile(fileobj=file) as packed, damage_named(name):
        yield from packed


def decoded(
    stream: Iterable[bytes], name: str | os.PathLike, *, warn: Callable[[str], object] | None = None
) -> Iterator[str]:
    """The lines of a binary stream, one at a time; they end as those of `LineFile`.

    Args:
        stream: gives bytes up to and with each line feed, as binary files do.
        name: of the stream, for messages.
        warn: told of each line with invalid UTF-8, which is then read as U+FFFD.

    Raises:
        ValueError: invalid UTF-8, and there is no `warn`.
    """
    for number, line in enumerate(stream, start=1):
        if number == 1:
            line = line.removeprefix(_BOM)
        line = line.removesuffix(b"\n").removesuffix(b"\r")
        try:
            yield line.decode("utf-8")
        except UnicodeDecodeError as error:
            what = f"{name}:{number} is not valid UTF-8 (its byte {error.start + 1} is {line[error.start]:#04x})"
            if warn is None:
                raise ValueError(f"{what}. Convert the text, for example with `iconv -f latin1 -t utf-8`.") from error
            warn(f"{what}; read as U+FFFD")
            yield line.decode("utf-8", errors="replace")


@contextlib.contextmanager
def damage_named(name: str | os.PathLike) -> Iterator[None]:
    """Turns what `gzip` raises at a damaged file into a message with the file's name."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{name} is a damaged gzip file ({error}). Download or pack it again.") from error


def split_columns(path: Path, folder: Path, *, shown: Path) -> tuple[Path, Path]:
    """The two columns of a TSV file as two plain files, split into `folder` once.

    Raises:
        ValueError: a line without exactly two columns.
    """
    key = _key(path)
    columns = folder / f"{shown.name}-{key}.source", folder / f"{shown.name}-{key}.target"
    if all(column.exists() for column in columns):
        return columns
    with contextlib.ExitStack() as stack:
        besides = [stack.enter_context(written_beside(column)) for column in columns]
        # The stack closes these before it syncs and renames them.
        source, target = (stack.enter_context(open(beside, "wb")) for beside in besides)
        with open(path, "rb") as lines:
            if lines.read(len(_BOM)) != _BOM:
                lines.seek(0)
            for number, line in enumerate(lines, 1):
                cells = line.rstrip(b"\n").removesuffix(b"\r").split(b"\t")
                if len(cells) != 2:
                    raise ValueError(
                        f"{shown}:{number} has {len(cells)} column{'s' * (len(cells) != 1)}. "
                        "Expected two: the source, one tab, the target."
                    )
                source.write(cells[0] + b"\n")
                target.write(cells[1] + b"\n")
    return columns


def _key(path: Path) -> str:
    """Sixteen letters that stand for the contents of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
