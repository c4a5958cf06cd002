"""Additive attention."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.attention.attention import Attention
from seq2seq.layers.cells.cell import Product
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class AdditiveAttention(Attention):
    """score(s, h) = v^T tanh(W_s s + W_h h + b) (Bahdanau et al., 2015, appendix A.1.2).

    Args:
        units: int, at least 1. Size of the hidden layer that compares query and key.

    Example:
        >>> attention = AdditiveAttention(8)
        >>> query, values, mask = tf.ones((1, 1, 4)), tf.ones((1, 2, 6)), tf.constant([[True, True]])
        >>> attention.build(query.shape, values.shape)
        >>> memory = {"keys": attention.keys(values), "values": values, "mask": mask}
        >>> context, weights, state = attention(query, memory)
        >>> weights.numpy().tolist()  # two equal positions
        [[[0.5, 0.5]]]
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"{type(self).__name__} needs at least 1 unit, not {units}.")
        self.units = units

    def build(self, query_shape: Sequence[int | None], outputs_shape: Sequence[int | None]) -> None:
        self.query_kernel = self.add_weight(
            name="query_kernel", shape=(query_shape[-1], self.units), initializer="glorot_uniform"
        )
        self.key_kernel = self.add_weight(
            name="key_kernel", shape=(outputs_shape[-1], self.units), initializer="glorot_uniform"
        )
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        self.score_vector = self.add_weight(name="score_vector", shape=(self.units,), initializer="glorot_uniform")

    @property
    def kernels(self) -> list[keras.Variable]:
        return [self.query_kernel]

    def keys(self, outputs: tf.Tensor) -> tf.Tensor:
        return matmul(outputs, self.key_kernel) + self.bias

    def scores(self, query: tf.Tensor, keys: tf.Tensor, product: Product = matmul) -> tf.Tensor:
        query = product(query, self.query_kernel)
        hidden = tf.tanh(tf.expand_dims(query, 2) + tf.expand_dims(keys, 1))  # (B, Q, S, U)
        return tf.tensordot(hidden, tf.convert_to_tensor(self.score_vector), 1)  # (B, Q, S)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
