"""The contract of a cell whose recurrence is linear in its state: h_t = a_t * h_(t-1) + b_t.

Neither a_t nor b_t depends on the state, so `seq2seq.layers.linear_scan` computes all steps of a sequence at once. A
decoder that reads one token at a time uses `step`, which follows from the same two functions.
"""

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell, Product, State
from seq2seq.layers.precision import matmul


class LinearCell(Cell):
    """Base of the linear recurrent cells. Subclasses implement `elements`, and `read_out` if they have one.

    State: "hidden" (N, units), h.
    """

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        """The kernels of `read_out`: the state itself is multiplied by no kernel."""
        return []

    def elements(self, projected: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The recurrence of each step.

        Args:
            projected: float (..., P), from `project`.

        Returns:
            Tuple (a, b), float (..., units) each, of h_t = a_t * h_(t-1) + b_t. a is in 0..1.
        """
        raise NotImplementedError(f"{type(self).__name__} has no elements.")

    def read_out(self, projected: tf.Tensor, hidden: tf.Tensor, product: Product = matmul) -> tf.Tensor:
        """The output of each step, made of its state: the state itself.

        Args:
            projected: float (..., P), from `project`.
            hidden: float (..., units), the state after the step.
            product: function (x, kernel) -> x @ kernel, for `recurrent_kernels`.

        Returns:
            float (..., output_size).
        """
        return hidden

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        a, b = self.elements(projected)
        hidden = a * state["hidden"] + b
        return self.read_out(projected, hidden, product), {"hidden": hidden}
