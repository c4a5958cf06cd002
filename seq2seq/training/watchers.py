"""Watchers: observers of the training loop, such as the progress line and metrics.csv. They change nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import keras
import tensorflow as tf

from seq2seq.tasks.task import Figures
from seq2seq.training.state import TrainingState

__all__ = ["KerasCallbacks", "TensorBoard", "Update", "Validated", "Watcher"]


class Update(NamedTuple):
    """An update that was just made."""

    learning_rate: float
    loss: float
    """What was minimised, per target token."""
    tokens: int
    seconds: float


class Validated(NamedTuple):
    """A validation that was just made."""

    figures: Figures
    row: Mapping[str, float | str]
    """All figures of the row in metrics.csv."""
    is_best: bool
    """Whether these are the best weights so far."""
    seconds: float


class Watcher:
    """Base of the watchers: does nothing. The state of the run is to be read, not changed."""

    files: Sequence[Path] = ()
    """Files whose contents belong to a checkpoint."""

    def restore(self, contents: Mapping[str, bytes]) -> None:
        """Restores the files as they were at a checkpoint.

        Args:
            contents: name -> contents of the files that existed.
        """

    def begin(self, state: TrainingState) -> None:
        """Training begins or goes on."""

    def updated(self, state: TrainingState, update: Update) -> None:
        """An update was made."""

    def interval_over(self, state: TrainingState, row: Mapping[str, float | str]) -> None:
        """An interval of updates is over; `row` has its figures, for training.csv."""

    def validating(self, state: TrainingState) -> None:
        """A validation begins."""

    def validated(self, state: TrainingState, validated: Validated) -> None:
        """A validation was made; `state.window` still holds the sums since the one before."""

    def end(self, state: TrainingState) -> None:
        """Training ends or stops."""


class KerasCallbacks(Watcher):
    """Keras callbacks as observers: they see every update, epoch and validation.

    Args:
        callbacks: of Keras.
        model: the model in training.
        batches_per_epoch: int.
        accumulate: int. Batches per update.
    """

    def __init__(
        self, callbacks: Sequence[keras.callbacks.Callback], model: keras.Model, batches_per_epoch: int, accumulate: int
    ):
        self.callbacks = keras.callbacks.CallbackList(list(callbacks), model=model)
        self.batches_per_epoch = batches_per_epoch
        self.accumulate = accumulate
        self._epoch_begun = -1

    def begin(self, state: TrainingState) -> None:
        self.callbacks.on_train_begin()

    def updated(self, state: TrainingState, update: Update) -> None:
        before, now = self._epochs_over(state.update - 1), self._epochs_over(state.update)
        logs = {"loss": update.loss, "learning_rate": update.learning_rate}
        self._begin_epoch(before)
        self.callbacks.on_train_batch_begin(state.update - 1)
        self.callbacks.on_train_batch_end(state.update - 1, logs)
        for epoch in range(before, now):  # several, where an update takes more batches than an epoch has
            self._begin_epoch(epoch)
            self.callbacks.on_epoch_end(epoch, logs)

    def validating(self, state: TrainingState) -> None:
        self.callbacks.on_test_begin()

    def validated(self, state: TrainingState, validated: Validated) -> None:
        self.callbacks.on_test_end({f"val_{name}": value for name, value in validated.figures.values.items()})

    def end(self, state: TrainingState) -> None:
        self.callbacks.on_train_end()

    def _begin_epoch(self, epoch: int) -> None:
        if epoch != self._epoch_begun:
            self.callbacks.on_epoch_begin(epoch)
            self._epoch_begun = epoch

    def _epochs_over(self, update: int) -> int:
        """Epochs that are over after so many updates."""
        return update * self.accumulate // self.batches_per_epoch


class TensorBoard(Watcher):
    """Writes the figures of each validation for TensorBoard.

    Args:
        folder: where the event files go.

    Raises:
        ModuleNotFoundError: the package tensorboard is not installed.
    """

    def __init__(self, folder: Path):
        import tensorboard  # noqa: F401 - TensorFlow would write nothing without it, and not say so

        self.folder = folder

    def begin(self, state: TrainingState) -> None:
        self._writer = tf.summary.create_file_writer(str(self.folder))

    def validated(self, state: TrainingState, validated: Validated) -> None:
        with self._writer.as_default(step=state.update):
            for name, value in validated.row.items():
                if not isinstance(value, str):
                    tf.summary.scalar(name, value)
        self._writer.flush()

    def end(self, state: TrainingState) -> None:
        self._writer.close()
