"""`translator.zip`, `tagger.zip` ...: all that a model needs to be used, in one file that may come from a stranger.

The file holds ONNX graphs, the vocabularies and an index in JSON; `seq2seq.model.kinds` lists the parts of each kind of
model. The graphs cannot run code or touch files: they consist of ONNX's own operators, and all weights are inside.
Sizes are checked before anything is read, fields of the index before they are used, and every part against its sha256.
"""

import dataclasses
import errno
import functools
import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from seq2seq.model.kinds import KINDS, Kind, check_kind
from seq2seq.search import SearchOptions
from seq2seq.text.characters import CharacterTokenizer
from seq2seq.text.features import Features
from seq2seq.text.files import DAMAGED_ZIP, one_line, written_beside, zip_entry
from seq2seq.text.labels import Labels
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator import onnx_file

__all__ = ["FORMAT", "MAX_TOKENIZER", "Archive", "ExportError", "read_archive", "write_archive"]

FORMAT = 2
"""Version of the file format. It grows when older versions of this package cannot read new files. Models that predict
no lengths are still written in format 1."""

INDEX = "index.json"
_END, _ZIP64_LOCATOR = 22, 20  # bytes of the records that end a zip file
_MAX_DIRECTORY = 4096  # bytes
_MAX_INDEX = 1 << 20
MAX_TOKENIZER = 64 << 20
_MAX_LIST = 16 << 20  # a vocabulary in JSON, which Python reads into several times its size
_MAX_GRAPH = 2 << 30  # the limit of a protocol buffer, and so of ONNX
_LIMITS = {".onnx": _MAX_GRAPH, ".model": MAX_TOKENIZER, ".json": _MAX_LIST}
_READERS: dict[str, Callable[[bytes], Any]] = {
    ".model": Tokenizer,
    "characters.json": CharacterTokenizer,
    "features.json": Features.from_json,
    "labels.json": Labels.from_json,
}
"""Name of a vocabulary's file, or its ending -> what reads it, and refuses a damaged one by ValueError."""


class ExportError(ValueError):
    """ONNX cannot express a model. Keras can still translate with it."""


@dataclasses.dataclass(frozen=True)
class Archive:
    """The content of a `translator.zip`, or of the file of another kind of model.

    Attributes:
        graphs: name of each graph, such as "encoder" and "step" -> ONNX file.
        vocabularies: name of each vocabulary's file, such as "joint.model" -> its bytes.
        max_source_length: most source tokens of a sentence, end token included.
        precision: "float32" or "int8".
        fingerprint: checksum of the weights from which the graphs were made.
        kind: of model, a name in `seq2seq.model.kinds.KINDS`.
        search: search options with which the run's test sets were translated; for information only.
        languages: (source, target) as the run named them, or None.
        scores: name of each test set -> its scores with signatures; for information only.
        num_lengths: the model first predicts a length of 0 .. num_lengths - 1 tokens; 0 if it predicts none.
    """

    graphs: Mapping[str, bytes]
    vocabularies: Mapping[str, bytes]
    max_source_length: int
    precision: str
    fingerprint: str
    kind: str = "translator"
    search: SearchOptions = dataclasses.field(default_factory=SearchOptions)
    languages: tuple[str, str] | None = None
    scores: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    num_lengths: int = 0

    @functools.cached_property
    def opened(self) -> dict[str, Any]:
        """Name of each vocabulary's file -> the vocabulary, such as a Tokenizer."""
        return {name: _reader(name)(data) for name, data in self.vocabularies.items()}

    @property
    def source_tokenizer(self) -> Any:
        """Vocabulary of the source; the same object as the target's for a joint vocabulary."""
        return self._vocabulary("source.model", "features.json")

    @property
    def target_tokenizer(self) -> Any:
        """Vocabulary of the target."""
        return self._vocabulary("target.model")

    def _vocabulary(self, *names: str) -> Any:
        """The one vocabulary of both sides, or that of the side whose file has one of these names."""
        return next(self.opened[one] for one in ("characters.json", "joint.model", *names) if one in self.opened)


def write_archive(archive: Archive, path: str | os.PathLike) -> None:
    """Writes a `translator.zip`, or the file of another kind, in one step. The same archive gives the same bytes."""
    parts = {f"{name}.onnx": archive.graphs[name] for name in KINDS[archive.kind].graphs}
    parts |= {name: archive.vocabularies[name] for name in sorted(archive.vocabularies)}
    index = {
        "format": FORMAT if archive.num_lengths else 1,
        "kind": archive.kind,
        "max_source_length": archive.max_source_length,
        "precision": archive.precision,
        "fingerprint": archive.fingerprint,
        "search": dataclasses.asdict(archive.search),
        "languages": archive.languages,
        "scores": dict(archive.scores),
        "sha256": {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()},
    }
    index |= {"num_lengths": archive.num_lengths} if archive.num_lengths else {}
    if not KINDS[archive.kind].searches:
        del index["search"], index["languages"]
    with written_beside(path) as beside, zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as file:
        file.writestr(zip_entry(INDEX), json.dumps(index, indent=2, ensure_ascii=False))
        for name, part in parts.items():
            file.writestr(zip_entry(name), part)


