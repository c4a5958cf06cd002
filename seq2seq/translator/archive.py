"""`translator.zip`: everything that translation needs, in one file that may come from a stranger.

The file holds two ONNX graphs, the SentencePiece models and an index in JSON. The graphs cannot run code or touch
files: they consist of ONNX's own operators, and all weights are inside. Sizes are checked before anything is read,
fields of the index before they are used, and every part against its sha256.
"""

import dataclasses
import errno
import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seq2seq.search import SearchOptions
from seq2seq.text.files import DAMAGED_ZIP, one_line, written_beside, zip_entry
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator import onnx_file

__all__ = [
    "ENCODER",
    "FORMAT",
    "MAX_TOKENIZER",
    "STEP",
    "Archive",
    "ExportError",
    "read_archive",
    "write_archive",
]

FORMAT = 1
"""Version of the file format. It grows when older versions of this package cannot read new files."""

ENCODER, STEP = "encoder", "step"
INDEX = "index.json"
_END, _ZIP64_LOCATOR = 22, 20  # bytes of the records that end a zip file
_MAX_DIRECTORY = 4096  # bytes
_MAX_INDEX = 1 << 20
MAX_TOKENIZER = 64 << 20
_MAX_GRAPH = 2 << 30  # the limit of a protocol buffer, and so of ONNX
_GRAPHS = {f"{name}.onnx": name for name in (ENCODER, STEP)}
_TOKENIZERS = ("joint.model", "source.model", "target.model")


class ExportError(ValueError):
    """ONNX cannot express a model. Keras can still translate with it."""


@dataclasses.dataclass(frozen=True)
class Archive:
    """The content of a `translator.zip`.

    Attributes:
        graphs: "encoder" and "step" -> ONNX file.
        source_tokenizer, target_tokenizer: the vocabularies; the same object for a joint vocabulary.
        max_source_length: most source tokens of a sentence, end token included.
        precision: "float32" or "int8".
        fingerprint: checksum of the weights from which the graphs were made.
        search: search options with which the run's test sets were translated; for information only.
        languages: (source, target) as the run named them, or None.
        scores: name of each test set -> its scores with signatures; for information only.
    """

    graphs: Mapping[str, bytes]
    source_tokenizer: Tokenizer
    target_tokenizer: Tokenizer
    max_source_length: int
    precision: str
    fingerprint: str
    search: SearchOptions = dataclasses.field(default_factory=SearchOptions)
    languages: tuple[str, str] | None = None
    scores: Mapping[str, Any] = dataclasses.field(default_factory=dict)


def write_archive(archive: Archive, path: str | os.PathLike) -> None:
    """Writes a `translator.zip` in one step. The same archive gives the same bytes."""
    parts = {f"{name}.onnx": archive.graphs[name] for name in (ENCODER, STEP)}
    if archive.source_tokenizer is archive.target_tokenizer:
        parts["joint.model"] = archive.source_tokenizer.model
    else:
        parts |= {"source.model": archive.source_tokenizer.model, "target.model": archive.target_tokenizer.model}
    index = {
        "format": FORMAT,
        "max_source_length": archive.max_source_length,
        "precision": archive.precision,
        "fingerprint": archive.fingerprint,
        "search": dataclasses.asdict(archive.search),
        "languages": archive.languages,
        "scores": dict(archive.scores),
        "sha256": {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()},
    }
    with written_beside(path) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as file:
        file.writestr(zip_entry(INDEX), json.dumps(index, indent=2, ensure_ascii=False))
        for name, part in parts.items():
            file.writestr(zip_entry(name), part)


