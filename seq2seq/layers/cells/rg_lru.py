"""The real-gated linear recurrent unit."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.linear import LinearCell

_SHARPNESS = 8.0  # c of De et al. (2024, section 2.4)
_TINY = 1e-12  # the square root has no gradient at 0


@keras.saving.register_keras_serializable(package="seq2seq")
class RGLRU(LinearCell):
    """Real-gated linear recurrent unit (De et al., 2024, section 2.4): h_t = a * h_(t-1) + sqrt(1 - a^2) * i * u.

    Here u = W_u x_t + b_u, and the gates are r, i = sigma(W x_t + b). The decay is a = exp(-8 r softplus(Lambda)) with
    a weight vector Lambda: r = 0 keeps the state. Lambda starts so that exp(-8 softplus(Lambda)) is uniform in
    0.9..0.999. Columns of the kernel stand in the order r, i, u. In the paper the gates read u; here they read x_t, so
    that one product serves a whole sequence.

    Args:
        units: int, at least 1. Size of the hidden state.

    State: "hidden" (N, units), h.

    Example:
        >>> cell = RGLRU(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape
        TensorShape([2, 4])
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, num_blocks=3, **kwargs)

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        self.decay = self.add_weight(name="decay", shape=(self.units,), initializer=_slow)  # Lambda

    def elements(self, projected: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        recurrence, write, inputs = tf.split(projected, 3, axis=-1)
        log_a = -_SHARPNESS * tf.sigmoid(recurrence) * tf.math.softplus(tf.convert_to_tensor(self.decay))
        a = tf.exp(log_a)
        # 1 - a^2 = -expm1(2 log a), exact also where a is near 1. ONNX has no expm1, but it has tanh.
        rest = tf.maximum(-tf.tanh(log_a) * (1.0 + a * a), _TINY)
        return a, tf.sqrt(rest) * tf.sigmoid(write) * inputs


def _slow(shape: Sequence[int], dtype: str | None = None) -> tf.Tensor:
    """Lambda such that exp(-8 softplus(Lambda)) is uniform in 0.9..0.999."""
    decay = keras.initializers.RandomUniform(0.9, 0.999)(shape, dtype=dtype)
    return tf.math.log(tf.math.expm1(-tf.math.log(decay) / _SHARPNESS))
