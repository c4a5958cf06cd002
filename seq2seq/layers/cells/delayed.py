"""The recurrent network with skip connections through time."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell, Product, State, StatePart
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class Delayed(Cell):
    """Skip connections through time (Lin et al., 1996): the hidden state also reads states of some steps ago.

    h_t = tanh(W h_(t-1) + sum_d W_d h_(t-d) + W_x x_t + b), over the delays d. Along a connection of delay d a gradient
    passes one nonlinearity for d steps, so over a distance of tau it shrinks as a function of tau / d.

    The rows of the recurrent kernel stand in the order W, W_d of the first delay, and so on. Its columns start
    orthonormal, so that many connections start no larger than one.

    Args:
        units: int, at least 1. Size of the hidden state.
        delays: int, or several of them, each at least 2. Steps back, beside the previous one; 4 by default.

    State: "hidden" (N, units), h_(t-1); "past" (N, (D - 1) * units), h_(t-2) to h_(t-D) for the longest delay D. A
    bridge fills "hidden" alone. The past starts from zeros: before the first token there was none, and a bridge as
    large as D states would be most of a small model.

    Raises:
        ValueError: a delay is below 2, is no whole number, or stands twice.

    Example:
        >>> cell = Delayed(4, delays=(2, 8))
        >>> cell.build((None, 3))
        >>> output, state = cell.step(cell.project(tf.zeros((2, 3))), cell.zero_state(2))
        >>> output.shape, state["past"].shape
        (TensorShape([2, 4]), TensorShape([2, 28]))
    """

    def __init__(self, units: int, delays: int | Sequence[int] = (4,), **kwargs: Any) -> None:
        super().__init__(units, num_blocks=1, **kwargs)
        delays = tuple(delays) if isinstance(delays, Sequence) else (delays,)
        if not delays or len(set(delays)) < len(delays) or any(type(d) is not int or d < 2 for d in delays):
            raise ValueError(
                f"Delayed's delays are different whole numbers of at least 2, such as delays=2,8; not {delays}. The "
                "previous step is always read."
            )
        self.delays = delays

    @property
    def state_parts(self) -> tuple[StatePart, ...]:
        past = (max(self.delays) - 1) * self.units
        return StatePart("hidden", self.units), StatePart("past", past, bridged=False)

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        rows = (1 + len(self.delays)) * self.units
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(rows, self.units), initializer="orthogonal"
        )

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return [self.recurrent_kernel]

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        before = tf.concat([state["hidden"], state["past"]], axis=-1)  # h_(t-1), h_(t-2), ...
        states = tf.split(before, max(self.delays), axis=-1)
        read = tf.concat([states[delay - 1] for delay in (1, *self.delays)], axis=-1)
        hidden = tf.tanh(projected + product(read, self.recurrent_kernel))
        return hidden, {"hidden": hidden, "past": tf.concat(states[:-1], axis=-1)}

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "delays": list(self.delays)}
