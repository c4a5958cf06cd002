"""Long short-term memory with layer normalisation."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from seq2seq.layers.cells.activations import ACTIVATIONS
from seq2seq.layers.cells.cell import Product, State
from seq2seq.layers.cells.lstm import LSTM
from seq2seq.layers.cells.normalisation import normalised
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class LayerNormLSTM(LSTM):
    """LSTM with layer normalisation (Ba et al., 2016, supplementary equations of the LSTM).

    Gates and candidate read LN(W_x x_t) + LN(W_h h_(t-1)) + b, where each LN is over all four blocks and has a gain of
    its own. The output is h_t = o * tanh(LN(c_t)); this LN has a gain and a bias. The rest is as in `LSTM`.

    The paper also adds a bias to each LN of the sum; here b stands for all three. What an `InputFeedingDecoder` adds to
    the input is not normalised.

    Arguments, state and errors: see `LSTM`. One unit is an error too: a single number, normalised, is always zero.

    Example:
        >>> cell = LayerNormLSTM(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape
        TensorShape([2, 4])
    """

    min_units = 2

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        shape = (4 * self.units,)
        self.input_gain = self.add_weight(name="input_gain", shape=shape, initializer="ones")
        self.recurrent_gain = self.add_weight(name="recurrent_gain", shape=shape, initializer="ones")
        self.cell_gain = self.add_weight(name="cell_gain", shape=(self.units,), initializer="ones")
        self.cell_bias = self.add_weight(name="cell_bias", shape=(self.units,), initializer="zeros")

    def project(self, inputs: tf.Tensor, product: Product = matmul) -> tf.Tensor:
        return normalised(product(inputs, self.kernel)) * self.input_gain + self.bias

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        recurrent = normalised(product(state["hidden"], self.recurrent_kernel)) * self.recurrent_gain
        i, f, g, o = tf.split(projected + recurrent, 4, axis=-1)
        cell = self.next_cell(i, f, g, state["cell"])
        seen = normalised(cell) * self.cell_gain + self.cell_bias
        hidden = tf.sigmoid(o) * ACTIVATIONS[self.output_activation](seen)
        return hidden, {"hidden": hidden, "cell": cell}
