"""Checkpoints: each file holds all that a run needs to continue exactly as if it had never stopped.

`checkpoints/update-00001200.npz` is an uncompressed NumPy archive with every variable of the model and of
the optimizer, in order, the training state as JSON, and the run's small files (tables, samples, vocabularies) as they
were then. The archive's own checksums reveal a damaged file.
"""

import json
import logging
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from seq2seq.text.files import DAMAGED_ZIP, written_beside, zip_entry

__all__ = ["Checkpoints", "Saved", "intact"]

logger = logging.getLogger("seq2seq")

_DAMAGED = (*DAMAGED_ZIP, KeyError, ValueError, OSError)
_HEADER = "header"  # name of the archive's JSON entry; variables have numbers
_FILE = "file:"  # prefix of the names of files


class Saved(NamedTuple):
    """What a checkpoint holds beside the variables."""

    state: dict[str, Any]
    files: Mapping[str, bytes]
    """Name of each small file that existed -> its contents."""


class Checkpoints:
    """The checkpoints of one run.

    Args:
        folder: where they lie; created when the first one is saved.
        variables: Keras variables (`path`, `shape`, `numpy()`, `assign()`) in a fixed order: the model's,
            then the optimizer's.
        keep_last: how many of the newest are kept.
        files: small files of the run, whose contents at the time of a checkpoint are part of it.
    """

    def __init__(self, folder: Path, variables: Sequence[Any], *, keep_last: int, files: Sequence[Path] = ()):
        self.folder = Path(folder)
        self.variables = list(variables)
        self.keep_last = keep_last
        self.files = list(files)

    def updates(self) -> list[int]:
        """Update numbers of the checkpoints, oldest first."""
        paths = self.folder.glob("update-*.npz")
        return sorted(int(path.stem.removeprefix("update-")) for path in paths)

    def path(self, update: int) -> Path:
        return self.folder / f"update-{update:08d}.npz"

    def save(self, update: int, state: dict[str, Any], *, keep: Iterable[int | None] = ()) -> None:
        """Writes the checkpoint of `update`, then removes those that are neither among the newest nor in `keep`.

        Args:
            update: number of the last update made.
            state: JSON values. Floats come back exactly: JSON holds their shortest exact decimal form.
            keep: updates whose checkpoints stay however old they are.
        """
        header = {"variables": self._signature(), "state": state}
        arrays = {_HEADER: np.array(json.dumps(header))}
        arrays |= {f"{number:05d}": variable.numpy() for number, variable in enumerate(self.variables)}
        contents = {path.name: path.read_bytes() for path in self.files if path.exists()}
        arrays |= {f"{_FILE}{name}": np.frombuffer(content, np.uint8) for name, content in contents.items()}
        with written_beside(self.path(update)) as beside:
            _write_arrays(beside, arrays)
        updates = self.updates()
        for old in set(updates[: -self.keep_last]).difference(keep):
            self.path(old).unlink()

    def restore(self, update: int) -> Saved:
        """Loads the checkpoint of `update` into the variables.

        Raises:
            ValueError: the file is damaged or missing, or was written for a model with other variables.
        """
        try:
            read = _read(self.path(update))
        except _DAMAGED as error:
            raise ValueError(f"{self.path(update)} cannot be read: {error}") from error
        return self._assign(update, *read)

    def restore_newest(self, *, at_most: int | None = None) -> Saved | None:
        """Loads the newest checkpoint that can be read; renames a damaged one to .damaged, with a warning.

        Args:
            at_most: look only at checkpoints of this update or earlier, unless there are none.

        Returns:
            What was saved with it, or None when there is no checkpoint at all.

        Raises:
            ValueError: there are checkpoints but none can be read, or they belong to another model.
        """
        updates = self.updates()
        early = [update for update in updates if at_most is None or update <= at_most]
        late = updates[len(early) :]
        for update in [*reversed(early), *late]:
            try:
                read = _read(self.path(update))
            except _DAMAGED as error:
                self.path(update).rename(self.path(update).with_suffix(".damaged"))
                logger.warning(f"{self.path(update)} is damaged ({error}); going back to the one before it.")
            else:
                return self._assign(update, *read)
        damaged = len(list(self.folder.glob("update-*.damaged")))
        if damaged:  # now or at an earlier start: a new run would overwrite the tables of this one
            raise ValueError(
                f"none of the {damaged} checkpoints in {self.folder} can be read. Start again in a new --run-dir."
            )
        return None

    def remove_after(self, update: int) -> None:
        """Removes the checkpoints of later updates, because the run goes on from `update` in another way."""
        for later in self.updates():
            if later > update:
                self.path(later).unlink()

    def newest_files(self) -> Mapping[str, bytes]:
        """The small files in the newest checkpoint that can be read; none without one. No variable is touched."""
        for update in reversed(self.updates()):
            try:
                return _read(self.path(update), with_arrays=False)[2]
            except _DAMAGED:  # `restore_newest` warns of it
                continue
        return {}

    def _assign(self, update: int, header: dict[str, Any], arrays: list[np.ndarray], files: dict[str, bytes]) -> Saved:
        self._check(update, header["variables"])
        for variable, array in zip(self.variables, arrays, strict=True):
            variable.assign(array)
        return Saved(header["state"], files)

    def _signature(self) -> list[list[Any]]:
        """Path and shape of each variable."""
        return [[_path(variable), list(variable.shape)] for variable in self.variables]

    def _check(self, update: int, saved: list[list[Any]]) -> None:
        ours = self._signature()
        if saved == ours:
            return
        if len(saved) != len(ours):
            difference = f"it holds {len(saved)} variables, the model and its optimizer have {len(ours)}"
        else:
            was, now = next((was, now) for was, now in zip(saved, ours, strict=True) if was != now)
            difference = f"it holds {was[0]} {tuple(was[1])} where the model has {now[0]} {tuple(now[1])}"
        raise ValueError(
            f"{self.path(update)} belongs to another model: {difference}. "
            "Restore the recipe as it was, or use a new --run-dir."
        )


