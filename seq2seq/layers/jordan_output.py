"""The output layer of a tagger in which each label depends on the one before it."""

from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Product, State
from seq2seq.layers.cells.jordan import Jordan
from seq2seq.layers.layer import Layer
from seq2seq.layers.recurrent import Recurrent
from seq2seq.layers.scan import scan


@keras.saving.register_keras_serializable(package="seq2seq")
class JordanOutput(Layer):
    """Labels that recur: the Jordan network over the features of a sequence.

    a_t = tanh(W_xa x_t + W_ya y_(t-1) + b_a), and y_t is a softmax over labels whose logits are W_ay a_t + b_y. In
    training y_(t-1) is the gold label (teacher forcing), so no step waits for another, and all are computed at once. In
    use it is the label chosen as the likeliest, so the steps form a loop. A label is one of L numbers that is 1, and
    before the first label all are 0.

    Args:
        num_labels: int L.
        units: int. Size of the hidden layer a.

    Call arguments:
        features: float (B, W, D), padded on the right.
        label_ids: int32 (B, W), the gold labels, -1 where there is none; or None to choose the labels.

    Returns:
        float (B, W, L), the logits.

    Example:
        >>> output = JordanOutput(num_labels=3, units=4)
        >>> output.build((None, None, 5))
        >>> output(tf.zeros((1, 6, 5)), label_ids=tf.zeros((1, 6), tf.int32)).shape
        TensorShape([1, 6, 3])
    """

    def __init__(self, num_labels: int, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_labels = num_labels
        self.units = units
        policy = self.dtype_policy
        cell = Jordan(units, num_labels, output_activation="identity", name="cell", dtype=policy)
        self.recurrent = Recurrent(cell, name="recurrent", dtype=policy)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self.recurrent.build(input_shape)

    def call(self, features: tf.Tensor, label_ids: tf.Tensor | None = None) -> tf.Tensor:
        if label_ids is None:
            return self._choosing(features)
        previous = tf.pad(label_ids[:, :-1], [[0, 0], [1, 0]], constant_values=-1)  # (B, W); nothing before the first
        logits, _ = self.recurrent(features, previous_outputs=self._as_output(previous))
        return logits

    def _choosing(self, features: tf.Tensor) -> tf.Tensor:
        """The logits (B, W, L) where each step reads the label that the one before has chosen."""
        cell = self.recurrent.cell

        def step(projected: tf.Tensor, state: State, product: Product, t: tf.Tensor) -> tuple[tf.Tensor, State]:
            logits, _ = cell.step(projected, state, product, t)
            return logits, {"output": self._as_output(tf.argmax(logits, axis=-1, output_type=tf.int32))}

        start = cell.zero_state(tf.shape(features)[0])
        logits, _ = scan(step, cell.project(features), start, kernels=cell.recurrent_kernels)
        return logits

    def _as_output(self, label_ids: tf.Tensor) -> tf.Tensor:
        """Labels (...) as outputs of the cell (..., L); -1 is all zeros."""
        return tf.one_hot(label_ids, self.num_labels, dtype=self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_labels": self.num_labels, "units": self.units}
