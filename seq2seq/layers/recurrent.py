"""Runs a cell over a sequence."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import Cell, State
from seq2seq.layers.cells.linear import LinearCell
from seq2seq.layers.dropout import check_rate, dropout, fold
from seq2seq.layers.layer import Layer
from seq2seq.layers.probes import probed_linear_scan, probed_scan
from seq2seq.layers.products import Products


@keras.saving.register_keras_serializable(package="seq2seq")
class Recurrent(Layer):
    """A cell run over a right-padded sequence, forwards or backwards.

    Args:
        cell: Cell.
        backward: bool. Read each sentence from its last token to its first.
        recurrent_dropout: float in [0, 1). Share of the state hidden from the recurrent products, the same at each step
            (variational dropout; Gal & Ghahramani, 2016).
        truncate: int, at least 0. Steps in a window of truncated back-propagation through time, counted in the order of
            reading: no gradient of the state goes from a window to the one before it. 0 is the full gradient.

    Call arguments:
        inputs: float (B, T, D).
        mask: bool (B, T), True = token, right-padded; or None when there is no padding.
        state: the cell's state before the first step: name of each part -> float (B, size); or None for zeros.
        seed: int32 (2,), or None at inference.
        first_step: int32, scalar or (B,). Number of the first step, for cells that count.
        previous_outputs: float (B, T, output_size), or None. For a cell in which the output alone recurs (`Jordan`):
            the output that each step reads, in place of the one computed, as in teacher forcing. Position t holds what
            the step that reads token t reads. No step then waits for another, so all are computed at once; `state` is
            not read.

    Returns:
        Tuple (outputs (B, T, output_size), zero where padded; state after the last token).

    Raises:
        ValueError: `previous_outputs` for another cell.
    """

    def __init__(
        self,
        cell: Cell,
        *,
        backward: bool = False,
        recurrent_dropout: float = 0.0,
        truncate: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.cell = cell
        self.backward = backward
        self.recurrent_dropout = check_recurrent_dropout(cell, recurrent_dropout)
        self.truncate = check_truncate(truncate)

    def build(self, input_shape: Sequence[int | None]) -> None:
        self.cell.build(input_shape)

    def call(
        self,
        inputs: tf.Tensor,
        mask: tf.Tensor | None = None,
        state: State | None = None,
        seed: tf.Tensor | None = None,
        first_step: tf.Tensor | int = 0,
        previous_outputs: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, State]:
        num_rows = tf.shape(inputs)[0]
        state = self.cell.zero_state(num_rows) if state is None else state
        lengths = None if mask is None else tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        product_masks = recurrent_masks(self.cell, num_rows, self.recurrent_dropout, seed)
        if self.backward:
            inputs = _reverse(inputs, lengths)
        if previous_outputs is not None:
            previous = _reverse(previous_outputs, lengths) if self.backward else previous_outputs
            outputs, state = self._given_outputs(inputs, previous, lengths, product_masks)
        elif isinstance(self.cell, LinearCell):
            outputs, state = self._all_at_once(inputs, state, mask)
        else:
            outputs, state = probed_scan(
                self,
                self.cell.step,
                self.cell.project(inputs),
                state,
                kernels=self.cell.recurrent_kernels,
                mask=mask,
                product_masks=product_masks,
                first_step=first_step,
                truncate=self.truncate,
            )
        if self.backward:
            outputs = _reverse(outputs, lengths)
        if mask is not None:
            outputs = tf.where(mask[:, :, tf.newaxis], outputs, tf.zeros((), outputs.dtype))
        return outputs, state

    def _all_at_once(self, inputs: tf.Tensor, state: State, mask: tf.Tensor | None) -> tuple[tf.Tensor, State]:
        """Outputs (B, T, output_size) and last state of a cell whose recurrence is linear in its state."""
        projected = self.cell.project(inputs)
        a, b = self.cell.elements(projected)  # (B, T, units)
        hidden = probed_linear_scan(self, a, b, state["hidden"], mask=mask, truncate=self.truncate)
        return self.cell.read_out(projected, hidden), {"hidden": hidden[:, -1]}

    def _given_outputs(
        self,
        inputs: tf.Tensor,
        previous: tf.Tensor,
        lengths: tf.Tensor | None,
        product_masks: list[tf.Tensor | None],
    ) -> tuple[tf.Tensor, State]:
        """Outputs (B, T, output_size) and last state of a cell whose output recurs, given all previous outputs."""
        if not self.cell.output_recurs:
            raise ValueError(
                f"previous_outputs were given, but the steps of {type(self.cell).__name__} read more than the last "
                "output. Use a cell in which the output alone recurs, such as Jordan."
            )
        masks = [None if mask is None else mask[:, tf.newaxis] for mask in product_masks]  # (B, D) -> (B, 1, D)
        product = Products(self.cell.recurrent_kernels, masks)
        (part,) = self.cell.state_parts
        outputs, _ = self.cell.step(self.cell.project(inputs), {part.name: previous}, product)
        if lengths is None:
            return outputs, {part.name: outputs[:, -1]}
        after = tf.concat([previous[:, :1], outputs], axis=1)  # the output after 0, 1, ..., T tokens
        return outputs, {part.name: tf.gather(after, lengths, batch_dims=1)}

    def get_config(self) -> dict[str, Any]:
        cell = keras.saving.serialize_keras_object(self.cell)
        return {
            **super().get_config(),
            "cell": cell,
            "backward": self.backward,
            "recurrent_dropout": self.recurrent_dropout,
            "truncate": self.truncate,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Recurrent":
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})


def check_recurrent_dropout(cell: Cell, rate: float) -> float:
    """Returns `rate`.

    Raises:
        ValueError: it is not in [0, 1), or the cell multiplies its state by no kernel.
    """
    if rate and isinstance(cell, LinearCell):
        raise ValueError(
            f"recurrent_dropout is {rate}, but {type(cell).__name__} multiplies its state by no kernel, so there is "
            "nothing to drop. Give recurrent_dropout=0; dropout acts on inputs and outputs."
        )
    return check_rate("recurrent_dropout", rate)


def check_truncate(num_steps: int) -> int:
    """Returns `num_steps`.

    Raises:
        ValueError: it is below 0.
    """
    if num_steps < 0:
        raise ValueError(f"truncate is a number of steps, 0 for the full gradient, not {num_steps}.")
    return num_steps


def recurrent_masks(
    cell: Cell, num_rows: int | tf.Tensor, rate: float, seed: tf.Tensor | None
) -> list[tf.Tensor | None]:
    """Variational dropout masks for the left operands of a cell's recurrent kernels.

    Returns:
        One float (num_rows, rows of the kernel) for each kernel; None for each when nothing is dropped.
    """
    if seed is None or rate == 0.0:
        return [None] * len(cell.recurrent_kernels)
    return [
        dropout(tf.ones((num_rows, kernel.shape[0]), cell.compute_dtype), rate, fold(seed, index))
        for index, kernel in enumerate(cell.recurrent_kernels)
    ]


def _reverse(x: tf.Tensor, lengths: tf.Tensor | None) -> tf.Tensor:
    """Reverses each row up to its length; padding stays at the end."""
    return tf.reverse(x, [1]) if lengths is None else tf.reverse_sequence(x, lengths, seq_axis=1)
