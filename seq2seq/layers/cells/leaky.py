"""Leaky units around any cell: a running average of its state, over one or several time scales."""

import math
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell, Product, State, StatePart
from seq2seq.layers.precision import matmul
from seq2seq.registry import CELLS


@keras.saving.register_keras_serializable(package="seq2seq")
class Leaky(Cell):
    """Leaky units (Jaeger et al., 2007): mu_t = alpha * mu_(t-1) + (1 - alpha) * v_t.

    v_t is the new state of another cell. Where alpha is near 1 a unit remembers for long; its time scale is
    1 / (1 - alpha) steps. Around an Elman cell this is the leaky integrator
    mu_t = alpha * mu_(t-1) + (1 - alpha) * tanh(W mu_(t-1) + W_x x_t + b).

    The average takes the place of v_t: it is the output, and the inner cell reads it at the next step. So v_t is that
    part of the inner state which is the inner output: h of elman, gru and lstm, y of jordan. Other parts, such as the
    lstm's cell state, stay as the inner cell leaves them.

    Args:
        units: int, at least 1. Size of the hidden state, given to the inner cell.
        cell: the inner cell, by its name in CELLS ("elman" by default), or a Cell of as many units.
        alpha: float in [0, 1), the same for all units; "spectrum" for fixed time scales that grow geometrically from
            unit to unit, up to `slowest`; or "learnt" (default) for one trained alpha per unit, which starts there.
        slowest: float, above 1. Time scale of the slowest unit, in steps, for "spectrum" and "learnt"; 32 by default.

    State: the parts of the inner cell's state. The first one, such as "hidden", holds mu.

    Raises:
        ValueError: another `alpha`, a `slowest` of at most 1, or an inner cell of other units; in `step`, an inner
            cell whose output is not the first part of its state.

    Example:
        >>> cell = Leaky(2, alpha="spectrum", slowest=16)
        >>> cell.build((None, 3))
        >>> cell.alphas().numpy().round(4).tolist()  # 1 - 1 / 4 and 1 - 1 / 16
        [0.75, 0.9375]
    """

    def __init__(
        self,
        units: int,
        cell: str | Cell = "elman",
        alpha: float | str = "learnt",
        slowest: float = 32.0,
        **kwargs: Any,
    ) -> None:
        if not (0 <= alpha < 1 if type(alpha) in (int, float) else alpha in ("spectrum", "learnt")):
            raise ValueError(f"Leaky's alpha is a number in [0, 1), 'spectrum' or 'learnt', not {alpha!r}.")
        if type(slowest) not in (int, float) or not 1 < slowest < math.inf:
            raise ValueError(f"Leaky's slowest unit has a time scale above 1 step, not {slowest!r}.")
        if not isinstance(cell, (str, Cell)):
            raise ValueError(f"Leaky's inner cell is the name of a cell, such as gru, or a Cell, not {cell!r}.")
        inner = CELLS[cell](units, name="cell", dtype=kwargs.get("dtype")) if isinstance(cell, str) else cell
        if inner.units != units:
            raise ValueError(f"Leaky of {units} units got an inner cell of {inner.units}. Give both the same.")
        super().__init__(units, num_blocks=inner.num_blocks, **kwargs)
        self.cell = inner
        self.alpha = alpha
        self.slowest = slowest

    @property
    def state_parts(self) -> tuple[StatePart, ...]:
        return self.cell.state_parts

    @property
    def output_size(self) -> int:
        return self.cell.output_size

    @property
    def projected_size(self) -> int:
        return self.cell.projected_size

    @property
    def input_kernels(self) -> list[keras.Variable]:
        return self.cell.input_kernels

    @property
    def recurrent_kernels(self) -> list[keras.Variable]:
        return self.cell.recurrent_kernels

    def build(self, input_shape: Sequence[int | None]) -> None:
        self.cell.build(input_shape)
        if self.alpha == "learnt":
            self.leak = self.add_weight(
                name="leak", shape=(self.output_size,), initializer=lambda shape, dtype: tf.cast(self._start(), dtype)
            )

    def _start(self) -> np.ndarray:
        """The logits of alpha = 1 - slowest ** (-i / n), for the units i = 1 to n."""
        scales = self.slowest ** (np.arange(1, self.output_size + 1) / self.output_size)
        return np.log(scales - 1)  # alpha / (1 - alpha) is the time scale less one

    def alphas(self) -> tf.Tensor:
        """alpha of each unit: float (output_size,)."""
        if self.alpha == "learnt":
            return tf.sigmoid(tf.convert_to_tensor(self.leak))
        if self.alpha == "spectrum":
            return tf.sigmoid(tf.constant(self._start(), self.compute_dtype))
        return tf.fill((self.output_size,), tf.constant(self.alpha, self.compute_dtype))

    def project(self, inputs: tf.Tensor, product: Product = matmul) -> tf.Tensor:
        return self.cell.project(inputs, product)

    def step(
        self, projected: tf.Tensor, state: State, product: Product = matmul, t: tf.Tensor | int = 0
    ) -> tuple[tf.Tensor, State]:
        output, new_state = self.cell.step(projected, state, product, t)
        recurring = self.state_parts[0].name
        if output is not new_state[recurring]:
            raise ValueError(
                f"Leaky averages the state that recurs and is the output, but the output of {type(self.cell).__name__} "
                f"is not its state {recurring!r}. Choose another inner cell, such as cell=elman."
            )
        average = output + self.alphas() * (state[recurring] - output)  # alpha * mu + (1 - alpha) * v
        return average, {**new_state, recurring: average}

    def config_of_layer(self, layer: int, num_layers: int) -> dict[str, Any]:
        return {"cell": keras.saving.serialize_keras_object(self.cell.copy("cell", layer, num_layers))}

    def get_config(self) -> dict[str, Any]:
        cell = keras.saving.serialize_keras_object(self.cell)
        return {**super().get_config(), "cell": cell, "alpha": self.alpha, "slowest": self.slowest}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Leaky":
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})
