"""Long short-term memory."""

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class LSTM(Cell):
    """Long short-term memory (Hochreiter & Schmidhuber, 1997) with a forget gate (Gers et al., 2000).

    With the gates i, f, o = sigma(W_x x_t + W_h h_(t-1) + b) and the candidate g = tanh(W_gx x_t + W_gh
    h_(t-1) + b_g): c_t = i * g + f * c_(t-1) and h_t = o * tanh(c_t). Columns of the kernels stand in the
    order i, f, g, o.

    Args:
        units: int, at least 1. Size of the hidden and of the cell state.
        forget_bias: float. Initial bias of the forget gate; 1 to 2 keeps the memory open at the start
            (Jozefowicz et al., 2015). It is an initial value only: training moves it.

    State: two tensors (N, units), h and c.

    Example:
        >>> cell = LSTM(4)
        >>> cell.build((None, 3))
        >>> output, (h, c) = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape, c.shape
        (TensorShape([2, 4]), TensorShape([2, 4]))
    """

    def __init__(self, units, forget_bias=1.0, **kwargs):
        super().__init__(units, num_blocks=4, state_parts=2, **kwargs)
        self.forget_bias = forget_bias

    def bias_initializer(self, shape, dtype=None):
        zeros = tf.zeros((self.units,), dtype)
        return tf.concat([zeros, zeros + self.forget_bias, zeros, zeros], axis=0)

    def build(self, input_shape):
        super().build(input_shape)
        self.recurrent_kernel = self.add_recurrent_kernel("recurrent_kernel", 4)

    @property
    def recurrent_kernels(self):
        return [self.recurrent_kernel]

    def step(self, projected, state, product=matmul):
        hidden, memory = state
        i, f, g, o = tf.split(projected + product(hidden, self.recurrent_kernel), 4, axis=-1)
        memory = tf.sigmoid(i) * tf.tanh(g) + tf.sigmoid(f) * memory
        hidden = tf.sigmoid(o) * tf.tanh(memory)
        return hidden, (hidden, memory)

    def get_config(self):
        return {**super().get_config(), "forget_bias": self.forget_bias}
