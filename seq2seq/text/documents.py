"""Whole documents as text, for models of one text: files of a user's own, or the Python standard library."""

import contextlib
import hashlib
import math
import sysconfig
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from seq2seq.text.files import naming
from seq2seq.text.packed import text_blocks

__all__ = ["baselines", "fingerprint", "hold_out", "limited", "python_sources", "read_documents"]

_NOT_SOURCE = {"site-packages", "dist-packages", "test", "tests", "idle_test", "__pycache__"}
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def read_documents(paths: Sequence[Path]) -> list[str]:
    """The text of each file, plain or packed, as it is: no line end is changed.

    Raises:
        ValueError: a file is empty or no UTF-8 text.
    """
    return [_read(path) for path in paths]


def _read(path: Path) -> str:
    with naming(path), open(path, "rb") as file:
        content = b"".join(text_blocks(file, path))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(
            f"{path}:{line} is not valid UTF-8 (byte {content[error.start]:#04x}). Convert the file, for example by "
            "iconv -t utf-8."
        ) from error
    text = text.removeprefix(_BOM)
    if not text:
        raise ValueError(f"{path} is empty. Expected UTF-8 text.")
    return text


def python_sources() -> list[str]:
    """The source files of the Python standard library on this machine, without its tests, in the order of their names.

    They are some 12 million characters.

    Raises:
        ValueError: this Python comes without source files.
    """
    folder = Path(sysconfig.get_paths()["stdlib"])
    names = [path.relative_to(folder) for path in folder.rglob("*.py") if path.is_file()]
    sources = []
    for name in sorted(names, key=Path.as_posix):
        if not _NOT_SOURCE.intersection(name.parts):
            with contextlib.suppress(UnicodeDecodeError):  # a few files declare another encoding
                sources.append((folder / name).read_bytes().decode("utf-8"))
    if not any(sources):
        raise ValueError(f"this Python has no source files in {folder}. Give a text: --text FILE")
    return list(filter(None, sources))


def limited(documents: Sequence[str], megabytes: float) -> list[str]:
    """The first documents, up to so many million bytes of UTF-8 in all; the last one ends at the end of a line."""
    kept, left = [], int(megabytes * 1e6)
    for document in documents:
        content = document.encode("utf-8")
        if len(content) > left:
            document = content[:left].decode("utf-8", "ignore")
            document = document[: document.rfind("\n") + 1] or document
        kept += [document] if document else []
        left -= len(content)
        if left <= 0:
            break
    return kept


def hold_out(documents: Sequence[str], *, share: float = 0.05, most: int = 100_000) -> tuple[list[str], list[str]]:
    """Divides a text: its last lines are for validation.

    Args:
        documents: the text.
        share: of the characters that are held out, at most.
        most: characters held out, at most.

    Returns:
        Tuple (the text before, the text held out). The second is empty for a text too short to be divided.
    """
    before, held_out = list(documents), []
    left = min(most, int(share * sum(map(len, before))))
    while before and len(before[-1]) <= left:
        left -= len(before[-1])
        held_out.insert(0, before.pop())
    place = before[-1].find("\n", max(0, len(before[-1]) - left - 1)) + 1 if before else 0
    if 0 < place < len(before[-1]):
        held_out.insert(0, before[-1][place:])
        before[-1] = before[-1][:place]
    return before, held_out


def fingerprint(documents: Sequence[str]) -> str:
    """sha256 of the documents and of where each begins."""
    digest = hashlib.sha256()
    for document in documents:
        content = document.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()


def baselines(train: Sequence[str], valid: Sequence[str]) -> dict[str, float]:
    """Bits a character that a text takes without a recurrent model.

    Args:
        train: documents whose characters are counted.
        valid: documents to encode, at least one character.

    Returns:
        "characters": by the frequency of each character in `train`, those that it lacks counted as one more kind, each
        count one higher (Laplace); "zlib": packed by zlib at its highest level, which knows nothing of `train`.
    """
    text = "".join(valid)
    counts: Counter[str] = Counter()
    for document in train:
        counts.update(document)
    total = counts.total() + len(counts) + 1
    bits = sum(count * -math.log2((counts[one] + 1) / total) for one, count in Counter(text).items())
    packed = 8 * len(zlib.compress(text.encode("utf-8", "surrogatepass"), 9))
    return {"characters": bits / len(text), "zlib": packed / len(text)}