def intact(path: Path, is_right: Callable[[bytes], bool], checkpoints: Path) -> bytes:
    """The contents of a small file of a run. A damaged file is restored from the newest checkpoint, with a warning.

    Args:
        path: the file, among those that checkpoints hold.
        is_right: whether contents are those that the run wrote.
        checkpoints: the folder of the checkpoints.

    Raises:
        ValueError: the newest checkpoint does not hold the right contents either.
    """
    contents = path.read_bytes() if path.exists() else b""
    if is_right(contents):
        return contents
    contents = Checkpoints(checkpoints, (), keep_last=1).newest_files().get(path.name, b"")
    if not is_right(contents):
        raise ValueError(
            f"{path} is not as the run left it, and no checkpoint holds it. Restore the file, or use a new --run-dir."
        )
    logger.warning(f"{path} is not as the run left it; it is restored from the checkpoint")
    with written_beside(path) as beside:
        beside.write_bytes(contents)
    return contents


def _write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Like `np.savez`, but equal arrays make equal bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for name, array in arrays.items():
            with archive.open(zip_entry(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, allow_pickle=False)


def _read(path: Path, *, with_arrays: bool = True) -> tuple[dict[str, Any], list[np.ndarray], dict[str, bytes]]:
    """Header, variables and files of a checkpoint."""
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
        header = json.loads(str(archive[_HEADER]))
        arrays = [archive[f"{number:05d}"] for number in range(len(header["variables"]) if with_arrays else 0)]
        names = [name.removeprefix(_FILE) for name in archive.files if name.startswith(_FILE)]
        return header, arrays, {name: archive[f"{_FILE}{name}"].tobytes() for name in names}


def _path(variable: Any) -> str:
    """A variable's path without the numbers (`dense_3`) that distinguish the models of one process in Keras."""
    return re.sub(r"_\d+(?=[/_]|$)", "", variable.path)
