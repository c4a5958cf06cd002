"""The gated recurrent unit, in its two forms."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell, Product, State
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class GRU(Cell):
    """Gated recurrent unit (Cho et al., 2014).

    The update gate u and the reset gate r are sigma(W_x x_t + W_h h_(t-1) + b). The candidate is

    - `reset="before"`: tanh(W_x x_t + W_h (r * h_(t-1)) + b), as in the paper;
    - `reset="after"`: tanh(W_x x_t + r * (W_h h_(t-1) + b_h) + b), which needs one product per step and is what cuDNN
      computes.

    The new state is h_t = u * candidate + (1 - u) * h_(t-1). (Keras swaps the two sides: its z is 1 - u.) Columns of
    the kernels stand in the order u, r, candidate.

    Args:
        units: int, at least 1. Size of the hidden state.
        reset: "after" (default) or "before". Where the reset gate acts.

    State: "hidden" (N, units), h.

    Raises:
        ValueError: another `reset`.

    Example:
        >>> cell = GRU(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape
        TensorShape([2, 4])
    """

    def __init__(self, units: int, reset: str = "after", **kwargs: Any) -> None:
        if reset not in ("before", "after"):
            raise ValueError(f"GRU's reset gate acts 'before' or 'after' the recurrent product, not {reset!r}.")
        super().__init__(units, num_blocks=3, **kwargs)
        self.reset = reset

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        if self.reset == "after":
            self.recurrent_kernel = self.add_recurrent_kernel("recurrent_kernel", 3)
            self.candidate_bias = self.add_weight(name="candidate_bias", shape=(self.units,), initializer="zeros")
        else:
            self.recurrent_kernel = self.add_recurrent_kernel("recurrent_kernel", 2)
            self.candidate_kernel = self.add_recurrent_kernel("candidate_kernel", 1)

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return [self.recurrent_kernel] if self.reset == "after" else [self.recurrent_kernel, self.candidate_kernel]

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        hidden = state["hidden"]
        sizes = (2 * self.units, self.units)
        # Splits, not slices: the gradient of a split is one concatenation.
        gates, candidate = tf.split(projected, sizes, axis=-1)
        if self.reset == "after":
            recurrent_gates, recurrent = tf.split(product(hidden, self.recurrent_kernel), sizes, axis=-1)
            update, reset = tf.split(tf.sigmoid(gates + recurrent_gates), 2, axis=-1)
            candidate = tf.tanh(candidate + reset * (recurrent + self.candidate_bias))
        else:
            update, reset = tf.split(tf.sigmoid(gates + product(hidden, self.recurrent_kernel)), 2, axis=-1)
            candidate = tf.tanh(candidate + product(reset * hidden, self.candidate_kernel))
        hidden = hidden + update * (candidate - hidden)  # u * candidate + (1 - u) * hidden
        return hidden, {"hidden": hidden}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "reset": self.reset}
