"""The gated recurrent unit with layer normalisation."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell, Product, State
from seq2seq.layers.cells.normalisation import normalised
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class LayerNormGRU(Cell):
    """Gated recurrent unit with layer normalisation (Ba et al., 2016, supplementary equations of the GRU).

    The gates are u, r = sigma(LN(W_x x_t) + LN(W_h h_(t-1)) + b), where each LN is over the blocks of both gates. The
    candidate is tanh(LN(W_cx x_t) + b_c + r * (LN(W_ch h_(t-1)) + b_h)). Each LN has a gain of its own. The new state
    is h_t = u * candidate + (1 - u) * h_(t-1). So the reset gate acts as in `GRU` with `reset="after"`.

    The paper adds a bias to both LNs that the gates read; here one b stands for the two. What an `InputFeedingDecoder`
    adds to the input is not normalised.

    Args:
        units: int, at least 2. Size of the hidden state.

    State: "hidden" (N, units), h.

    Raises:
        ValueError: one unit: a single number, normalised, is always zero.

    Example:
        >>> cell = LayerNormGRU(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape
        TensorShape([2, 4])
    """

    min_units = 2

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, num_blocks=3, **kwargs)
        self.sizes = (2 * units, units)  # of the gates' blocks and of the candidate's

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        self.recurrent_kernel = self.add_recurrent_kernel("recurrent_kernel", 3)
        self.input_gain = self.add_weight(name="input_gain", shape=(3 * self.units,), initializer="ones")
        self.gate_gain = self.add_weight(name="gate_gain", shape=(2 * self.units,), initializer="ones")
        self.candidate_gain = self.add_weight(name="candidate_gain", shape=(self.units,), initializer="ones")
        self.candidate_bias = self.add_weight(name="candidate_bias", shape=(self.units,), initializer="zeros")

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return [self.recurrent_kernel]

    def project(self, inputs: tf.Tensor, product: Product = matmul) -> tf.Tensor:
        blocks = tf.split(product(inputs, self.kernel), self.sizes, axis=-1)
        return tf.concat([normalised(block) for block in blocks], axis=-1) * self.input_gain + self.bias

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        hidden = state["hidden"]
        gates, candidate = tf.split(projected, self.sizes, axis=-1)
        recurrent_gates, recurrent = tf.split(product(hidden, self.recurrent_kernel), self.sizes, axis=-1)
        gates = tf.sigmoid(gates + normalised(recurrent_gates) * self.gate_gain)
        update, reset = tf.split(gates, 2, axis=-1)
        candidate = tf.tanh(candidate + reset * (normalised(recurrent) * self.candidate_gain + self.candidate_bias))
        hidden = hidden + update * (candidate - hidden)  # u * candidate + (1 - u) * hidden
        return hidden, {"hidden": hidden}
