"""What every recurrence shares: the cell contract.

A cell splits one time step of a recurrent network in two. `project` is all that does not depend on the state:
one matrix product for the whole sequence. `step` is the rest. Products with kernels inside `step` are written
`product(x, kernel)`: the runner (`seq2seq.layers.recurrent`) supplies `product`, casts each kernel once, and
takes its gradient in one product after the loop.
"""

import keras
import tensorflow as tf

from seq2seq.layers.layer import Layer
from seq2seq.layers.precision import matmul


class Cell(Layer):
    """Base of the recurrent cells.

    Subclasses name their kernels in `recurrent_kernels` and implement `step(projected, state, product)`.

    Args:
        units: int, at least 1. Size of the hidden state.
        num_blocks: int. How many blocks of `units` columns the input kernel has (gates and candidate).
        state_parts: int. How many tensors (N, units) the state has.
    """

    def __init__(self, units, *, num_blocks, state_parts=1, **kwargs):
        if units < 1:
            raise ValueError(f"{type(self).__name__} needs at least 1 unit, not {units}.")
        super().__init__(**kwargs)
        self.units = units
        self.num_blocks = num_blocks
        self.state_sizes = (units,) * state_parts

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.num_blocks * self.units),
            initializer=_blocks("glorot_uniform", self.units),
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.num_blocks * self.units,), initializer=self.bias_initializer
        )

    bias_initializer = "zeros"

    def add_recurrent_kernel(self, name, num_blocks):
        """Weight (units, num_blocks * units) whose square blocks start orthogonal (Saxe et al., 2014)."""
        return self.add_weight(
            name=name,
            shape=(self.units, num_blocks * self.units),
            initializer=_blocks("orthogonal", self.units),
        )

    @property
    def recurrent_kernels(self):
        """The weights that `step` multiplies by."""
        raise NotImplementedError(f"{type(self).__name__} names no recurrent kernels.")

    def project(self, inputs, product=matmul):
        """Everything that does not depend on the state: W_x x + b.

        Args:
            inputs: float (B, T, D), or (N, D) inside a loop.
            product: function (x, kernel) -> x @ kernel.

        Returns:
            float (B, T, num_blocks * units), or (N, num_blocks * units).
        """
        return product(inputs, self.kernel) + self.bias

    def step(self, projected, state, product=matmul):
        """One time step.

        Args:
            projected: float (N, num_blocks * units), from `project`.
            state: tuple of float (N, units).
            product: function (x, kernel) -> x @ kernel.

        Returns:
            Tuple (output (N, units), state).
        """
        raise NotImplementedError(f"{type(self).__name__} has no step.")

    def zero_state(self, num_rows):
        """Tuple of zeros (num_rows, units), the state before the first token."""
        return tuple(tf.zeros((num_rows, size), self.compute_dtype) for size in self.state_sizes)

    def copy(self, name):
        """A new, unbuilt cell of the same configuration under another name."""
        return type(self).from_config({**self.get_config(), "name": name})

    def get_build_config(self):
        return None  # its runner builds it, also after loading

    def get_config(self):
        return {**super().get_config(), "units": self.units}


def _blocks(initializer, units):
    """Initialise each block of `units` columns by itself, so that gates do not share one fan-out or one
    orthogonal basis."""

    def initialize(shape, dtype=None):
        # A Keras initializer object returns the same values at each call: every block needs one of its own.
        blocks = [
            keras.initializers.get(initializer)((shape[0], units), dtype=dtype) for _ in range(shape[-1] // units)
        ]
        return tf.concat(blocks, axis=-1)

    return initialize
