"""The recurrent network whose output recurs."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.activations import ACTIVATIONS, check_activation
from seq2seq.layers.cells.cell import Cell, Product, State, StatePart
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class Jordan(Cell):
    """Recurrence through the output (Jordan, 1986): the hidden layer reads the previous output, not its own past.

    a_t = g1(W_xa x_t + W_ya y_(t-1) + b_a), and y_t = g2(W_ay a_t + b_y).

    The state is the output alone. When the outputs are known in advance, as in teacher forcing, no step waits for
    another: `Recurrent` computes all of them at once from `previous_outputs`.

    Args:
        units: int, at least 1. Size of the hidden layer a.
        output_size: int, at least 1. Size of the output y; `units` by default.
        activation: "tanh" (default), "sigmoid" or "relu". The function g1.
        output_activation: "tanh" (default); "softmax", for an output that is a distribution; or "identity". The
            function g2.

    State: "output" (N, output_size), y.

    Raises:
        ValueError: another activation, or an output without features.

    Example:
        >>> cell = Jordan(4, output_size=2, output_activation="softmax")
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((1, 3))), cell.zero_state(1))
        >>> output.numpy().tolist()
        [[0.5, 0.5]]
    """

    output_recurs = True

    def __init__(
        self,
        units: int,
        output_size: int | None = None,
        activation: str = "tanh",
        output_activation: str = "tanh",
        **kwargs: Any,
    ) -> None:
        if output_size is not None and (type(output_size) is not int or output_size < 1):
            raise ValueError(f"Jordan's output_size is a number of features, at least 1, not {output_size!r}.")
        super().__init__(units, num_blocks=1, **kwargs)
        self.given_output_size = output_size
        self.activation = check_activation("Jordan's activation", activation, ("tanh", "sigmoid", "relu"))
        self.output_activation = check_activation(
            "Jordan's output_activation", output_activation, ("tanh", "softmax", "identity")
        )

    @property
    def output_size(self) -> int:
        return self.given_output_size or self.units

    @property
    def state_parts(self) -> tuple[StatePart, ...]:
        return (StatePart("output", self.output_size),)

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        size = self.output_size
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(size, self.units), initializer="orthogonal"
        )
        self.output_kernel = self.add_weight(
            name="output_kernel", shape=(self.units, size), initializer="glorot_uniform"
        )
        self.output_bias = self.add_weight(name="output_bias", shape=(size,), initializer="zeros")

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return [self.recurrent_kernel, self.output_kernel]

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        hidden = ACTIVATIONS[self.activation](projected + product(state["output"], self.recurrent_kernel))
        logits = product(hidden, self.output_kernel) + self.output_bias
        output = ACTIVATIONS[self.output_activation](logits)
        return output, {"output": output}

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "output_size": self.given_output_size,
            "activation": self.activation,
            "output_activation": self.output_activation,
        }
