"""Opens and exports models: what runs a run folder, a `translator.zip` or a `.keras` file."""

import dataclasses
import hashlib
import logging
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from seq2seq.model.kinds import KINDS, check_kind
from seq2seq.search import SearchOptions
from seq2seq.text.files import DAMAGED_ZIP, read_entry, read_object
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator.archive import MAX_TOKENIZER, Archive, ExportError, read_archive, write_archive
from seq2seq.translator.engine import TextEngine

__all__ = ["export", "exported", "model_file", "open_engine", "read_tokenizers", "zip_file"]

_RECORD = "run.json"
_MAX_CHECKSUMS = 1 << 24  # bytes
_MAX_UPDATES = 10**9

logger = logging.getLogger("seq2seq")


def open_engine(
    path: str | os.PathLike, kind: str = "translator", *, precision: str = "float32", threads: int | None = None
) -> TextEngine:
    """The engine that runs the model of a path, a translator or a language model; see `Translator.load`."""
    file = model_file(path, kind)
    if precision in ("float32", "int8") and (Path(path).is_dir() or not _is_keras(file)):
        try:
            archive = exported(Path(path), precision, kind)
        except ExportError as error:
            if precision == "int8":
                raise ExportError(f"{error}. Use precision float32, in which TensorFlow runs the model.") from error
            logger.warning(f"{error}; TensorFlow runs the model instead")
        else:
            from seq2seq.translator.onnx_engine import OnnxEngine

            return OnnxEngine.of_archive(archive, name=str(path), threads=threads or 0)
    if not _is_keras(file):
        raise ValueError(
            f"{file} holds exported graphs, which compute in float32 or int8, not in {precision}. "
            "Give the run folder or its .keras file."
        )
    if precision == "int8":
        raise ValueError(f"precision int8 is for exported models. Make one: seq2seq export {path} --int8 --output FILE")
    from seq2seq.model import load_model
    from seq2seq.startup import set_threads
    from seq2seq.translator.tensorflow_engine import TensorFlowEngine

    if threads is not None:
        set_threads(threads, per_operation=1)
    return TensorFlowEngine(load_model(file, kind), precision, name=str(path))


def zip_file(run: Path, kind: str, precision: str = "float32") -> Path:
    """Where a run folder keeps the exported model: translator.zip, translator.int8.zip, tagger.zip ..."""
    return run / (f"{kind}.zip" if precision == "float32" else f"{kind}.{precision}.zip")


def model_file(path: str | os.PathLike, kind: str | None = "translator") -> Path:
    """The file of a model: the one given; in a run folder the Keras archive, or else the exported model.

    Args:
        path: of the file or run folder.
        kind: of model that is wanted, a name in `seq2seq.model.kinds.KINDS`; None for any.

    Raises:
        FileNotFoundError: there is none.
        ValueError: the run folder holds a model of another kind. A file is not read here.
    """
    path = Path(path)
    if path.is_file():
        return path
    for name in [kind, *KINDS] if kind else KINDS:
        for file in (path / f"{name}.keras", zip_file(path, name)):
            if file.is_file():
                check_kind(name, kind, path)
                return file
    if (path / _RECORD).is_file():
        raise FileNotFoundError(
            f"{path} has no model yet: its first validation{_first_validation(path)} writes it. log.txt in the folder "
            "shows how far the run is. If it was stopped, the same training command continues it."
        )
    name = kind or "translator"
    where = f"{path} has no {name}.keras" if path.is_dir() else f"There is no run folder or file {path}"
    raise FileNotFoundError(
        f"{where}. Give the folder of a run that has been validated at least once, a {name}.zip, or a .keras file."
    )


def _first_validation(run: Path) -> str:
    """When a run is validated first, in words; "" if its record, which may come from a stranger, does not say it."""
    try:
        options = read_object(run / _RECORD, "options")
    except (OSError, ValueError):
        return ""
    updates = [options.get("validation.every"), options.get("max_updates")]
    known = [number for number in updates if type(number) is int and 0 < number <= _MAX_UPDATES]
    return f", after update {min(known):,}," if known else ""


