"""Long short-term memory whose gates see the cell state."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from seq2seq.layers.cells.activations import ACTIVATIONS
from seq2seq.layers.cells.cell import Product, State
from seq2seq.layers.cells.lstm import LSTM
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class PeepholeLSTM(LSTM):
    """LSTM with peepholes (Gers & Schmidhuber, 2000): each unit's gates also read that unit's cell state.

    With a_i, a_f and a_o for W_x x_t + W_h h_(t-1) + b of each gate, the gates are i = sigma(a_i + p_i * c_(t-1)),
    f = sigma(a_f + p_f * c_(t-1)) and o = sigma(a_o + p_o * c_t). The rest is as in `LSTM`. Each p is a weight vector.
    All three start at zero, where the cell is an LSTM.

    Arguments, state and errors: see `LSTM`.

    Example:
        >>> cell = PeepholeLSTM(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape
        TensorShape([2, 4])
    """

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        self.input_peephole, self.forget_peephole, self.output_peephole = (
            self.add_weight(name=f"{gate}_peephole", shape=(self.units,), initializer="zeros")
            for gate in ("input", "forget", "output")
        )

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        cell = state["cell"]
        i, f, g, o = tf.split(projected + product(state["hidden"], self.recurrent_kernel), 4, axis=-1)
        cell = self.next_cell(i + cell * self.input_peephole, f + cell * self.forget_peephole, g, cell)
        hidden = tf.sigmoid(o + cell * self.output_peephole) * ACTIVATIONS[self.output_activation](cell)
        return hidden, {"hidden": hidden, "cell": cell}
