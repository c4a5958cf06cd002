"""Files that are either complete or not there, even when the machine stops while they are written."""

import os
from collections.abc import Callable
from pathlib import Path

__all__ = ["remove_temporaries", "replace_file", "replace_text"]

_TEMPORARY = ".tmp"


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside `path`, sync it, and rename it to `path`.

    Args:
        path: the file to create or replace.
        write: called with the temporary path; creates the file there. The temporary name ends like `path`
            does, for writers that look at the suffix.
    """
    path = Path(path)
    temporary = path.with_name(f"{_TEMPORARY}-{path.name}")
    write(temporary)
    _sync(temporary)
    os.replace(temporary, path)
    _sync(path.parent)


def replace_text(path: Path, text: str) -> None:
    """`replace_file` for UTF-8 text; line ends are written as they are."""
    replace_file(path, lambda temporary: temporary.write_bytes(text.encode("utf-8")))


def remove_temporaries(folder: Path) -> None:
    """Remove what an interrupted `replace_file` left in `folder`."""
    for path in Path(folder).glob(f"{_TEMPORARY}-*"):
        path.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
