"""Long short-term memory."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell, Product, State, StatePart
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class LSTM(Cell):
    """Long short-term memory (Hochreiter & Schmidhuber, 1997) with a forget gate (Gers et al., 2000).

    The gates are i, f, o = sigma(W_x x_t + W_h h_(t-1) + b), and the candidate is g = tanh(W_gx x_t + W_gh h_(t-1) +
    b_g). Then c_t = i * g + f * c_(t-1) and h_t = o * tanh(c_t). Columns of the kernels stand in the order i, f, g, o.

    Args:
        units: int, at least 1. Size of the hidden and of the cell state.
        forget_bias: float. Initial bias of the forget gate, which training changes. With 1 to 2 the cell keeps most of
            its state at the start (Jozefowicz et al., 2015).

    State: "hidden" (N, units), h, and "cell" (N, units), c.

    Example:
        >>> cell = LSTM(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape, state["cell"].shape
        (TensorShape([2, 4]), TensorShape([2, 4]))
    """

    def __init__(self, units: int, forget_bias: float = 1.0, **kwargs: Any) -> None:
        super().__init__(units, num_blocks=4, **kwargs)
        self.forget_bias = forget_bias

    @property
    def state_parts(self) -> tuple[StatePart, ...]:
        return StatePart("hidden", self.units), StatePart("cell", self.units)

    def bias_initializer(self, shape: Sequence[int], dtype: str | None = None) -> tf.Tensor:
        zeros = tf.zeros((self.units,), dtype)
        return tf.concat([zeros, zeros + self.forget_bias, zeros, zeros], axis=0)

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        self.recurrent_kernel = self.add_recurrent_kernel("recurrent_kernel", 4)

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return [self.recurrent_kernel]

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        i, f, g, o = tf.split(projected + product(state["hidden"], self.recurrent_kernel), 4, axis=-1)
        cell = tf.sigmoid(i) * tf.tanh(g) + tf.sigmoid(f) * state["cell"]
        hidden = tf.sigmoid(o) * tf.tanh(cell)
        return hidden, {"hidden": hidden, "cell": cell}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "forget_bias": self.forget_bias}
