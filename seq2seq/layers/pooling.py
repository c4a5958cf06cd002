"""Pooling: from the outputs of all positions to one vector for the sentence."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.layer import Layer
from seq2seq.layers.precision import matmul

POOLINGS = ("last", "mean", "attention")


@keras.saving.register_keras_serializable(package="seq2seq")
class Pooling(Layer):
    """One vector for each sentence, from the memory of an encoder.

    - "last": the last state of the upper layer, in all directions and with all its parts.
    - "mean": the mean of the outputs over the real positions.
    - "attention": their weighted mean. The weights are a softmax of u^T tanh(W h_t + b) (Yang et al., 2016, equations 5
      to 7), whose vector u is learnt.

    Args:
        kind: one of `POOLINGS`.

    Call arguments:
        memory: from an `Encoder`, of batch B.

    Returns:
        float (B, D).
    """

    def __init__(self, kind: str = "last", **kwargs: Any) -> None:
        if kind not in POOLINGS:
            raise ValueError(f"Pooling's kind is one of {', '.join(POOLINGS)}, not {kind!r}.")
        super().__init__(**kwargs)
        self.kind = kind

    def connect(self, encoder: Any) -> None:
        """Creates the weights, for the memory of an `Encoder`."""
        size = encoder.output_size
        self.output_size = sum(part.size for part in encoder.state_parts[-1]) if self.kind == "last" else size
        if self.kind == "attention":
            self.kernel = self.add_weight(name="kernel", shape=(size, size), initializer="glorot_uniform")
            self.bias = self.add_weight(name="bias", shape=(size,), initializer="zeros")
            self.query = self.add_weight(name="query", shape=(size, 1), initializer="glorot_uniform")
        self.built = True

    def call(self, memory: Mapping[str, Any]) -> tf.Tensor:
        outputs, mask = memory["outputs"], memory["mask"]
        if self.kind == "last":
            return tf.concat(list(memory["state"][-1].values()), axis=-1)
        if self.kind == "mean":
            weights = tf.cast(mask, outputs.dtype)
            weights /= tf.reduce_sum(weights, axis=1, keepdims=True)  # (B, S)
        else:
            scores = matmul(tf.tanh(matmul(outputs, self.kernel) + self.bias), self.query)[..., 0]  # (B, S)
            weights = tf.nn.softmax(tf.where(mask, scores, scores.dtype.min / 2), axis=-1)
        return tf.reduce_sum(weights[..., tf.newaxis] * outputs, axis=1)

    def get_build_config(self) -> None:
        return None  # the model connects it, also after loading

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "kind": self.kind}
