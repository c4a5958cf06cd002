"""Long short-term memory."""

import math
import numbers
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.activations import ACTIVATIONS, check_activation
from seq2seq.layers.cells.cell import Cell, Product, State, StatePart
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class LSTM(Cell):
    """Long short-term memory (Hochreiter & Schmidhuber, 1997) with a forget gate (Gers et al., 2000).

    The gates are i, f, o = sigma(W_x x_t + W_h h_(t-1) + b), and the candidate is g = tanh(W_gx x_t + W_gh h_(t-1) +
    b_g). Then c_t = i * g + f * c_(t-1) and h_t = o * tanh(c_t). Columns of the kernels stand in the order i, f, g, o.

    Goodfellow et al. (2016, section 10.10.1) give the candidate a sigmoid in place of tanh. Other texts leave the last
    tanh out: h_t = o * c_t, which has no bound.

    Args:
        units: int, at least 1. Size of the hidden and of the cell state.
        forget_bias: float. Initial bias of the forget gate, which training changes. With 1 to 2 the cell keeps most of
            its state at the start (Jozefowicz et al., 2015).
        candidate_activation: "tanh" (default) or "sigmoid".
        output_activation: "tanh" (default) or "identity".

    State: "hidden" (N, units), h, and "cell" (N, units), c.

    Raises:
        ValueError: another activation, or a `forget_bias` that is no number between -100 and 100.

    Example:
        >>> cell = LSTM(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape, state["cell"].shape
        (TensorShape([2, 4]), TensorShape([2, 4]))
    """

    def __init__(
        self,
        units: int,
        forget_bias: float = 1.0,
        candidate_activation: str = "tanh",
        output_activation: str = "tanh",
        **kwargs: Any,
    ) -> None:
        super().__init__(units, num_blocks=4, **kwargs)
        name = type(self).__name__
        self.forget_bias = check_forget_bias(name, forget_bias)
        self.candidate_activation = check_activation(
            f"{name}'s candidate_activation", candidate_activation, ("tanh", "sigmoid")
        )
        self.output_activation = check_activation(
            f"{name}'s output_activation", output_activation, ("tanh", "identity")
        )

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
        cell = self.next_cell(i, f, g, state["cell"])
        hidden = tf.sigmoid(o) * ACTIVATIONS[self.output_activation](cell)
        return hidden, {"hidden": hidden, "cell": cell}

    def next_cell(self, i: tf.Tensor, f: tf.Tensor, g: tf.Tensor, cell: tf.Tensor) -> tf.Tensor:
        """The cell state (N, units), from the last one and what the two gates and the candidate read."""
        return tf.sigmoid(i) * ACTIVATIONS[self.candidate_activation](g) + tf.sigmoid(f) * cell

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "forget_bias": self.forget_bias,
            "candidate_activation": self.candidate_activation,
            "output_activation": self.output_activation,
        }


def check_forget_bias(cell: str, bias: float) -> float:
    """Returns `bias`. A few units already open or shut the gate, so a much larger number is a mistake.

    Raises:
        ValueError: it is not a number between -100 and 100.
    """
    if isinstance(bias, bool) or not isinstance(bias, numbers.Real) or not math.fabs(bias) <= 100:
        raise ValueError(f"{cell}'s forget_bias is {bias!r}; it has to be a number between -100 and 100, such as 1.")
    return bias
