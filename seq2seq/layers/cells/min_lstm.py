"""The minimal LSTM, whose gates and candidate read the input alone."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.linear import LinearCell
from seq2seq.layers.cells.lstm import check_forget_bias
from seq2seq.layers.cells.min_gru import positive


@keras.saving.register_keras_serializable(package="seq2seq")
class MinLSTM(LinearCell):
    """minLSTM (Feng et al., 2024): h_t = f / (f + i) * h_(t-1) + i / (f + i) * g(W_h x_t + b_h).

    The gates are f, i = sigma(W x_t + b). They are divided by their sum, so that they sum to 1. The candidate g is that
    of `MinGRU`. Columns of the kernel stand in the order f, i, candidate. The paper sums logarithms over the sequence
    instead (its appendix B.2). That gives the same states, but in float32 the sums grow with the length and lose
    digits.

    Args:
        units: int, at least 1. Size of the hidden state.
        forget_bias: float. Initial bias of the forget gate, which training changes. A larger one keeps more of the
            state at the start; the paper finds that it speeds training up.

    State: "hidden" (N, units), h.

    Raises:
        ValueError: a `forget_bias` that is no number between -100 and 100.

    Example:
        >>> cell = MinLSTM(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape
        TensorShape([2, 4])
    """

    def __init__(self, units: int, forget_bias: float = 1.0, **kwargs: Any) -> None:
        super().__init__(units, num_blocks=3, **kwargs)
        self.forget_bias = check_forget_bias(type(self).__name__, forget_bias)

    def bias_initializer(self, shape: Sequence[int], dtype: str | None = None) -> tf.Tensor:
        zeros = tf.zeros((self.units,), dtype)
        return tf.concat([zeros + self.forget_bias, zeros, zeros], axis=0)

    def elements(self, projected: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        forget, write, candidate = tf.split(projected, 3, axis=-1)
        # f / (f + i) = sigma(log f - log i), which no gate that underflows to 0 turns into 0 / 0.
        difference = tf.math.log_sigmoid(forget) - tf.math.log_sigmoid(write)
        return tf.sigmoid(difference), tf.sigmoid(-difference) * positive(candidate)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "forget_bias": self.forget_bias}