def export(
    path: str | os.PathLike,
    kind: str | None = "translator",
    *,
    search: SearchOptions | None = None,
    scores: dict | None = None,
) -> Archive:
    """Exports the model of a run folder or `.keras` file.

    Args:
        path: of the folder or file.
        kind: of model that is wanted; None for any.
        search: search options of the tests, for the index.
        scores: name of each test set -> its scores, for the index.
    """
    from seq2seq.model import load_model
    from seq2seq.translator.export import to_onnx

    file = model_file(path, kind)
    logger.info(f"exporting {file} for use without TensorFlow: once, some seconds")
    model = load_model(file, kind)
    vocabularies = model.vocabularies()
    if model.kind not in KINDS or frozenset(vocabularies) not in KINDS[model.kind].vocabularies:
        raise ValueError(f"{file} holds a {type(model).__name__} without vocabularies, so it cannot read text.")
    return Archive(
        graphs=to_onnx(model),
        vocabularies=vocabularies,
        max_source_length=model.max_source_length,
        precision="float32",
        fingerprint=_fingerprint(file),
        kind=model.kind,
        search=search or SearchOptions(),
        scores=scores or {},
        num_lengths=model.num_lengths,
    )


def read_tokenizers(path: str | os.PathLike) -> tuple[Tokenizer, Tokenizer]:
    """The tokenizers of source and target of a run folder or file. No model is built.

    Raises:
        ValueError: the file is damaged, or has none.
    """
    file = model_file(path)
    try:
        with zipfile.ZipFile(file) as archive:
            found = {Path(name).stem: name for name in archive.namelist() if name.endswith(".model")}
            names = [found.get("joint") or found[side] for side in ("source", "target")]
            models = {name: Tokenizer(read_entry(archive, name, most=MAX_TOKENIZER)) for name in set(names)}
    except (*DAMAGED_ZIP, KeyError, ValueError) as error:
        raise ValueError(f"{file} is not a translator, or a damaged one ({error}). Copy or train it again.") from error
    return models[names[0]], models[names[1]]


def exported(path: Path, precision: str, kind: str | None = "translator") -> Archive:
    """The exported model of a path, as a run folder keeps it.

    In a run folder it is made when it is missing, damaged, or has other weights than the Keras model. A file that was
    exported in int8 stays so.

    Args:
        path: of the folder or file.
        precision: "float32" or "int8".
        kind: of model that is wanted; None for any.

    Raises:
        ValueError: the file is damaged, or holds a model of another kind.
    """
    file = model_file(path, kind)
    if not path.is_dir():
        archive = export(file, kind) if _is_keras(file) else read_archive(file, kind)
        return archive if precision == "float32" else _to_int8(archive)
    kind = file.stem
    if _is_keras(file):
        archive = _read_or_make(zip_file(path, kind), kind, _fingerprint(file), lambda: export(path, kind))
    else:
        archive = read_archive(file, kind)
    if precision == "float32":
        return archive
    return _read_or_make(zip_file(path, kind, precision), kind, archive.fingerprint, lambda: _to_int8(archive))


def _read_or_make(path: Path, kind: str, fingerprint: str, make: Callable[[], Archive]) -> Archive:
    """The archive at `path` if it is undamaged and has these weights; else a new one, which is written there."""
    try:
        if path.is_file() and (archive := read_archive(path, kind)).fingerprint == fingerprint:
            return archive
    except ValueError as error:
        logger.warning(f"{path} is damaged and is made again ({error.__cause__})")
    archive = make()
    _keep(archive, path)
    return archive


def _keep(archive: Archive, path: Path) -> None:
    """Writes an archive for later starts; a warning if the folder is read-only or full."""
    try:
        write_archive(archive, path)
    except OSError as error:
        logger.warning(f"{path} cannot be kept ({error.strerror}); the next start has to make it again")


def _to_int8(archive: Archive) -> Archive:
    if archive.precision == "int8":
        return archive
    from seq2seq.translator.int8 import to_int8

    graphs = {name: to_int8(graph) for name, graph in archive.graphs.items()}
    return dataclasses.replace(archive, graphs=graphs, precision="int8")


def _is_keras(file: Path) -> bool:
    """Whether Keras opens a file: by its name alone, because a Keras model may hold code, and one that is named
    translator.zip must not run it."""
    return file.suffix == ".keras"


def _fingerprint(file: Path) -> str:
    """The fingerprint of a Keras archive's weights, from the checksums that were saved with them."""
    try:
        with zipfile.ZipFile(file) as archive:
            return hashlib.sha256(read_entry(archive, "assets/weights.json", most=_MAX_CHECKSUMS)).hexdigest()
    except (*DAMAGED_ZIP, KeyError, ValueError) as error:
        raise ValueError(
            f"{file} is not a model archive, or a damaged one ({error}). Copy or train it again."
        ) from error
