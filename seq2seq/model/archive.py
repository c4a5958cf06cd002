"""Writes model archives in one step, and reads them back; damaged ones are refused."""

import contextlib
import json
import os
import pathlib
import shutil
import warnings
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

import keras

from seq2seq.model.kinds import check_kind
from seq2seq.model.own_classes import find_classes
from seq2seq.text.files import DAMAGED_ZIP, written_beside, zip_entry

if TYPE_CHECKING:
    from seq2seq.model.archived import ArchivedModel
    from seq2seq.model.trainable import Trainable


def save_model(model: "ArchivedModel", path: str | os.PathLike) -> None:
    """Writes the archive that Keras would write, whole or not at all, without the optimizer's state.

    Keras 3.15 stores the date, which no zip file can hold before 1980, and needs room in the folder for temporary
    files. Here equal models make equal bytes, and the temporary files are beside `path`.

    Args:
        model: Seq2Seq, or another Trainable, with its weights.
        path: of the file; `load_model` requires the ending .keras.
    """
    parts = {
        "metadata.json": json.dumps({"keras_version": keras.__version__, "date_saved": ""}).encode(),
        "config.json": json.dumps(keras.saving.serialize_keras_object(model)).encode(),
        **{f"assets/{name}": content for name, content in model.assets().items()},
    }
    with written_beside(path) as beside, _weights_file(model, beside) as weights, open(beside, "wb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in parts.items():
                archive.writestr(zip_entry(name), content)
            with archive.open(zip_entry("model.weights.h5"), "w", force_zip64=True) as entry:
                shutil.copyfileobj(weights, entry)


@contextlib.contextmanager
def _weights_file(model: keras.Model, beside: pathlib.Path) -> Iterator[BinaryIO]:
    """Yields an open file with the weights as Keras stores them; it is beside `beside`, and is removed at the end."""
    path = beside.with_suffix(".weights.h5")  # the ending that Keras requires
    optimizer, model.optimizer = getattr(model, "optimizer", None), None
    try:
        model.save_weights(path)
        with open(path, "rb") as file:
            yield file
    finally:
        model.optimizer = optimizer
        path.unlink(missing_ok=True)


def load_model(path: str | os.PathLike, kind: str | None = None) -> "Trainable":
    """Loads the model of a `.keras` archive with its vocabularies.

    Import classes of your own before, for example by `seq2seq.registry.register("leaky.py")`.

    Args:
        path: of the file, or of a run folder.
        kind: "translator", "tagger" or another name in `seq2seq.model.kinds.KINDS`, which the model has to be; None for
            any.

    Returns:
        Seq2Seq, or another Trainable, without optimizer.

    Raises:
        FileNotFoundError: no such file.
        ValueError: not an archive of this toolkit, a model of another kind, a class that has not been imported, or
            weights that did not all arrive.
    """
    from seq2seq import model as package
    from seq2seq.model.trainable import Trainable

    for name in package.__all__:
        getattr(package, name)  # imports the classes that an archive may name
    path = _keras_file(pathlib.Path(path), kind)
    _check_archive(path)
    classes = find_classes(_read_config(path), path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras warns of missing weights; the check below refuses them
            model = keras.saving.load_model(path, custom_objects=classes, compile=False)
    except ValueError as error:
        if "could not be loaded" not in str(error):
            raise
        raise ValueError(
            f"{path} was saved by another version of seq2seq, whose models have other weights. An exported .zip file "
            "beside it can still be used; to go on training, train again."
        ) from error
    if not isinstance(model, Trainable):
        raise ValueError(f"{path} holds a {type(model).__name__}, not a model of this toolkit.")
    if model.kind:
        check_kind(model.kind, kind, path)
    model.check_weights(path)
    return model


def _keras_file(path: pathlib.Path, kind: str | None) -> pathlib.Path:
    """The archive at a path: the file itself; in a run folder that of the kind, or else its only one."""
    if path.is_dir():
        found = sorted(path.glob("*.keras"))
        named = path / f"{kind or 'translator'}.keras"
        path = found[0] if len(found) == 1 else named
    if not path.is_file():
        raise FileNotFoundError(f"{path} is no file; a model archive is a .keras file, such as RUN/translator.keras.")
    return path


def _check_archive(path: pathlib.Path) -> None:
    """Refuses a file that is no archive of Keras or has a damaged entry, of which Keras' own message says little."""
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path} is not a model archive, or only a part of one. Copy or train it again.")
    try:
        with zipfile.ZipFile(path) as archive:
            names, damaged = archive.namelist(), archive.testzip()
    except DAMAGED_ZIP as error:
        raise ValueError(f"{path} is a damaged model archive ({error}). Copy or train it again.") from error
    if damaged is not None:
        raise ValueError(f"{path} is a damaged model archive: {damaged!r} in it. Copy or train it again.")
    if "index.json" in names:
        raise ValueError(
            f"{path} is an exported model, which can only translate. Give the run folder, or its translator.keras."
        )
    if "config.json" not in names:
        raise ValueError(f"{path} is a zip file, but not a model archive of Keras. Give a .keras file.")


def _read_config(path: pathlib.Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{path} is a damaged model archive ({type(error).__name__}). Copy or train it again."
        ) from error
