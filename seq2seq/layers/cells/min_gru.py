"""The minimal GRU, whose gate and candidate read the input alone."""

from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.linear import LinearCell


@keras.saving.register_keras_serializable(package="seq2seq")
class MinGRU(LinearCell):
    """minGRU (Feng et al., 2024): h_t = (1 - z) * h_(t-1) + z * g(W_h x_t + b_h) with z = sigma(W_z x_t + b_z).

    The candidate g(u) is u + 1/2 for u >= 0 and sigma(u) otherwise, so it is positive. Columns of the kernel stand in
    the order z, candidate. The paper sums logarithms over the sequence instead (its appendix B.2). That gives the same
    states, but in float32 the sums grow with the length and lose digits.

    Args:
        units: int, at least 1. Size of the hidden state.

    State: "hidden" (N, units), h.

    Example:
        >>> cell = MinGRU(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output[0].numpy()
        array([0.25, 0.25, 0.25, 0.25], dtype=float32)
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, num_blocks=2, **kwargs)

    def elements(self, projected: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        update, candidate = tf.split(projected, 2, axis=-1)
        return tf.sigmoid(-update), tf.sigmoid(update) * positive(candidate)


def positive(x: tf.Tensor) -> tf.Tensor:
    """g(x) = x + 1/2 for x >= 0 and sigma(x) otherwise (Feng et al., 2024, appendix B.2): positive and continuous."""
    return tf.where(x >= 0.0, x + 0.5, tf.sigmoid(x))
