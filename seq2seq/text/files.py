"""Files that appear whole or not at all: written beside their place, synced, renamed."""

import contextlib
import errno
import glob
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

# What zipfile raises for a damaged archive, depending on the byte that is wrong.
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
_MOST_QUOTED = 500  # characters
_LONGEST_NAME = 240  # bytes of a name to which ".12345678.part" is added: file systems take 255
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


@contextlib.contextmanager
def written_beside(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a path to write to; if the block succeeds, the file written there replaces `path`.

    A reader (or the next run, after a power cut) finds the old file or the new one, never half of one.
    When the block raises, the half-written file is removed and `path` stays as it was.

    A link stays a link: the file it points to is replaced. A device or a pipe (`/dev/null`, `>(gzip)`) cannot be
    replaced, so the path itself is yielded.

    The half-written file is locked. One that a killed process left beside `path` has no lock, and the next process that
    writes `path` removes it.

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
    remove_leftovers(path.parent, glob.escape(_shortened(path.name)))
    beside, handle = _locked_beside(path)
    try:
        with naming(path):
            yield beside
        # mkstemp makes files private; give this one the permissions that open() would have given.
        beside.chmod(0o666 & ~_umask())
        sync(beside)
        os.replace(beside, path)
        sync(path.parent)
    finally:
        beside.unlink(missing_ok=True)
        os.close(handle)


def _locked_beside(path: Path) -> tuple[Path, int]:
    """A new file beside `path`, and the handle that holds its lock."""
    begin, ending = _divided(_shortened(path.name))
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{begin}.", suffix=f".part{ending}")
        try:
            is_ours = try_lock(handle)
        except OSError:  # a file system without locks, where `remove_leftovers` removes nothing
            is_ours = True
        if is_ours and os.path.exists(name):  # else another process just took it for a leftover
            return Path(name), handle
        os.close(handle)


def try_lock(handle: int) -> bool:
    """Locks an open file until it is closed or the process ends in any way; False if another process holds the lock.

    Raises:
        OSError: the file system has no locks, such as some network file systems.
    """
    import fcntl  # which Windows does not have

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def half_written(pattern: str) -> str:
    """Pattern of the names of half-written files, for a pattern of the final names such as "*.npz"."""
    begin, ending = _divided(pattern)
    return f".{begin}.{'[a-z0-9_]' * 8}.part{ending}"


def remove_leftovers(folder: Path, pattern: str) -> None:
    """Removes half-written files that killed processes left of files whose names match a pattern.

    What cannot be opened, locked or removed stays: a folder, or the file of another user.
    """
    _, ending = _divided(pattern)
    for leftover in folder.glob(half_written(pattern)):
        with contextlib.suppress(OSError), open(leftover, "rb") as file:
            if try_lock(file.fileno()):
                # Also files with the same name and another ending, which were written beside it.
                for part in folder.glob(glob.escape(leftover.name.removesuffix(ending)) + ".*"):
                    part.unlink(missing_ok=True)
                leftover.unlink(missing_ok=True)


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

    Zip has no years before 1980 or after 2107, which a wrong clock may show.
    """
    return zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))


def read_entry(archive: zipfile.ZipFile, name: str, *, most: int) -> bytes:
    """The bytes of an entry of a zip file that may come from a stranger, at most as many as it declares.

    `ZipFile.read` would unpack the whole of an entry that declares too little.

    Args:
        archive: opened for reading.
        name: of the entry.
        most: largest number of bytes allowed.

    Raises:
        KeyError: there is no such entry.
        ValueError: it declares more than `most`, or is packed in a way that may give more than was declared.
    """
    entry = archive.getinfo(name)
    if entry.file_size > most:
        raise ValueError(f"{name} in it unpacks to {entry.file_size:,} bytes; at most {most:,} are sensible")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name} in it is packed in an unusual way")
    with archive.open(entry) as member:
        return member.read(entry.file_size)


def one_line(text: object) -> str:
    """A message that quotes a stranger's file as one short line that moves no terminal's cursor.

    Example:
        >>> one_line("a\\n  b\\x1b[2J")
        'a b?[2J'
    """
    line = " ".join(str(text).split())[:_MOST_QUOTED]
    return "".join(character if character.isprintable() else "?" for character in line)


def check_output(option: str, output: str | os.PathLike | None, inputs: dict[str, str | os.PathLike | None]) -> None:
    """Refuses a file to write that is a folder, or one of the files to read.

    Args:
        option: its name, for the message.
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
        ValueError: there is a file of that name.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise ValueError(f"{option} {path} is a file. Give the name of a folder.") from error


@contextlib.contextmanager
def naming(path: str | os.PathLike) -> Iterator[None]:
    """Adds the name of this file to an error of the disk that names none, such as a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_ERRORS and error.filename is None:
            error.filename = str(path)
        raise


@contextlib.contextmanager
def naming_tmpdir() -> Iterator[None]:
    """Adds to an error of the folder for temporary files its name and that of TMPDIR, which chooses it."""
    try:
        folder = tempfile.gettempdir()
    except FileNotFoundError as error:  # none of the usual folders has room
        raise FileNotFoundError(f"{error.strerror}. Set TMPDIR to a folder with room.") from error
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_ERRORS and (error.filename is None or str(error.filename).startswith(folder)):
            error.filename = f"{folder} (the folder for temporary files; TMPDIR names another)"
        raise


def sync(path: str | os.PathLike) -> None:
    """Waits until a file's bytes, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0o022)  # the only way to read it is to set it
    os.umask(mask)
    return mask


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file so that it is there whole or not at all; line ends are written as they are."""
    with written_beside(path) as beside:
        beside.write_bytes(text.encode("utf-8"))
