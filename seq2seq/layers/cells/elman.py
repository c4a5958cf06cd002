"""The vanilla recurrent network."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.activations import ACTIVATIONS, check_activation
from seq2seq.layers.cells.cell import Cell, Product, State
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class Elman(Cell):
    """Vanilla recurrence (Elman, 1990): h_t = g(W_hh h_(t-1) + W_hx x_t + b_h).

    With `activation="identity"` the network is linear. With "relu" and "identity" the state has no bound. W_hh starts
    orthogonal, so that a linear network neither shrinks nor enlarges its state at the start (Saxe et al., 2014).

    Args:
        units: int, at least 1. Size of the hidden state.
        activation: "tanh" (default), "relu" or "identity". The function g.

    State: "hidden" (N, units), h.

    Raises:
        ValueError: another `activation`.

    Example:
        >>> cell = Elman(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape
        TensorShape([2, 4])
    """

    def __init__(self, units: int, activation: str = "tanh", **kwargs: Any) -> None:
        super().__init__(units, num_blocks=1, **kwargs)
        self.activation = check_activation("Elman's activation", activation, ("tanh", "relu", "identity"))

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        self.recurrent_kernel = self.add_recurrent_kernel("recurrent_kernel", 1)

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return [self.recurrent_kernel]

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        activate = ACTIVATIONS[self.activation]
        hidden = activate(projected + product(state["hidden"], self.recurrent_kernel))
        return hidden, {"hidden": hidden}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": self.activation}
