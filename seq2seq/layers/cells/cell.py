"""The contract of a recurrent cell.

A cell splits one time step of a recurrent network in two. `project` computes everything that does not depend on the
state: one matrix product for the whole sequence. `step` computes the rest. `step` writes products with its kernels as
`product(x, kernel)`. The runner (`seq2seq.layers.scan`) supplies `product`: it casts each kernel once, and takes the
gradient of each kernel in one product after the loop.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from seq2seq.layers.layer import Layer
from seq2seq.layers.precision import matmul

State = dict[str, tf.Tensor]
"""The state of a cell: name of a part -> float (N, size)."""

Product = Callable[[tf.Tensor, Any], tf.Tensor]
"""Function (x, kernel) -> x @ kernel."""


class StatePart(NamedTuple):
    """One tensor of a cell's state.

    Attributes:
        name: key in the state.
        size: number of features.
        bridged: whether a bridge carries it from the encoder to the decoder. Other parts start from zeros.
    """

    name: str
    size: int
    bridged: bool = True


class Cell(Layer):
    """Base of the recurrent cells.

    Subclasses list their kernels in `recurrent_kernels` and implement `step`. A cell whose state is not one hidden
    state of `units` features overrides `state_parts`. A cell whose output has another size overrides `output_size`. A
    cell with another input product overrides `build`, `project`, `projected_size` and `input_kernels`.

    Args:
        units: int, at least 1. Size of the hidden state.
        num_blocks: int. How many blocks of `units` columns the input kernel has, one for each gate and candidate.

    Class attributes:
        min_units: the fewest units with which the cell makes sense.
        bias_initializer: of the bias that `build` makes.
        output_recurs: whether the state is the last output and nothing else, as in the Jordan network. Given all
            previous outputs as its state, `step` of such a cell computes a whole sequence (N, T, P) at once.
    """

    min_units = 1
    bias_initializer: str | Callable = "zeros"
    output_recurs = False

    def __init__(self, units: int, *, num_blocks: int, **kwargs: Any) -> None:
        if units < self.min_units:
            least = f"{self.min_units} units" if self.min_units > 1 else "1 unit"
            raise ValueError(f"{type(self).__name__} needs at least {least}, not {units}.")
        super().__init__(**kwargs)
        self.units = units
        self.num_blocks = num_blocks

    @property
    def state_parts(self) -> tuple[StatePart, ...]:
        """The parts of the state. Bridges, and whatever else needs an order, take the order of this tuple."""
        return (StatePart("hidden", self.units),)

    @property
    def output_size(self) -> int:
        """Features of a step's output."""
        return self.units

    @property
    def projected_size(self) -> int:
        """Features P of `project`'s result."""
        return self.num_blocks * self.units

    def build(self, input_shape: Sequence[int | None]) -> None:
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.num_blocks * self.units),
            initializer=_blocks("glorot_uniform", self.units),
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.num_blocks * self.units,), initializer=self.bias_initializer
        )

    def add_recurrent_kernel(self, name: str, num_blocks: int) -> keras.Variable:
        """Weight (units, num_blocks * units) whose square blocks start orthogonal (Saxe et al., 2014)."""
        return self.add_weight(
            name=name,
            shape=(self.units, num_blocks * self.units),
            initializer=_blocks("orthogonal", self.units),
        )

    @property
    def input_kernels(self) -> list[keras.Variable]:
        """The weights that `project` multiplies by, each once."""
        return [self.kernel]

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        """The weights that `step` multiplies by, each once. Recurrent dropout masks their left operands."""
        raise NotImplementedError(f"{type(self).__name__} names no recurrent kernels.")

    def project(self, inputs: tf.Tensor, product: Product = matmul) -> tf.Tensor:
        """Everything that does not depend on the state: W_x x + b.

        Args:
            inputs: float (B, T, D), or (N, D) inside a loop.
            product: function (x, kernel) -> x @ kernel.

        Returns:
            float (B, T, P), or (N, P).
        """
        return product(inputs, self.kernel) + self.bias

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        """One time step.

        Args:
            projected: float (N, P), from `project`.
            state: name of each part -> float (N, size).
            product: function (x, kernel) -> x @ kernel, for `recurrent_kernels`.
            t: int32, scalar or (N,). Number of the step, from 0 in the order of reading: a backward layer counts from
                the last token.

        Returns:
            Tuple (output (N, output_size), state).
        """
        raise NotImplementedError(f"{type(self).__name__} has no step.")

    def zero_state(self, num_rows: int | tf.Tensor) -> State:
        """The state before the first token: zeros (num_rows, size)."""
        return {part.name: tf.zeros((num_rows, part.size), self.compute_dtype) for part in self.state_parts}

    def copy(self, name: str, layer: int = 0, num_layers: int = 1) -> "Cell":
        """A new, unbuilt cell of the same configuration under another name, for one layer of a stack."""
        return type(self).from_config({**self.get_config(), **self.config_of_layer(layer, num_layers), "name": name})

    def config_of_layer(self, layer: int, num_layers: int) -> dict[str, Any]:
        """What differs in the configuration of a copy for layer `layer` of `num_layers`, counted from 0."""
        return {}

    def get_build_config(self) -> None:
        return None  # its runner builds it, also after loading

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


def bridged(parts: Sequence[StatePart]) -> tuple[StatePart, ...]:
    """The parts of a state that a bridge carries."""
    return tuple(part for part in parts if part.bridged)


def _blocks(initializer: str, units: int) -> Callable[..., tf.Tensor]:
    """Initialises each block of `units` columns by itself.

    So gates share neither a fan-out nor an orthogonal basis.
    """

    def initialize(shape: Sequence[int], dtype: str | None = None) -> tf.Tensor:
        # A Keras initializer object returns the same values at each call: every block needs one of its own.
        blocks = [
            keras.initializers.get(initializer)((shape[0], units), dtype=dtype) for _ in range(shape[-1] // units)
        ]
        return tf.concat(blocks, axis=-1)

    return initialize
