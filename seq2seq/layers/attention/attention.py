"""The contract of attention: where the decoder looks in the source.

An attention scores a query against the key of every source position, turns the scores into weights by a softmax over
the real positions, and returns the weighted sum of the values, the context. Keys and values are made once per sentence:
the decoder's `start` puts them into memory. The values are the encoder's outputs, or what a decoder makes of them.

Queries stand on the middle axis: target positions when a whole target is known, beams during search. So memory is
never repeated.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Product
from seq2seq.layers.layer import Layer
from seq2seq.layers.precision import matmul


class Attention(Layer):
    """Base of the attention layers.

    A subclass creates its weights in `build` and gives `keys`. Most kinds look at the query alone: they give `scores`,
    and their state is empty. A kind that remembers where it looked before (coverage, monotonic attention) overrides
    `start` and `call`; then `attend` turns its scores into the context.

    Call arguments:
        query: float (B, Q, D). Q target positions, or beams.
        memory: {"keys": float (B, S, U), from `keys`; "values": float (B, S, M); "mask": bool (B, S), True = token, of
            which each row needs one; ...}.
        state: nest of (B, Q, ...): what `start` gave, for each query, or what the step before returned.
        product: function (x, kernel) -> x @ kernel, for `kernels` and `memory["values"]`. By name, as Keras takes
            only tensors by position.

    Returns:
        Tuple (context (B, Q, M); weights (B, Q, S), which sum to 1 over S and are 0 where padded; state).
    """

    def check_sizes(self, query_size: int, memory_size: int) -> None:
        """Raises ValueError when queries (..., D) cannot be compared with encoder outputs (..., M)."""

    def build(self, query_shape: Sequence[int | None], outputs_shape: Sequence[int | None]) -> None:
        """Creates the weights for queries (..., D) and encoder outputs (..., M)."""
        raise NotImplementedError(f"{type(self).__name__} has no build.")

    def get_build_config(self) -> None:
        return None  # the decoder builds it, also after loading

    @property
    def kernels(self) -> list[keras.Variable]:
        """The weights that a call multiplies by through `product`, each once."""
        return []

    def keys(self, outputs: tf.Tensor) -> tf.Tensor:
        """What is computed once per sentence: encoder outputs float (B, S, M) -> (B, S, U)."""
        raise NotImplementedError(f"{type(self).__name__} has no keys.")

    def start(self, memory: Mapping[str, tf.Tensor]) -> Any:
        """The state before the first query of each sentence: a nest of (B, ...), empty for most kinds."""
        return ()

    def call(
        self, query: tf.Tensor, memory: Mapping[str, tf.Tensor], state: Any = (), product: Product = matmul
    ) -> tuple[tf.Tensor, tf.Tensor, Any]:
        context, weights = self.attend(self.scores(query, memory["keys"], product), memory, product)
        return context, weights, state

    def scores(self, query: tf.Tensor, keys: tf.Tensor, product: Product = matmul) -> tf.Tensor:
        """Unnormalised scores: (B, Q, D), (B, S, U) -> (B, Q, S)."""
        raise NotImplementedError(f"{type(self).__name__} has no scores.")

    def attend(
        self, scores: tf.Tensor, memory: Mapping[str, tf.Tensor], product: Product
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Softmax over the real positions, and the weighted sum of values.

        Returns:
            Tuple (context (B, Q, M), weights (B, Q, S)).
        """
        floor = tf.constant(scores.dtype.min / 2, scores.dtype)
        weights = tf.nn.softmax(tf.where(memory["mask"][:, tf.newaxis, :], scores, floor), axis=-1)
        return product(weights, memory["values"]), weights


def none(units: int) -> None:
    """No attention, by its name in `ATTENTIONS`."""
    return None