def read_archive(path: str | os.PathLike) -> Archive:
    """Reads a `translator.zip`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, of a newer version, or no translator.
    """
    path = Path(path)
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as file:
            entries = _checked_entries(file)
            index = _Index(json.loads(file.read(entries[INDEX])))
            parts = {name: file.read(entry) for name, entry in entries.items() if name != INDEX}
        return _archive(index, parts)
    except (*DAMAGED_ZIP, ValueError, RecursionError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a damaged place in the file
            raise
        what = f"{path} is not a translator, or a damaged one"
        raise ValueError(f"{what}: {one_line(error)} Copy or export it again.") from error


def _check_directory(path: Path) -> None:
    """Refuses a directory with many entries before `zipfile` makes an object for each of them."""
    with open(path, "rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _END - _ZIP64_LOCATOR))
        locator, end = file.read(_ZIP64_LOCATOR), file.read()
    if len(end) != _END or end[:4] != b"PK\5\6" or locator[:4] == b"PK\6\7":
        raise ValueError("it is no zip file, or other bytes follow its end.")
    size = int.from_bytes(end[12:16], "little")
    if size > _MAX_DIRECTORY:
        raise ValueError(f"its directory has {size:,} bytes; at most {_MAX_DIRECTORY:,} are allowed.")


def _checked_entries(file: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The entries of the zip file by name, after a check of their names, number and sizes."""
    entries = {entry.filename: entry for entry in file.infolist()}
    expected = [{INDEX, *_GRAPHS, "joint.model"}, {INDEX, *_GRAPHS, "source.model", "target.model"}]
    if len(entries) != len(file.infolist()) or set(entries) not in expected:
        raise ValueError(f"it holds {', '.join(sorted(entries)[:8])[:200] or 'nothing'}.")
    for name, entry in entries.items():
        most = _MAX_INDEX if name == INDEX else _MAX_GRAPH if name in _GRAPHS else MAX_TOKENIZER
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise ValueError(f"{name} in it is compressed; a translator.zip holds uncompressed files.")
        if entry.file_size > most:
            raise ValueError(f"{name} in it has {entry.file_size:,} bytes; at most {most:,} are allowed.")
    return entries


class _Index:
    """The index, whose fields are checked when they are read."""

    def __init__(self, values: Any):
        self._values = values if isinstance(values, dict) else {}

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def get(self, name: str, kind: type, *, least: int = 0, most: int = 1 << 31) -> Any:
        value = self._values.get(name)
        if type(value) is not kind:
            raise ValueError(f"its index has {name}={str(value)[:40]!r}; expected a value of type {kind.__name__}.")
        if kind is int and not least <= value <= most:
            raise ValueError(f"its index has {name}={value}; it has to be between {least:,} and {most:,}.")
        return value


def _archive(index: _Index, parts: Mapping[str, bytes]) -> Archive:
    number = index.get("format", int, least=1, most=1 << 20)
    if number > FORMAT:
        raise ValueError(f"it has format {number}; this version of seq2seq reads formats up to {FORMAT}. Update it.")
    sums = index.get("sha256", dict)
    for name, part in parts.items():
        if sums.get(name) != hashlib.sha256(part).hexdigest():
            raise ValueError(f"{name} in it is damaged: its checksum differs.")
    for name in _GRAPHS:
        onnx_file.check_onnx(parts[name])
    precision = index.get("precision", str)
    if precision not in ("float32", "int8"):
        raise ValueError(f"its index has precision={precision[:40]!r}; known are float32 and int8.")
    tokenizers = {name: Tokenizer(parts[name]) for name in _TOKENIZERS if name in parts}
    return Archive(
        graphs={name: parts[file] for file, name in _GRAPHS.items()},
        source_tokenizer=tokenizers.get("joint.model") or tokenizers["source.model"],
        target_tokenizer=tokenizers.get("joint.model") or tokenizers["target.model"],
        max_source_length=index.get("max_source_length", int, least=2, most=1_000_000),
        precision=precision,
        fingerprint=index.get("fingerprint", str)[:64],
        search=_search(index.get("search", dict)),
        languages=_languages(index),
        scores=index.get("scores", dict),
    )


def _search(values: Mapping[str, Any]) -> SearchOptions:
    try:
        return SearchOptions.named(values)
    except TypeError as error:  # unknown names, or values of another type
        raise ValueError(f"its index has wrong search options: {error}") from error


def _languages(index: _Index) -> tuple[str, str] | None:
    values = index.get("languages", list) if index.has("languages") else None
    if values is None:
        return None
    if len(values) != 2 or not all(isinstance(value, str) and len(value) <= 40 for value in values):
        raise ValueError(f"its index has languages={str(values)[:80]}; expected the names of two.")
    return tuple(values)
