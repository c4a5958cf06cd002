"""Plain text files made once in a working folder: packed files are unpacked, files of two columns are split."""

import contextlib
import hashlib
import mmap
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from seq2seq.text.files import naming_tmpdir, written_beside
from seq2seq.text.lines import check_line_ends
from seq2seq.text.packed import packing, text_blocks

_BLOCK = 1 << 24  # bytes copied at a time
_SHOWN = 50  # characters of a file's name in the name of what is made of it


@contextlib.contextmanager
def workspace(cache_dir: str | os.PathLike | None) -> Iterator[Path]:
    """Yields the cache folder, made if missing. Without one, yields a temporary folder and removes it in the end.

    Memory mapped from a file there stays readable after the file is removed.
    """
    if cache_dir is not None:
        Path(cache_dir).mkdir(parents=True, exist_ok=True)
        yield Path(cache_dir)
    else:
        # Windows cannot remove a mapped file, and leaves it to its own clean-up of temporary files.
        with naming_tmpdir(), tempfile.TemporaryDirectory(prefix="seq2seq-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)


def check_is_file(path: Path) -> None:
    """Refuses what is no regular file, with FileNotFoundError or ValueError."""
    if path.is_dir():
        raise ValueError(f"{path} is a folder. Give a text file.")
    if not path.exists():
        raise FileNotFoundError(f"There is no file {path}. Relative names start at {Path.cwd()}.")
    if not path.is_file():
        raise ValueError(f"{path} is not a regular file, and it must be read more than once. Save it to a file.")


def unpacked(path: Path, folder: Path) -> Path:
    """A plain file with the text of a packed file, unpacked into `folder` once. A plain file is its own result.

    Raises:
        ValueError: the file is no text, or damaged.
    """
    with open(path, "rb") as file:
        blocks = text_blocks(file, path)
        if packing(path) is None:
            return path
        plain = folder / f"{path.stem[:_SHOWN]}-{_key(path)}"
        if not plain.exists():
            with written_beside(plain) as beside, open(beside, "wb") as text:
                text.writelines(blocks)
    return plain


def split_columns(path: Path, folder: Path, *, shown: Path) -> tuple[Path, Path]:
    """The two columns of a TSV file as two plain files, split into `folder` once.

    Raises:
        ValueError: a line without exactly two columns.
    """
    key = _key(path)
    columns = tuple(folder / f"{shown.name[:_SHOWN]}-{key}.{side}" for side in ("source", "target"))
    if all(column.exists() for column in columns):
        return columns
    with contextlib.ExitStack() as stack:
        besides = [stack.enter_context(written_beside(column)) for column in columns]
        # The stack closes these files before it syncs and renames them.
        source, target = (stack.enter_context(open(beside, "wb")) for beside in besides)
        with open(path, "rb") as file:
            is_empty = path.stat().st_size == 0  # an empty file cannot be mapped
            data = b"" if is_empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        for begin, tab, end in _rows(data, shown):
            _copy_line(data, begin, tab, source)
            _copy_line(data, tab + 1, end, target)
    return columns


def _rows(data: mmap.mmap | bytes, shown: Path) -> Iterator[tuple[int, int, int]]:
    """Yields the places where each line begins, has its tab and ends (before its line end). No line is copied."""
    begin, number = 0, 0
    while begin < len(data):
        number += 1
        line_feed = data.find(b"\n", begin)
        if line_feed < 0:
            line_feed = len(data)
            if number == 1:
                check_line_ends(data[:_BLOCK], shown)
        end = line_feed - (line_feed > begin and data[line_feed - 1 : line_feed] == b"\r")
        tab = data.find(b"\t", begin, end)
        if tab < 0 or data.find(b"\t", tab + 1, end) >= 0:
            num_columns = 1 + data[begin : min(end, begin + _BLOCK)].count(b"\t")
            raise ValueError(
                f"{shown}:{number} has {num_columns} column{'s' * (num_columns != 1)}. "
                "Expected two: the source, one tab, the target."
            )
        yield begin, tab, end
        begin = line_feed + 1


def _copy_line(data: mmap.mmap | bytes, begin: int, end: int, file: BinaryIO) -> None:
    for start in range(begin, end, _BLOCK):
        file.write(data[start : min(end, start + _BLOCK)])
    file.write(b"\n")


def _key(path: Path) -> str:
    """Sixteen letters that stand for the contents of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
