"""Files that appear whole or not at all, because they are written beside their place, synced and renamed.

Also what several rooms need of zip and JSON files, messages about files, and errors of the disk.
"""

import contextlib
import errno
import glob
import hashlib
import json
import os
import secrets
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from filelock import FileLock

LOCK_ENDING = ".lock"  # added to the name of a half-written file gives the name of its lock
# Errors that zipfile raises for a damaged archive, depending on the byte that is wrong.
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)

_LONGEST_NAME = 235  # most bytes of a name to which ".12345678.part" and ".lock" are added; file systems allow 255
_LOCK_WAIT = 1.0  # seconds; another process holds a new lock for a moment, if it takes it for a leftover
_MOST_QUOTED = 500  # characters
_MOST_JSON = 1 << 24  # bytes
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


@contextlib.contextmanager
def written_beside(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a path to write to; if the block succeeds, the file written there replaces `path`.

    A reader finds the old file or the new one, never half of one, also after a power cut. When the block raises, the
    half-written file is removed and `path` stays as it was.

    A link stays a link: the file it points to is replaced. A device or a pipe (`/dev/null`, `>(gzip)`) cannot be
    replaced, so the path itself is yielded.

    A lock is held while the file is written. The half-written file of a killed process has no lock any more, and the
    next process that writes `path` removes it.

    Args:
        path: the final place of the file. Missing folders are made.

    Yields:
        A path in the same folder with the same ending, of an empty file.

    Raises:
        IsADirectoryError: `path` is a folder.
    """
    path = Path(path)
    if path.is_dir():  # refused before the work, not after it
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        with naming(path):
            yield path
        return
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    name = _shortened(path.name)
    remove_leftovers(path.parent, glob.escape(name))
    begin, ending = _divided(name)
    beside = path.with_name(f".{begin}.{secrets.token_hex(4)}.part{ending}")
    lock = _lock_of(beside)
    try:
        with naming(path):
            with contextlib.suppress(OSError):  # a file system without locks; nobody removes leftovers there
                lock.acquire(timeout=_LOCK_WAIT)
            beside.touch()
            yield beside
        sync(beside)
        os.replace(beside, path)
        sync(path.parent)
    finally:
        beside.unlink(missing_ok=True)
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


def half_written(pattern: str) -> str:
    """Pattern of the names of half-written files, for a pattern of the final names such as "*.npz"."""
    begin, ending = _divided(pattern)
    return f".{begin}.{'[a-z0-9_]' * 8}.part{ending}"


def remove_leftovers(folder: Path, pattern: str) -> None:
    """Removes half-written files that killed processes left of files whose names match a pattern.

    What cannot be locked or removed stays: a folder, the file of another user, any file where there are no locks.
    """
    _, ending = _divided(pattern)
    found = {*folder.glob(half_written(pattern)), *folder.glob(half_written(pattern) + LOCK_ENDING)}
    for name in {path.name.removesuffix(LOCK_ENDING) for path in found if path.is_file()}:
        with contextlib.suppress(OSError), _lock_of(folder / name) as lock:
            # Also files with the same name and another ending, which were written beside it.
            parts = {folder / name, *folder.glob(glob.escape(name.removesuffix(ending)) + ".*")}
            try:
                for part in parts - {Path(lock.lock_file)}:
                    part.unlink(missing_ok=True)
            finally:
                os.unlink(lock.lock_file)  # on Windows, where this fails, releasing the lock does it


def _lock_of(beside: Path) -> "FileLock":
    """The lock of a half-written file, held until it is released or the process ends in any way.

    It is a file of its own, because Windows can neither write nor rename a file that is locked. To acquire it raises
    OSError if another process holds it (`filelock.Timeout`), or if the file system has no locks.
    """
    from filelock import FileLock  # imported when a file is written; most translations write none

    return FileLock(f"{beside}{LOCK_ENDING}", timeout=0, thread_local=False, fallback_to_soft=False)


def _shortened(name: str) -> str:
    """A name that leaves room for what `written_beside` adds, with its last ending."""
    begin, ending = _divided(name)
    while len(os.fsencode(begin + ending)) > _LONGEST_NAME:
        begin, ending = (begin[:-1], ending) if begin else ("", ending[1:])
    return begin + ending


def _divided(name: str) -> tuple[str, str]:
    """A name before its first dot, and its endings: "a.tar.gz" -> ("a", ".tar.gz")."""
    begin, dot, ending = name.partition(".")
    return begin, dot + ending


def zip_entry(name: str) -> zipfile.ZipInfo:
    """An entry for a zip file with a fixed date, so that equal contents make equal bytes.

    It also keeps out a wrong clock: zip has no years before 1980 or after 2107.
    """
    return zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))


def read_entry(archive: zipfile.ZipFile, name: str, *, most: int) -> bytes:
    """The bytes of an entry of a zip file that may come from a stranger; never more than the entry declares.

    `ZipFile.read` would unpack an entry as a whole even if it declares too small a size.

    Args:
        archive: opened for reading.
        name: of the entry.
        most: largest number of bytes allowed.

    Raises:
        KeyError: there is no such entry.
        ValueError: it declares more than `most`, or is packed in a way that may give more than it declares.
    """
    entry = archive.getinfo(name)
    if entry.file_size > most:
        raise ValueError(f"{name} in it unpacks to {entry.file_size:,} bytes; at most {most:,} are sensible")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name} in it is packed in an unusual way")
    with archive.open(entry) as member:
        return member.read(entry.file_size)


def read_object(path: Path, field: str | None = None) -> dict[str, Any]:
    """The object in a JSON file that may come from a stranger, such as run.json.

    Args:
        path: of the file.
        field: name of a field of it; then the object in that field, or {} if there is no such field.

    Raises:
        OSError: there is no such file, or it cannot be read.
        ValueError: it is too large, no JSON, or no object.
    """
    with open(path, "rb") as file:
        text = file.read(_MOST_JSON + 1)
    if len(text) > _MOST_JSON:
        raise ValueError(f"it has more than {_MOST_JSON:,} bytes")
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("its brackets are nested too deeply") from error
    if isinstance(value, dict) and field is not None:
        value = value.get(field, {})
    if not isinstance(value, dict):
        raise ValueError(f"it has a {type(value).__name__} in place of an object")
    return value


def one_line(text: object) -> str:
    """A text from a stranger's file as one short line, without characters that control a terminal.

    Example:
        >>> one_line("a\\n  b\\x1b[2J")
        'a b?[2J'
    """
    line = " ".join(str(text).split())[:_MOST_QUOTED]
    return "".join(character if character.isprintable() else "?" for character in line)


def check_output(option: str, output: str | os.PathLike | None, inputs: dict[str, str | os.PathLike | None]) -> None:
    """Refuses an output file that is a folder, or one of the input files.

    Args:
        option: name of the output's option, for the message.
        output: the file to write, or None.
        inputs: name for the message -> a file to read, or None.

    Raises:
        IsADirectoryError: `output` is a folder.
        ValueError: `output` is one of the inputs.
    """
    if output is None or not os.path.exists(output):
        return
    if os.path.isdir(output):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(output))
    for name, path in inputs.items():
        if path is not None and os.path.exists(path) and os.path.samefile(output, path):
            raise ValueError(f"{option} {output} is also {name}, which would be lost. Give another name.")


def make_folder(option: str, path: str | os.PathLike) -> None:
    """Makes the folder that an option names.

    Raises:
        ValueError: a file has that name.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise ValueError(f"{option} {path} is a file. Give the name of a folder.") from error


@contextlib.contextmanager
def naming(path: str | os.PathLike) -> Iterator[None]:
    """Adds the name of this file to errors of the disk that name none, such as "No space left on device"."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_ERRORS and error.filename is None:
            error.filename = str(path)
        raise


@contextlib.contextmanager
def naming_tmpdir() -> Iterator[None]:
    """Adds to disk errors in the folder for temporary files its name, and that of TMPDIR, which chooses it."""
    try:
        folder = tempfile.gettempdir()
    except FileNotFoundError as error:  # none of the usual folders exists and has room
        raise FileNotFoundError(f"{error.strerror}. Set TMPDIR to a folder with room.") from error
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_ERRORS and (error.filename is None or str(error.filename).startswith(folder)):
            error.filename = f"{folder} (the folder for temporary files; TMPDIR names another)"
        raise


def sync(path: str | os.PathLike) -> None:
    """Waits until a file's bytes, or a folder's names, are on the disk. Windows cannot do that for a folder."""
    is_folder = os.path.isdir(path)
    if is_folder and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if is_folder else os.O_RDWR)  # Windows syncs only what is open for writing
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file so that it is there whole or not at all; line ends are written as they are."""
    with written_beside(path) as beside:
        beside.write_bytes(text.encode("utf-8"))


def has_sha256(expected: str | None) -> Callable[[bytes], bool]:
    """Whether contents have this sha256."""
    return lambda contents: hashlib.sha256(contents).hexdigest() == expected
