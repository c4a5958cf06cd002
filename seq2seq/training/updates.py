"""Updates from one or several batches, by graphs that are traced once for each objective."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from seq2seq.layers.dropout import fold
from seq2seq.model.objectives.objective import Objective
from seq2seq.model.trainable import Trainable

__all__ = ["Updates"]

Sums = dict[str, Any]


class Updates:
    """Makes updates of a model.

    Args:
        model: compiled.
        signature: name -> tf.TensorSpec, of a batch.
    """

    def __init__(self, model: Trainable, signature: Mapping[str, tf.TensorSpec]):
        self.model = model
        self.signature = signature
        self._whole = functools.cache(self._trace_whole)
        self._parts = functools.cache(self._trace_parts)

    def __call__(self, objective: Objective, batches: Sequence[Mapping[str, Any]]) -> Sums:
        """One update. The gradients of several batches are summed, so that they count as one large batch.

        Args:
            objective: Objective.
            batches: at least one.

        Returns:
            Name -> number: the sums of the objective over all batches, "gradient_norm" (before clipping) and "finite".
        """
        if len(batches) == 1:
            sums = self._whole(objective)(objective.inputs(self.model, batches[0]))
        else:
            sums = self._accumulated(objective, batches)
        return {name: value.numpy().item() for name, value in sums.items()}

    def _accumulated(self, objective: Objective, batches: Sequence[Mapping[str, Any]]) -> dict[str, tf.Tensor]:
        gradients_of, apply = self._parts(objective)
        total = None
        for part, batch in enumerate(batches):
            found = gradients_of(objective.inputs(self.model, batch, part), tf.constant(part))
            total = found if total is None else tf.nest.map_structure(tf.add, total, found)
        sums, gradients = total
        return {**sums, **apply(sums, gradients)}

    def _trace_whole(self, objective: Objective) -> Any:
        update = functools.partial(self.model.update, objective=objective)
        return tf.function(update, [objective.signature(self.signature)], autograph=False)

    def _trace_parts(self, objective: Objective) -> tuple[Any, Any]:
        def gradients(inputs: Mapping[str, tf.Tensor], part: tf.Tensor) -> Any:
            return self.model.gradients(inputs, objective, fold(self.model.update_seed(), part))

        signature = [objective.signature(self.signature), tf.TensorSpec((), tf.int32)]
        return tf.function(gradients, signature, autograph=False), tf.function(self.model.apply, autograph=False)
