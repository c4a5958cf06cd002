"""How the outputs of two directions become one."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.layer import Layer
from seq2seq.layers.precision import matmul

MERGES = ("concat", "sum", "dense")


@keras.saving.register_keras_serializable(package="seq2seq")
class Merge(Layer):
    """Merges the outputs of the forward and the backward reading of a layer, f and b.

    - "concat": [f; b], side by side (Bahdanau et al., 2015);
    - "sum": f + b;
    - "dense": tanh(W_y [f; b] + b_y), as large as f.

    Args:
        kind: one of these.

    Call arguments:
        outputs: float (B, S, D) each. One of them, of a layer with one direction, stays as it is.

    Returns:
        float (B, S, 2 * D) for "concat", else (B, S, D).
    """

    def __init__(self, kind: str = "concat", **kwargs: Any) -> None:
        if kind not in MERGES:
            raise ValueError(f"Two directions are merged by one of {', '.join(MERGES)}, not by {kind!r}.")
        super().__init__(**kwargs)
        self.kind = kind

    def size(self, features: int, num_directions: int) -> int:
        """Features of the merged output."""
        return features * num_directions if self.kind == "concat" else features

    def connect(self, features: int, num_directions: int) -> None:
        """Creates the weights, if there are any, for outputs of `features`."""
        if self.kind == "dense" and num_directions == 2:
            shape = (2 * features, features)
            self.kernel = self.add_weight(name="kernel", shape=shape, initializer="glorot_uniform")
            self.bias = self.add_weight(name="bias", shape=(features,), initializer="zeros")
        self.built = True

    def call(self, outputs: Sequence[tf.Tensor]) -> tf.Tensor:
        if len(outputs) == 1:
            return outputs[0]
        if self.kind == "sum":
            return tf.add_n(outputs)
        both = tf.concat(outputs, axis=-1)
        return both if self.kind == "concat" else tf.tanh(matmul(both, self.kernel) + self.bias)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind}
