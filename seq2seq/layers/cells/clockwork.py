"""The recurrent network whose groups of units keep different time."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell, Product, State
from seq2seq.layers.precision import matmul

_LONGEST = 2**31 - 1  # steps are counted in int32


@keras.saving.register_keras_serializable(package="seq2seq")
class Clockwork(Cell):
    """Clockwork recurrence (Koutnik et al., 2014): groups of units, each updated in a period of its own.

    At step t, counted from 0, a group of period T computes h_t = tanh(W h_(t-1) + W_x x_t + b) if T divides t.
    Otherwise it keeps its value. It reads its own state and that of the slower groups; connections from faster groups
    do not exist. So each group has a recurrent kernel of its own, whose rows are its units and all slower ones. The
    columns of each start orthonormal.

    Args:
        units: int, at least the number of periods. Size of the hidden state. The groups are equal, or the fast ones are
            larger by one unit.
        periods: int, or several of them, each at least 1 and growing; 1, 2, 4, 8 by default.

    State: "hidden" (N, units), h, with the fastest group first.

    Raises:
        ValueError: the periods do not grow from at least 1, or are more than the units.

    Example:
        >>> cell = Clockwork(5, periods=(1, 2))
        >>> cell.build((None, 3))
        >>> [tuple(kernel.shape) for kernel in cell.recurrent_kernels]
        [(5, 3), (2, 2)]
    """

    def __init__(self, units: int, periods: int | Sequence[int] = (1, 2, 4, 8), **kwargs: Any) -> None:
        super().__init__(units, num_blocks=1, **kwargs)
        periods = tuple(periods) if isinstance(periods, Sequence) else (periods,)
        whole = all(type(period) is int and 1 <= period <= _LONGEST for period in periods)
        if not periods or not whole or sorted(set(periods)) != list(periods):
            raise ValueError(
                f"Clockwork's periods are growing whole numbers of 1 to {_LONGEST:,}, such as periods=1,2,4; not "
                f"{periods}."
            )
        if len(periods) > units:
            raise ValueError(
                f"Clockwork of {units} units cannot have {len(periods)} groups, one for each of the periods {periods}. "
                "Give more units or fewer periods."
            )
        self.periods = periods
        share, rest = divmod(units, len(periods))
        self.group_sizes = [share + (group < rest) for group in range(len(periods))]

    def build(self, input_shape: Sequence[int | None]) -> None:
        super().build(input_shape)
        self.group_kernels = [
            self.add_weight(
                name=f"recurrent_kernel_{group}",
                shape=(sum(self.group_sizes[group:]), size),
                initializer="orthogonal",
            )
            for group, size in enumerate(self.group_sizes)
        ]

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return self.group_kernels

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        groups = tf.split(state["hidden"], self.group_sizes, axis=-1)
        recurrent = [
            product(tf.concat(groups[group:], axis=-1), kernel) for group, kernel in enumerate(self.group_kernels)
        ]
        hidden = tf.where(self._is_due(t), tf.tanh(projected + tf.concat(recurrent, axis=-1)), state["hidden"])
        return hidden, {"hidden": hidden}

    def _is_due(self, t: tf.Tensor | int) -> tf.Tensor:
        """Which units step `t`, scalar or (N,), updates: bool (1, units) or (N, units)."""
        periods = [period for period, size in zip(self.periods, self.group_sizes, strict=True) for _ in range(size)]
        return tf.equal(tf.reshape(t, (-1, 1)) % tf.constant(periods), 0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "periods": list(self.periods)}
