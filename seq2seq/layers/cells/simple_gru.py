"""The gated recurrent unit without a reset gate."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell, Product, State
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class SimpleGRU(Cell):
    """Gated recurrent unit with an update gate alone: an Elman network that may keep its state.

    The update gate is u = sigma(W_ux x_t + W_uh h_(t-1) + b_u), and the candidate is tanh(W_x x_t + W_h h_(t-1) + b).
    The new state is h_t = u * candidate + (1 - u) * h_(t-1). Columns of the kernels stand in the order u, candidate.
    `GRU` has a reset gate too.

    Args:
        units: int, at least 1. Size of the hidden state.

    State: "hidden" (N, units), h.

    Example:
        >>> cell = SimpleGRU(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape
        TensorShape([2, 4])
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, num_blocks=2, **kwargs)

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        self.recurrent_kernel = self.add_recurrent_kernel("recurrent_kernel", 2)

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return [self.recurrent_kernel]

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        hidden = state["hidden"]
        update, candidate = tf.split(projected + product(hidden, self.recurrent_kernel), 2, axis=-1)
        hidden = hidden + tf.sigmoid(update) * (tf.tanh(candidate) - hidden)  # u * candidate + (1 - u) * hidden
        return hidden, {"hidden": hidden}
