"""The simpler simple recurrent unit."""

from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Product
from seq2seq.layers.cells.linear import LinearCell
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class SSRU(LinearCell):
    """Simpler simple recurrent unit (Kim et al., 2019): c_t = f * c_(t-1) + (1 - f) * (W_c x_t + b_c), h_t = relu(c_t).

    The gate is f = sigma(W_f x_t + b_f). The paper has no b_c. Columns of the kernel stand in the order f, candidate.
    The cell was made for decoders that translate fast: it is the recurrence of Marian's "ssru".

    Args:
        units: int, at least 1. Size of the state.

    State: "hidden" (N, units), c.

    Example:
        >>> cell = SSRU(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape
        TensorShape([2, 4])
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, num_blocks=2, **kwargs)

    def elements(self, projected: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        forget, candidate = tf.split(projected, 2, axis=-1)
        return tf.sigmoid(forget), tf.sigmoid(-forget) * candidate

    def read_out(self, projected: tf.Tensor, hidden: tf.Tensor, product: Product = matmul) -> tf.Tensor:
        return tf.nn.relu(hidden)