def read_archive(path: str | os.PathLike, kind: str | None = "translator") -> Archive:
    """Reads a `translator.zip`, or the file of another kind of model.

    Args:
        path: of the file.
        kind: of model that is wanted, a name in `seq2seq.model.kinds.KINDS`; None for any.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, of a newer version, of another kind, or no exported model.
    """
    path = Path(path)
    try:
        _check_directory(path)
        with zipfile.ZipFile(path) as file:
            entries = _checked_entries(file)
            index = _Index(json.loads(file.read(entries[INDEX])))
            found = _kind(index, entries)
            parts = {name: file.read(entry) for name, entry in entries.items() if name != INDEX}
        archive = _archive(found, index, parts)
    except (*DAMAGED_ZIP, ValueError, RecursionError, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a damaged place in the file
            raise
        what = KINDS[kind].noun if kind else "an exported model"
        raise ValueError(
            f"{path} is not {what}, or a damaged one: {one_line(error)} Copy or export it again."
        ) from error
    check_kind(archive.kind, kind, path)
    return archive


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
    expected = [names for kind in KINDS.values() for names in _names(kind)]
    if len(entries) != len(file.infolist()) or set(entries) not in expected:
        raise ValueError(f"it holds {', '.join(sorted(entries)[:8])[:200] or 'nothing'}.")
    for name, entry in entries.items():
        most = _MAX_INDEX if name == INDEX else _LIMITS[Path(name).suffix]
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            raise ValueError(f"{name} in it is compressed; an exported model holds uncompressed files.")
        if entry.file_size > most:
            raise ValueError(f"{name} in it has {entry.file_size:,} bytes; at most {most:,} are allowed.")
    return entries


def _names(kind: Kind) -> list[set[str]]:
    """The sets of files that an exported model of a kind may hold."""
    return [{INDEX, *(f"{name}.onnx" for name in kind.graphs), *files} for files in kind.vocabularies]


def _kind(index: "_Index", entries: Mapping[str, Any]) -> str:
    """The kind of model that the index names; files of the first versions name none and are translators."""
    name = index.get("kind", str) if index.has("kind") else "translator"
    if name not in KINDS:
        raise ValueError(f"its index has kind={name[:40]!r}; this version of seq2seq knows {', '.join(KINDS)}.")
    if set(entries) not in _names(KINDS[name]):
        raise ValueError(f"its index says that it is {KINDS[name].noun}, but it holds {', '.join(sorted(entries))}.")
    return name


def _reader(name: str) -> Callable[[bytes], Any]:
    return _READERS.get(name) or _READERS[Path(name).suffix]


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


def _archive(name: str, index: _Index, parts: Mapping[str, bytes]) -> Archive:
    number, kind = index.get("format", int, least=1, most=1 << 20), KINDS[name]
    if number > FORMAT:
        raise ValueError(f"it has format {number}; this version of seq2seq reads formats up to {FORMAT}. Update it.")
    sums = index.get("sha256", dict)
    for part, data in parts.items():
        if sums.get(part) != hashlib.sha256(data).hexdigest():
            raise ValueError(f"{part} in it is damaged: its checksum differs.")
    graphs = {graph: parts[f"{graph}.onnx"] for graph in kind.graphs}
    for data in graphs.values():
        onnx_file.check_onnx(data)
    precision = index.get("precision", str)
    if precision not in ("float32", "int8"):
        raise ValueError(f"its index has precision={precision[:40]!r}; known are float32 and int8.")
    archive = Archive(
        graphs=graphs,
        vocabularies={part: data for part, data in sorted(parts.items()) if not part.endswith(".onnx")},
        max_source_length=index.get("max_source_length", int, least=2, most=1_000_000),
        precision=precision,
        fingerprint=index.get("fingerprint", str)[:64],
        kind=name,
        search=_search(index.get("search", dict)) if kind.searches else SearchOptions(),
        languages=_languages(index) if kind.searches else None,
        scores=index.get("scores", dict),
        num_lengths=index.get("num_lengths", int, most=1_000_000) if index.has("num_lengths") else 0,
    )
    archive.opened  # noqa: B018 - a damaged vocabulary is refused here
    return archive


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
