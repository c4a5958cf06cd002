"""Files that appear whole or not at all: written beside their place, synced, renamed."""

import contextlib
import errno
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

# What zipfile raises for a damaged archive, depending on the byte that is wrong.
DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
_ARCHIVE = "translator.keras"  # its name in a run folder
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


@contextlib.contextmanager
def written_beside(path: str | os.PathLike) -> Iterator[Path]:
    """Lends a path to write to; when the block ends well, what was written takes the place of `path`.

    A reader (or the next run, after a power cut) finds the old file or the new one, never half of one.
    When the block raises, the half-written file is removed and `path` stays as it was.

    A link stays a link: the file it points to is replaced. A device or a pipe (`/dev/null`, `>(gzip)`) cannot be
    replaced and is lent as it is.

    Args:
        path: where the file is to be in the end. Missing folders are made.

    Yields:
        A path in the same folder, of an empty file.

    Raises:
        IsADirectoryError: `path` is a folder.
    """
    path = Path(path)
    if path.is_dir():  # told now, not after the work
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if path.exists() and not path.is_file():
        yield path
        return
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    beside = Path(name)
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


def translator_file(run: str | os.PathLike) -> Path:
    """The archive of a run folder, or the archive itself.

    Raises:
        FileNotFoundError: there is none.
    """
    run = Path(run)
    file = run / _ARCHIVE if run.is_dir() else run
    if not file.is_file():
        where = f"{run} has no {_ARCHIVE}" if run.is_dir() else f"There is no run folder or file {run}"
        raise FileNotFoundError(
            f"{where}. Give the folder of a run that has been validated at least once, or a .keras file."
        )
    return file


def check_output(option: str, output: str | os.PathLike | None, inputs: dict[str, str | os.PathLike | None]) -> None:
    """Refuses a file to write that is a folder, or one of the files to read.

    Args:
        option: its name, for the message.
        output: the file to write, or None.
        inputs: name for the message -> a file to read, or None.

    Raises:
        IsADirectoryError, ValueError: as said.
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
    """Gives an error of the disk that names no file, as of a full one, the name of this file."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_ERRORS and error.filename is None:
            error.filename = str(path)
        raise


@contextlib.contextmanager
def naming_tmpdir() -> Iterator[None]:
    """Gives an error of the folder for temporary files its name, and that of TMPDIR, which chooses it."""
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
