"""Attention: where to look in the source, given what the decoder is about to say.

Each layer scores a query against the keys of every source position, turns the scores into weights by a
softmax over real positions, and returns the weighted sum of values, the context: of the encoder's outputs, or of what
the decoder makes of them. Keys are computed once a sentence (`keys`). Queries stand in the middle axis: target
positions when a whole target is known, beams during search; so memory is never tiled.
"""

import keras
import tensorflow as tf

from seq2seq.layers.layer import Layer
from seq2seq.layers.precision import matmul


class Attention(Layer):
    """Base of the attention layers: masked softmax and weighted sum; subclasses give `keys` and `scores`.

    Call arguments:
        query: float (B, Q, D). Q target positions, or beams.
        keys: float (B, S, U), from `keys(outputs)`.
        values: float (B, S, M). What is summed up.
        mask: bool (B, S), True = token; every row needs one.
        product: function (x, kernel) -> x @ kernel, for `query_kernels` and `values`; that of the runner, inside
            a loop.

    Returns:
        Tuple (context (B, Q, M), weights (B, Q, S) that sum to 1 over S and are 0 where padded).
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)

    def call(self, query, keys, values, mask, product=matmul):
        scores = self.scores(query, keys, product)  # (B, Q, S)
        floor = tf.constant(scores.dtype.min / 2, scores.dtype)
        weights = tf.nn.softmax(tf.where(mask[:, tf.newaxis, :], scores, floor), axis=-1)
        return product(weights, values), weights

    @property
    def query_kernels(self):
        """The weights that `scores` multiplies the query by."""
        return []

    def build(self, query_shape, outputs_shape):
        """Create the weights for queries (..., D) and encoder outputs (..., M)."""
        raise NotImplementedError(f"{type(self).__name__} has no build.")

    def get_build_config(self):
        return None  # the decoder builds it, also after loading

    def keys(self, outputs):
        """What need be computed only once a sentence: float (B, S, M) -> (B, S, U)."""
        raise NotImplementedError(f"{type(self).__name__} has no keys.")

    def scores(self, query, keys, product=matmul):
        """Unnormalised scores: (B, Q, D), (B, S, U) -> (B, Q, S)."""
        raise NotImplementedError(f"{type(self).__name__} has no scores.")


@keras.saving.register_keras_serializable(package="seq2seq")
class AdditiveAttention(Attention):
    """score(s, h) = v^T tanh(W_s s + W_h h + b) (Bahdanau et al., 2015, appendix A.1.2).

    Args:
        units: int, at least 1. Size of the hidden layer that compares query and key.

    Example:
        >>> attention = AdditiveAttention(8)
        >>> query, values, mask = tf.ones((1, 1, 4)), tf.ones((1, 2, 6)), tf.constant([[True, True]])
        >>> attention.build(query.shape, values.shape)
        >>> context, weights = attention(query, attention.keys(values), values, mask)
        >>> weights.numpy().tolist()  # two equal positions
        [[[0.5, 0.5]]]
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        if units < 1:
            raise ValueError(f"AdditiveAttention needs at least 1 unit, not {units}.")
        self.units = units

    def build(self, query_shape, outputs_shape):
        self.query_kernel = self.add_weight(
            name="query_kernel", shape=(query_shape[-1], self.units), initializer="glorot_uniform"
        )
        self.key_kernel = self.add_weight(
            name="key_kernel", shape=(outputs_shape[-1], self.units), initializer="glorot_uniform"
        )
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        self.score_vector = self.add_weight(name="score_vector", shape=(self.units,), initializer="glorot_uniform")

    def keys(self, outputs):
        return matmul(outputs, self.key_kernel) + self.bias

    @property
    def query_kernels(self):
        return [self.query_kernel]

    def scores(self, query, keys, product=matmul):
        query = product(query, self.query_kernel)
        hidden = tf.tanh(tf.expand_dims(query, 2) + tf.expand_dims(keys, 1))  # (B, Q, S, U)
        return tf.tensordot(hidden, tf.convert_to_tensor(self.score_vector), 1)  # (B, Q, S)

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable(package="seq2seq")
class MultiplicativeAttention(Attention):
    """score(s, h) = s^T h, s^T W h or g s^T W h (Luong et al., 2015, section 3.1).

    Args:
        score: "dot" (query and encoder outputs must be of one size), "general" (a matrix between them), or
            "scaled" ("general" times a learnt scalar g that starts at 1 / sqrt(size of the query)).

    Raises:
        ValueError: another `score`, or "dot" between different sizes.

    Example:
        >>> attention = MultiplicativeAttention("dot")
        >>> query, values, mask = tf.ones((1, 1, 4)), tf.ones((1, 2, 4)), tf.constant([[True, False]])
        >>> attention.build(query.shape, values.shape)
        >>> context, weights = attention(query, attention.keys(values), values, mask)
        >>> weights.numpy().tolist()  # the second position is padding
        [[[1.0, 0.0]]]
    """

    def __init__(self, score="general", **kwargs):
        super().__init__(**kwargs)
        if score not in ("dot", "general", "scaled"):
            raise ValueError(f"MultiplicativeAttention's score is 'dot', 'general' or 'scaled', not {score!r}.")
        self.score = score

    def build(self, query_shape, outputs_shape):
        query_size, output_size = query_shape[-1], outputs_shape[-1]
        if self.score == "dot":
            if query_size != output_size:
                raise ValueError(
                    f"Dot attention compares a query of {query_size} features with encoder outputs of "
                    f"{output_size}. Give both the same size, or use score='general'."
                )
            return
        self.key_kernel = self.add_weight(
            name="key_kernel", shape=(output_size, query_size), initializer="glorot_uniform"
        )
        if self.score == "scaled":
            start = keras.initializers.Constant(query_size**-0.5)
            self.scale = self.add_weight(name="scale", shape=(), initializer=start)

    def keys(self, outputs):
        if self.score == "dot":
            return outputs
        keys = matmul(outputs, self.key_kernel)
        return keys * self.scale if self.score == "scaled" else keys

    def scores(self, query, keys, product=matmul):
        return matmul(query, keys, transpose_b=True)

    def get_config(self):
        return {**super().get_config(), "score": self.score}
