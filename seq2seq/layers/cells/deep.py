"""The recurrent network that is deep within one step."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell, Product, State
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class Deep(Cell):
    """Hidden layers in the three paths of one step (Pascanu et al., 2014): before, within and after the recurrence.

    - From the input to the state: u_t = x_t, then u_t := tanh(W u_t + b) for each of `input_depth` layers.
    - From state to state: z_t = tanh(W_z h_(t-1) + W_x u_t + b), then z_t := tanh(W z_t + b) for each further layer,
      and h_t = tanh(W_h z_t + S h_(t-1) + b_h). S is the skip connection, which makes the path through time as short as
      that of a plain network.
    - From the state to the output: y_t = h_t, then y_t := tanh(W y_t + b) for each of `output_depth` layers.

    All layers have `units` features. With depths of 0 it is the Elman network: h_t = tanh(W h_(t-1) + W_x x_t + b).

    Args:
        units: int, at least 1. Size of the hidden state and of every hidden layer.
        input_depth: int, at least 0. Hidden layers between input and state.
        transition_depth: int, at least 0. Hidden layers between one state and the next.
        output_depth: int, at least 0. Hidden layers between state and output.
        skip: bool. Connect each state with the next one directly, around the transition's hidden layers if there are
            any.

    State: "hidden" (N, units), h.

    Raises:
        ValueError: a depth is negative or no whole number.

    Example:
        >>> cell = Deep(4, input_depth=0, transition_depth=2, output_depth=1)
        >>> cell.build((None, 3))
        >>> [kernel.name for kernel in cell.recurrent_kernels]
        ['recurrent_kernel', 'transition_kernel_1', 'transition_kernel_2', 'output_kernel_1']
    """

    def __init__(
        self,
        units: int,
        input_depth: int = 1,
        transition_depth: int = 1,
        output_depth: int = 1,
        skip: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(units, num_blocks=1, **kwargs)
        depths = {"input_depth": input_depth, "transition_depth": transition_depth, "output_depth": output_depth}
        for name, depth in depths.items():
            if type(depth) is not int or depth < 0:
                raise ValueError(f"Deep's {name} is a number of hidden layers, 0 or more, not {depth!r}.")
        self.input_depth = input_depth
        self.transition_depth = transition_depth
        self.output_depth = output_depth
        self.skip = skip

    def build(self, input_shape: Sequence[int | None]) -> None:
        features = input_shape[-1]
        self.input_layers = []
        for number in range(1, self.input_depth + 1):
            self.input_layers.append(self._add_layer("input", number, features, "glorot_uniform"))
            features = self.units
        super().build((None, features))
        self.recurrent_kernel = self.add_recurrent_kernel("recurrent_kernel", 2 if self._skips else 1)
        self.transition_layers = [
            self._add_layer("transition", number, self.units, "orthogonal")
            for number in range(1, self.transition_depth + 1)
        ]
        self.output_layers = [
            self._add_layer("output", number, self.units, "glorot_uniform")
            for number in range(1, self.output_depth + 1)
        ]

    def _add_layer(self, place: str, number: int, features: int, initializer: str) -> tuple[Any, Any]:
        """Kernel (features, units) and bias of a hidden layer."""
        kernel = self.add_weight(name=f"{place}_kernel_{number}", shape=(features, self.units), initializer=initializer)
        return kernel, self.add_weight(name=f"{place}_bias_{number}", shape=(self.units,), initializer="zeros")

    @property
    def _skips(self) -> bool:
        return self.skip and self.transition_depth > 0

    @property
    def input_kernels(self) -> list[keras.Variable]:
        return [*(kernel for kernel, _ in self.input_layers), self.kernel]

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return [self.recurrent_kernel, *(kernel for kernel, _ in (*self.transition_layers, *self.output_layers))]

    def project(self, inputs: tf.Tensor, product: Product = matmul) -> tf.Tensor:
        for kernel, bias in self.input_layers:
            inputs = tf.tanh(product(inputs, kernel) + bias)
        return super().project(inputs, product)

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        recurrent = product(state["hidden"], self.recurrent_kernel)
        recurrent, *skipped = tf.split(recurrent, 2, axis=-1) if self._skips else [recurrent]
        hidden = projected + recurrent  # before its nonlinearity
        for kernel, bias in self.transition_layers:
            hidden = product(tf.tanh(hidden), kernel) + bias
        hidden = tf.tanh(tf.add_n([hidden, *skipped]))
        output = hidden
        for kernel, bias in self.output_layers:
            output = tf.tanh(product(output, kernel) + bias)
        return output, {"hidden": hidden}

    def get_config(self) -> dict[str, Any]:
        names = ("input_depth", "transition_depth", "output_depth", "skip")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
