"""How far the gradient of a loss at the last step reaches back in time: the norm of dL/ds_t after each step.

s_t is the whole state of a recurrent layer after step t, such as h_t and c_t of an lstm. In an Elman network
dL/ds_t = dL/ds_T J_T ... J_(t+1), a product of as many Jacobians J = diag(g') W as there are steps: it vanishes or
explodes exponentially with their largest singular value (Pascanu et al., 2013). See `seq2seq.layers.probes`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seq2seq.layers import Cell, LinearCell, Recurrent
from seq2seq.layers.probes import state_probes
from seq2seq.text.tokenizer import BOS_ID, EOS_ID

__all__ = ["check_scale", "norms_of_cell", "norms_of_layers", "relative_norms", "sequence", "untrained"]

_SEQUENCES = 32


def norms_of_cell(cell: Cell, *, length: int, seed: int = 1, scale: float = 1.0) -> np.ndarray:
    """The norms of dL/ds_t for a new cell, which reads standard normal noise of `units` features.

    L is a random projection of the first part of the last state: of h_T in most cells.

    Args:
        cell: Cell, not built yet. In float64 even a gradient that vanishes can be followed for long.
        length: int, at least 2. Steps of the 32 sequences.
        seed: int. Of weights, input and projection.
        scale: float. Its recurrent kernels are multiplied by it.

    Returns:
        float (length,): see `relative_norms`.

    Raises:
        ValueError: `scale` is not 1, and the cell multiplies its state by no kernel.
    """
    check_scale(cell, scale)
    random = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)  # for the weights
    layer = Recurrent(cell, dtype=cell.dtype_policy)
    layer.build((None, None, cell.units))
    if scale != 1:
        for kernel in cell.recurrent_kernels:
            kernel.assign(kernel * scale)
    part = cell.state_parts[0]
    inputs = tf.constant(random.normal(size=(_SEQUENCES, length, cell.units)), cell.compute_dtype)
    projection = tf.constant(random.normal(size=(_SEQUENCES, part.size)), cell.compute_dtype)

    with tf.GradientTape() as tape, state_probes(tape) as probes:
        _, state = layer(inputs)
        loss = tf.reduce_sum(projection * state[part.name])
    gradients = tape.gradient(loss, probes[0].zeros, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return relative_norms(gradients)


def norms_of_layers(
    model: Any, sequences: Iterable[Mapping[str, tf.Tensor]], *, seed: int = 1
) -> dict[str, np.ndarray]:
    """The norms of dL/ds_t for each recurrent layer of a model that reads sequences, without dropout.

    L is a random projection of the layer's own output after its last step. So other paths, such as attention to each
    step of an encoder, do not count: the norms say how far the recurrence itself reaches. A backward layer counts its
    steps in the order of reading.

    Args:
        model: a Trainable. It reads a source by `memory`, and source and target by `evaluate_batch`.
        sequences: each {"source_ids": int32 (1, S)}, for a translator also "target_ids": int32 (1, T + 1). One row
            each, so that none is padded.
        seed: int. Of the projections.

    Returns:
        Name of each layer -> float (steps,), see `relative_norms`.
    """
    random = np.random.default_rng(seed)
    rows: dict[str, list[np.ndarray]] = {}
    for sequence in sequences:
        with tf.GradientTape(persistent=True) as tape, state_probes(tape) as probes:
            if "target_ids" in sequence:
                model.evaluate_batch(sequence)
            else:
                model.memory(sequence["source_ids"])
            last = [tf.nest.flatten(probe.outputs)[0][:, -1] for probe in probes]
            losses = [tf.reduce_sum(x * tf.constant(random.normal(size=x.shape), x.dtype)) for x in last]
        for probe, loss in zip(probes, losses, strict=True):
            gradients = tape.gradient(loss, probe.zeros, unconnected_gradients=tf.UnconnectedGradients.ZERO)
            rows.setdefault(probe.layer.name, []).extend(_norms(gradients))
    return {name: _relative(norms) for name, norms in rows.items()}


def untrained(model: Any) -> Any:
    """A model of the same configuration with new weights."""
    keras.utils.set_random_seed(1)
    return type(model).from_config(model.get_config())


def sequence(source: Sequence[int], target: Sequence[int] | None = None) -> dict[str, tf.Tensor]:
    """One row for `norms_of_layers`, from the ids of a source and of its target if it has one."""
    row = {"source_ids": tf.constant([[*source, EOS_ID]], tf.int32)}
    return row if target is None else {**row, "target_ids": tf.constant([[BOS_ID, *target, EOS_ID]], tf.int32)}


def check_scale(cell: Cell, scale: float) -> None:
    """Raises ValueError when a scale other than 1 would act on nothing of the recurrence."""
    if scale != 1 and isinstance(cell, LinearCell):
        raise ValueError(
            f"{type(cell).__name__} multiplies its state by no kernel, so a scale of {scale:g} would change nothing."
        )


def relative_norms(gradients: Any) -> np.ndarray:
    """The norm of a gradient 0, 1, 2, ... steps before the last one, relative to its norm at the last one.

    The last step of a sequence is the last one with a gradient. At each distance the mean norm of all sequences that
    reach so far back is divided by their mean norm at the last step.

    Args:
        gradients: nest of float (N, T, size), the gradients of all parts of a state.

    Returns:
        float (steps,), 1 at the first place. Where fewer than a tenth of the sequences reach, it ends.
    """
    return _relative(_norms(gradients))


def _norms(gradients: Any) -> list[np.ndarray]:
    """The norm of all parts together: float (T,) for each of N sequences."""
    parts = [np.asarray(part).reshape(*part.shape[:2], -1) for part in tf.nest.flatten(gradients)]
    return list(np.linalg.norm(np.concatenate(parts, axis=-1), axis=-1))  # (N, T)


def _relative(norms: Sequence[np.ndarray]) -> np.ndarray:
    rows = [row[: np.flatnonzero(row)[-1] + 1][::-1] for row in norms if row.any()]
    found = []
    for steps in range(max(map(len, rows), default=0)):
        reaching = [row for row in rows if len(row) > steps]
        if 10 * len(reaching) < len(rows):
            break
        found.append(np.mean([row[steps] for row in reaching]) / np.mean([row[0] for row in reaching]))
    return np.array(found)
