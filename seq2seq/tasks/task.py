"""The contract between a task and training: what is learnt, how it is judged, and what is left at the end.

The trainer, the checkpoints and the run folder know a task only by what is written here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

__all__ = ["LARGEST_LOSS", "Figures", "Folder", "Interrupted", "Layout", "Task", "UselessWeights"]

LARGEST_LOSS = 100.0
"""Nats per target token, from which training may still recover; guessing at random costs ln V, about 10."""


class Interrupted(Exception):
    """A validation was stopped before its end, because a signal asked the process to leave."""


class UselessWeights(ArithmeticError):
    """The loss is too large, infinite or NaN: training diverged."""


@dataclass(frozen=True)
class Figures:
    """What a validation found.

    Args:
        values: name -> figure, in the order of the columns of metrics.csv.
        rank: the figures that decide, the greater the better; later ones decide between equal earlier ones.
        decision: the same in words, such as "BLEU 39.80 with loss 1.2".
        summary: the figures in words, for the log.
        samples: what the model makes of a few inputs, as text.
    """

    values: Mapping[str, float]
    rank: tuple[float, ...]
    decision: str
    summary: str
    samples: tuple[str, ...] = field(default=())


class Layout(NamedTuple):
    """The files that a task writes into a run folder, beside those of training itself."""

    model: str
    """Name of the file with the best model."""
    files: tuple[str, ...]
    """Patterns of the names of all its files."""
    kept: tuple[str, ...] = ()
    """Those that are small and written when a run begins; every checkpoint holds them."""


class Folder(Protocol):
    """What a task may ask of the run folder."""

    path: Path
    cache: Path
    """For files that can be made again."""
    model: Path
    """The file with the best model."""
    has_begun: bool
    """Whether there is a checkpoint."""

    def record(self) -> Mapping[str, Any] | None:
        """What run.json holds."""

    def add_to_record(self, values: Mapping[str, Any]) -> None:
        """Adds values to run.json."""

    def intact(self, name: str, is_right: Callable[[bytes], bool]) -> bytes:
        """The contents of a kept file. A damaged one is restored from the newest checkpoint, with a warning."""


class Task:
    """Base of the tasks. `read`, `prepare`, then `batches` and `validate` as often as wanted, then `finish`.

    Attributes:
        layout: Layout.
        batches_per_epoch: int, from `prepare` on.
        signature: name -> tf.TensorSpec, of a batch.
    """

    layout: Layout
    batches_per_epoch: int
    signature: Mapping[str, Any]

    def read(self, cache: Path) -> dict[str, str]:
        """Reads and checks the data. `cache` is a folder for files that can be made again.

        Returns:
            Name of each part of the data -> fingerprint of its content. A run is bound to them.
        """
        raise NotImplementedError(f"{type(self).__name__} has no read.")

    def prepare(self, folder: Folder, precision: str) -> tuple[Any, Any]:
        """Makes model and objective ready for the first update.

        Args:
            folder: the run folder.
            precision: "float32" or "bfloat16", of matrix products.

        Returns:
            Tuple (model: Trainable, not compiled; objective: Objective).
        """
        raise NotImplementedError(f"{type(self).__name__} has no prepare.")

    def batches(self, start: int) -> Iterable[Mapping[str, Any]]:
        """The batches of training from number `start` on, endless. The same number gives the same batch."""
        raise NotImplementedError(f"{type(self).__name__} has no batches.")

    def validate(self, interrupted: Callable[[], bool]) -> Figures:
        """Judges the model with its present weights.

        Args:
            interrupted: called between batches; True stops the validation.

        Raises:
            Interrupted: `interrupted` returned True.
            UselessWeights: training diverged.
        """
        raise NotImplementedError(f"{type(self).__name__} has no validate.")

    def finish(self, folder: Folder, best_update: int) -> Any:
        """Does what is left at the end, such as scoring test sets, and returns the results.

        Args:
            folder: the run folder; `folder.model` holds the best weights.
            best_update: the update of these weights.
        """

    def describe(self) -> list[str]:
        """What the task will do, one line each, for the log."""
        return []

    def progress(self, update: int) -> list[str]:
        """What the progress line shows of the task after so many updates."""
        return []
