"""Long short-term memory with an exponential input gate."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell, Product, State, StatePart
from seq2seq.layers.cells.lstm import check_forget_bias
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class SLSTM(Cell):
    """sLSTM (Beck et al., 2024, section 2.2): an LSTM with an exponential input gate and a normaliser.

    With a_i, a_f, a_z and a_o for W_x x_t + W_h h_(t-1) + b of each block, the paper computes

    - i = exp(a_i), f = sigma(a_f), o = sigma(a_o), z = tanh(a_z);
    - c_t = f * c_(t-1) + i * z and n_t = f * n_(t-1) + i;
    - h_t = o * c_t / n_t.

    So c_t / n_t is a weighted mean of all z so far, and a later step may have any weight against the earlier ones. The
    paper divides c and n by exp(m), with a running maximum m, because i may overflow. This cell keeps that mean and
    log n_t instead: the mean moves to z by the share sigma(a_i - log(f * n_(t-1))). The results are the same, and
    nothing overflows or is divided by zero.

    The start counts as one step: n_0 = 1, and the mean is zero or what the bridge gives. (The authors' program starts
    from n_0 = 0, where the first step would replace what the bridge gives.) Columns of the kernels stand in the order
    i, f, z, o. Each gate reads the whole hidden state: the paper's block-diagonal W_h with several heads is left out.

    Args:
        units: int, at least 1. Size of the hidden and of the cell state.
        forget_bias: float. Initial bias of the forget gate, which training changes.

    State: "hidden" (N, units), h; "cell" (N, units), the mean c / n; and "log_normaliser" (N, units), log n, which no
    bridge fills.

    Raises:
        ValueError: a `forget_bias` that is no number between -100 and 100.

    Example:
        >>> cell = SLSTM(4)
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape, state["log_normaliser"].shape
        (TensorShape([2, 4]), TensorShape([2, 4]))
    """

    def __init__(self, units: int, forget_bias: float = 1.0, **kwargs: Any) -> None:
        super().__init__(units, num_blocks=4, **kwargs)
        self.forget_bias = check_forget_bias(type(self).__name__, forget_bias)

    @property
    def state_parts(self) -> tuple[StatePart, ...]:
        return (
            StatePart("hidden", self.units),
            StatePart("cell", self.units),
            StatePart("log_normaliser", self.units, bridged=False),
        )

    def bias_initializer(self, shape: Sequence[int], dtype: str | None = None) -> tf.Tensor:
        zeros = tf.zeros((self.units,), dtype)
        return tf.concat([zeros, zeros + self.forget_bias, zeros, zeros], axis=0)

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        self.recurrent_kernel = self.add_recurrent_kernel("recurrent_kernel", 4)

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return [self.recurrent_kernel]

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        i, f, z, o = tf.split(projected + product(state["hidden"], self.recurrent_kernel), 4, axis=-1)
        kept = state["log_normaliser"] - tf.nn.softplus(-f)  # log(f * n), for log sigma(f) = -softplus(-f)
        excess = i - kept  # log of the new weight against all earlier ones
        cell = state["cell"] + tf.sigmoid(excess) * (tf.tanh(z) - state["cell"])
        hidden = tf.sigmoid(o) * cell
        return hidden, {"hidden": hidden, "cell": cell, "log_normaliser": kept + tf.nn.softplus(excess)}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "forget_bias": self.forget_bias}
