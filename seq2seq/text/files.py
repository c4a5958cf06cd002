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


@contextlib.contextmanager
def naming(path: str | os.PathLike) -> Iterator[None]:
    """Gives an error of the disk that names no file, as of a full one, the name of this file."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_ERRORS and error.filename is None:
            error.filename = str(path)
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
