"""Multiplicative attention: dot, general and scaled."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.attention.attention import Attention
from seq2seq.layers.cells.cell import Product
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class MultiplicativeAttention(Attention):
    """score(s, h) = s^T h, s^T W h or g s^T W h (Luong et al., 2015, section 3.1).

    Args:
        score: "dot" (query and encoder outputs have one size), "general" (a matrix between them), or "scaled"
            ("general" times a learnt scalar g that starts at 1 / sqrt(size of the query)).

    Raises:
        ValueError: another `score`, or "dot" between different sizes.

    Example:
        >>> attention = MultiplicativeAttention("dot")
        >>> query, values, mask = tf.ones((1, 1, 4)), tf.ones((1, 2, 4)), tf.constant([[True, False]])
        >>> attention.build(query.shape, values.shape)
        >>> memory = {"keys": attention.keys(values), "values": values, "mask": mask}
        >>> context, weights, state = attention(query, memory)
        >>> weights.numpy().tolist()  # the second position is padding
        [[[1.0, 0.0]]]
    """

    def __init__(self, score: str = "general", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if score not in ("dot", "general", "scaled"):
            raise ValueError(f"MultiplicativeAttention's score is 'dot', 'general' or 'scaled', not {score!r}.")
        self.score = score

    def check_sizes(self, query_size: int, memory_size: int) -> None:
        if self.score == "dot" and query_size != memory_size:
            raise ValueError(
                f"Dot attention compares a query of {query_size} features with encoder outputs of {memory_size}. Give "
                "both the same size, or use score='general' (--model.attention general)."
            )

    def build(self, query_shape: Sequence[int | None], outputs_shape: Sequence[int | None]) -> None:
        query_size, output_size = query_shape[-1], outputs_shape[-1]
        self.check_sizes(query_size, output_size)
        if self.score == "dot":
            return
        self.key_kernel = self.add_weight(
            name="key_kernel", shape=(output_size, query_size), initializer="glorot_uniform"
        )
        if self.score == "scaled":
            start = keras.initializers.Constant(query_size**-0.5)
            self.scale = self.add_weight(name="scale", shape=(), initializer=start)

    def keys(self, outputs: tf.Tensor) -> tf.Tensor:
        if self.score == "dot":
            return outputs
        keys = matmul(outputs, self.key_kernel)
        return keys * self.scale if self.score == "scaled" else keys

    def scores(self, query: tf.Tensor, keys: tf.Tensor, product: Product = matmul) -> tf.Tensor:
        return matmul(query, keys, transpose_b=True)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "score": self.score}


# The names in `ATTENTIONS`, which are called with the number of units; these kinds have no units of their own.


def dot(units: int) -> MultiplicativeAttention:
    return MultiplicativeAttention("dot")


def general(units: int) -> MultiplicativeAttention:
    return MultiplicativeAttention("general")


def scaled(units: int) -> MultiplicativeAttention:
    return MultiplicativeAttention("scaled")
