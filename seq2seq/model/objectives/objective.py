"""The contract of an objective: what an update minimises.

An objective has two halves. `inputs` runs in Python before the update and may do what no graph can, such as translate.
The call runs inside the graph that computes gradients. Both follow from the seed of the run and the number of the
update alone, so a resumed run goes on exactly.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

Sums = dict[str, tf.Tensor]


class Objective:
    """Base of the objectives. Subclasses implement the call.

    Call arguments:
        model: Trainable, compiled.
        inputs: what `inputs` made of a batch.
        seed: int32 (2,). Seed of all that is random in this update.

    Returns:
        Dict of scalars. "loss_sum" is minimised: its gradient is divided by "tokens". "nll_sum" is the plain negative
        log-likelihood (natural log). Subclasses may add further sums for `report`.
    """

    loss_name = "loss"
    """What the progress line calls the minimised quantity."""
    variables: Sequence[Any] = ()
    """Keras variables that the call changes. They belong to a checkpoint, but not to the saved model."""

    def __call__(self, model: Any, inputs: Mapping[str, tf.Tensor], seed: tf.Tensor) -> Sums:
        raise NotImplementedError(f"{type(self).__name__} has no call.")

    def at(self, update: int) -> "Objective":
        """The objective of update number `update`, counted from 1: itself, or a cheaper one that gives the same."""
        return self

    def signature(self, batch: Mapping[str, tf.TensorSpec]) -> Mapping[str, tf.TensorSpec]:
        """Types and shapes of the inputs, given those of a batch."""
        return batch

    def inputs(self, model: Any, batch: Mapping[str, Any], part: int = 0) -> Mapping[str, Any]:
        """What the graph needs of a batch.

        Args:
            model: Trainable, compiled. `model.optimizer.iterations` counts the updates made before.
            batch: from the task.
            part: number of the micro-batch within the update.
        """
        return batch

    def schedule(self, update: int) -> dict[str, float]:
        """The values that change from update to update, by the name of their column in metrics.csv."""
        return {}

    def report(self, sums: Mapping[str, float]) -> dict[str, float | str]:
        """The training figures of a row of metrics.csv, from sums over the updates since the last row.

        Returns:
            Column -> figure, or "" when there was no update.
        """
        raise NotImplementedError(f"{type(self).__name__} has no report.")

    def summary(self, figures: Mapping[str, float | str]) -> list[str]:
        """The training figures for a line of the log, from those of `report`."""
        loss = figures[f"train_{self.loss_name}"]
        return [] if loss == "" else [f"train {self.loss_name} {loss:.3f}"]

    def progress(self, update: int) -> list[str]:
        """What the progress line shows of the schedule."""
        return []

    def describe(self) -> list[str]:
        """What the objective will do, one line each, for the log."""
        return []

    def warnings(self, update: int) -> list[str]:
        """What the user should know when training ends after so many updates."""
        return []


def mean(total: float, count: float) -> float | str:
    """The mean, or "" (an empty cell of metrics.csv) if `count` is 0."""
    return total / count if count else ""
