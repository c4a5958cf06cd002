"""Prediction of the next token of a text, by back-propagation through time, truncated or not."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.model.objectives.objective import Objective, Sums, mean
from seq2seq.text.tokenizer import PAD_ID


class NextToken(Objective):
    """Cross-entropy of each token, given those before it.

    Gradients go back to the beginning of a window and no further (truncated back-propagation through time; Williams &
    Peng, 1990). With `num_streams` the state is carried: each window begins with the state in which the model left the
    window before it; see `LanguageModel.state_before`.

    Args:
        model: LanguageModel; its state is carried.
        num_streams: int N, rows of each batch; None to begin each window with zeros.

    Call arguments:
        inputs: {"target_ids": int32 (N, T + 1)}, see `seq2seq.text.streams.Streams`.
    """

    def __init__(self, model: Any = None, num_streams: int | None = None):
        self.state = None
        if num_streams is not None:
            self.state = tf.nest.map_structure(_variable, model.start(num_streams))

    @property
    def variables(self) -> Sequence[keras.Variable]:
        return () if self.state is None else tf.nest.flatten(self.state)

    def __call__(self, model: Any, inputs: Mapping[str, tf.Tensor], seed: tf.Tensor) -> Sums:
        ids = inputs["target_ids"]
        if self.state is None:
            before = model.start(tf.shape(ids)[0])
        else:
            before = model.state_before(ids, tf.nest.map_structure(tf.convert_to_tensor, self.state))
        features, after = model.features(ids[:, :-1], before, seed)
        labels = ids[:, 1:]
        loss_sum, nll_sum = model.output_layer.loss_sums(features, None, {}, labels)
        if self.state is not None:
            tf.nest.map_structure(_carry, self.state, after)
        tokens = tf.math.count_nonzero(labels != PAD_ID, dtype=tf.int32)
        return {"loss_sum": loss_sum, "nll_sum": nll_sum, "tokens": tokens}

    def report(self, sums: Mapping[str, float]) -> dict[str, float | str]:
        return {"train_loss": mean(sums.get("nll_sum", 0), sums.get("tokens", 0))}


def _variable(start: tf.Tensor) -> keras.Variable:
    return keras.Variable(start, dtype=start.dtype.name, trainable=False, name="carried")


def _carry(variable: keras.Variable, after: tf.Tensor) -> None:
    """Keeps the state after a window for the next one. Numbers that are not finite would spoil all that follow."""
    after = tf.ensure_shape(tf.stop_gradient(after), variable.shape)
    variable.assign(
        tf.where(tf.math.is_finite(after), after, tf.zeros_like(after)) if after.dtype.is_floating else after
    )
