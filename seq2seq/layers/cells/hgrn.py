"""The hierarchically gated recurrent network."""

import numbers
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Product
from seq2seq.layers.cells.linear import LinearCell
from seq2seq.layers.cells.normalisation import normalised
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class HGRN(LinearCell):
    """Hierarchically gated recurrent network (Qin et al., 2023) with real numbers as its state.

    The state is h_t = f * h_(t-1) + (1 - f) * silu(W_u x_t + b_u), and the forget gate has a lower bound: f = bound +
    (1 - bound) * sigma(W_f x_t + b_f). The output is y_t = W_y (LN(h_t) * silu(W_g x_t + b_g)) + b_y, where LN is layer
    normalisation. (The authors' program gates inside the normalisation, by a sigmoid: LN(h_t * sigma(W_g x_t + b_g)).)
    Columns of the kernel stand in the order f, u, g.

    Upper layers have higher bounds, so they remember longer. The paper learns the bounds, as the cumulative sums of a
    softmax over the layers. A cell knows only its own layer, so the bounds stay where the paper's training starts:
    layer / num_layers, counted from 0. (The paper's state is complex: it also turns by a learnt angle at each step.)

    Args:
        units: int, at least 2. Size of the state and of the output.
        lower_bound: float in [0, 1). Lower bound of the forget gates in the lowest layer. Those of the layers above
            rise from it towards 1 in equal steps.

    State: "hidden" (N, units), h.

    Raises:
        ValueError: a `lower_bound` that is not in [0, 1), or one unit: a single number, normalised, is always zero.

    Example:
        >>> cell = HGRN(4).copy("cell", layer=1, num_layers=2)
        >>> cell.lower_bound
        0.5
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape
        TensorShape([2, 4])
    """

    min_units = 2

    def __init__(self, units: int, lower_bound: float = 0.0, **kwargs: Any) -> None:
        super().__init__(units, num_blocks=3, **kwargs)
        if isinstance(lower_bound, bool) or not isinstance(lower_bound, numbers.Real) or not 0 <= lower_bound < 1:
            raise ValueError(f"HGRN's lower_bound is {lower_bound!r}; it has to be a number from 0 to below 1.")
        self.lower_bound = lower_bound

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        self.output_kernel = self.add_weight(
            name="output_kernel", shape=(self.units, self.units), initializer="glorot_uniform"
        )
        self.output_bias = self.add_weight(name="output_bias", shape=(self.units,), initializer="zeros")
        self.norm_gain = self.add_weight(name="norm_gain", shape=(self.units,), initializer="ones")
        self.norm_bias = self.add_weight(name="norm_bias", shape=(self.units,), initializer="zeros")

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return [self.output_kernel]

    def config_of_layer(self, layer: int, num_layers: int) -> dict[str, Any]:
        return {"lower_bound": self.lower_bound + (1 - self.lower_bound) * layer / num_layers}

    def elements(self, projected: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        forget, candidate, _ = tf.split(projected, 3, axis=-1)
        a = self.lower_bound + (1 - self.lower_bound) * tf.sigmoid(forget)
        return a, (1 - self.lower_bound) * tf.sigmoid(-forget) * tf.nn.silu(candidate)

    def read_out(self, projected: tf.Tensor, hidden: tf.Tensor, product: Product = matmul) -> tf.Tensor:
        *_, gate = tf.split(projected, 3, axis=-1)
        normal = normalised(hidden) * self.norm_gain + self.norm_bias
        return product(normal * tf.nn.silu(gate), self.output_kernel) + self.output_bias

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "lower_bound": self.lower_bound}
