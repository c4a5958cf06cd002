"""Checkpoints: all that a run needs to go on exactly as if it had never stopped, in one file each.

`checkpoints/update-00001200.npz` is an uncompressed NumPy archive of every variable of the model and of the
optimizer, in order, and of the training state as JSON. The archive's own checksums tell a damaged file.
"""

import json
import logging
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seq2seq.text.files import DAMAGED_ZIP, written_beside

__all__ = ["Checkpoints"]

logger = logging.getLogger("seq2seq")

_DAMAGED = (*DAMAGED_ZIP, KeyError, ValueError, OSError)
_HEADER = "header"  # the archive's JSON entry; the others are numbered


class Checkpoints:
    """The checkpoints of one run.

    Args:
        folder: where they lie; created when the first one is saved.
        variables: Keras variables (`path`, `shape`, `numpy()`, `assign()`) in a fixed order: the model's,
            then the optimizer's.
        keep_last: how many of the newest are kept.
    """

    def __init__(self, folder: Path, variables: Sequence[Any], *, keep_last: int):
        self.folder = Path(folder)
        self.variables = list(variables)
        self.keep_last = keep_last

    def updates(self) -> list[int]:
        """Update numbers of the checkpoints, oldest first."""
        paths = self.folder.glob("update-*.npz")
        return sorted(int(path.stem.removeprefix("update-")) for path in paths)

    def path(self, update: int) -> Path:
        return self.folder / f"update-{update:08d}.npz"

    def save(self, update: int, state: dict[str, Any], *, keep: Iterable[int | None] = ()) -> None:
        """Write the checkpoint of `update`, then remove those that are neither among the last nor to be kept.

        Args:
            update: number of the last update made.
            state: JSON values. Floats come back exactly: JSON holds their shortest exact decimal form.
            keep: updates whose checkpoints stay however old they are.
        """
        header = {"variables": self._signature(), "state": state}
        arrays = {f"{number:05d}": variable.numpy() for number, variable in enumerate(self.variables)}
        with written_beside(self.path(update)) as beside, open(beside, "wb") as file:
            np.savez(file, **{_HEADER: np.array(json.dumps(header))}, **arrays)
        updates = self.updates()
        for old in set(updates[: -self.keep_last]).difference(keep):
            self.path(old).unlink()

    def restore(self, update: int) -> dict[str, Any]:
        """Load the checkpoint of `update` into the variables.

        Returns:
            The state saved with it.

        Raises:
            ValueError: the file is damaged or missing, or was written for a model with other variables.
        """
        try:
            header, arrays = self._read(update)
        except _DAMAGED as error:
            raise ValueError(f"{self.path(update)} cannot be read: {error}") from error
        return self._assign(update, header, arrays)

    def restore_newest(self, *, at_most: int | None = None) -> dict[str, Any] | None:
        """Load the newest checkpoint that is complete; a damaged one is put aside with a warning.

        Args:
            at_most: look only at checkpoints of this update or earlier, unless there are none.

        Returns:
            The state saved with it, or None when there is no checkpoint at all.

        Raises:
            ValueError: there are checkpoints but none can be read, or they belong to another model.
        """
        updates = self.updates()
        early = [update for update in updates if at_most is None or update <= at_most]
        late = updates[len(early) :]
        for update in [*reversed(early), *late]:
            try:
                header, arrays = self._read(update)
            except _DAMAGED as error:
                self.path(update).rename(self.path(update).with_suffix(".damaged"))
                logger.warning(f"{self.path(update)} is damaged ({error}); going back to the one before it.")
            else:
                return self._assign(update, header, arrays)
        damaged = len(list(self.folder.glob("update-*.damaged")))
        if damaged:  # also those put aside by an earlier start: the run is not begun anew over its own tables
            raise ValueError(
                f"none of the {damaged} checkpoints in {self.folder} can be read. Start again in a new --run-dir."
            )
        return None

    def remove_after(self, update: int) -> None:
        """Remove the checkpoints of later updates: the run goes on from `update` another way."""
        for later in self.updates():
            if later > update:
                self.path(later).unlink()

    def _read(self, update: int) -> tuple[dict[str, Any], list[np.ndarray]]:
        with open(self.path(update), "rb") as file, np.load(file, allow_pickle=False) as archive:
            header = json.loads(str(archive[_HEADER]))
            return header, [archive[f"{number:05d}"] for number in range(len(header["variables"]))]

    def _assign(self, update: int, header: dict[str, Any], arrays: list[np.ndarray]) -> dict[str, Any]:
        self._check(update, header["variables"])
        for variable, array in zip(self.variables, arrays, strict=True):
            variable.assign(array)
        return header["state"]

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


def _path(variable: Any) -> str:
    """A variable's path without the numbers by which Keras tells apart models of one process (`dense_3`)."""
    return re.sub(r"_\d+(?=[/_]|$)", "", variable.path)
