"""Probes: the gradient of the loss with respect to the state of a recurrent layer, after each of its steps.

A probe adds zeros to the state after each step. They change no number, and the gradient of the loss with respect to
them is dL/dh_t, through all later steps. It shows how a gradient vanishes or explodes on its way back in time, and the
penalty of Pascanu et al. (2013) is computed from it.

The output of a step counts with the state where it is a part of that state, as h_t of elman, gru and lstm is. What a
step makes of its new state itself, such as o * tanh(c_t) of c_t in an lstm or the hidden layers between state and
output of `deep`, belongs to that step: dL/dc_t is the gradient of what the later steps do with c_t.
"""

import contextlib
import contextvars
from collections.abc import Iterator
from typing import Any, NamedTuple

import tensorflow as tf

from seq2seq.layers.linear_scan import linear_scan
from seq2seq.layers.scan import Step, scan


class Probe(NamedTuple):
    """The probe of one pass of a recurrent layer over N sequences of T steps, in the order of reading.

    Attributes:
        layer: the Keras layer that ran.
        zeros: what was added to the state, a nest like the state of float (N, T, size). Ask the tape for their
            gradient.
        mask: bool (N, T), or None if every step reads a token. The gradient is zero where it is False.
        outputs: the outputs of the steps: float (N, T, output_size), or a nest of which it is the first.
    """

    layer: Any
    zeros: Any
    mask: tf.Tensor | None
    outputs: Any


class _Active(NamedTuple):
    """An open block of `state_probes`."""

    tape: tf.GradientTape
    probes: list[Probe]
    graph: tf.Graph


_block = contextvars.ContextVar[_Active | None]("state_probes", default=None)


@contextlib.contextmanager
def state_probes(tape: tf.GradientTape) -> Iterator[list[Probe]]:
    """A block in which every recurrent layer that is called or traced gets a probe.

    A call inside a loop of TensorFlow that is traced, such as that of a decoder that reads its own predictions, gets
    none: nothing outside the loop may see its tensors.

    Args:
        tape: records the block.

    Yields:
        The list of probes, one for each call of a layer in their order, filled as the layers run.

    Example:
        >>> from seq2seq.layers import Elman, Recurrent
        >>> layer = Recurrent(Elman(4))
        >>> layer.build((None, None, 3))
        >>> with tf.GradientTape() as tape, state_probes(tape) as probes:
        ...     outputs, state = layer(tf.random.normal((2, 5, 3)))
        ...     loss = tf.reduce_sum(state["hidden"] ** 2)
        >>> tape.gradient(loss, probes[0].zeros)["hidden"].shape  # dL/dh_t
        TensorShape([2, 5, 4])
    """
    probes: list[Probe] = []
    token = _block.set(_Active(tape, probes, tf.compat.v1.get_default_graph()))
    try:
        yield probes
    finally:
        _block.reset(token)


def _active() -> _Active | None:
    """The open block, unless a loop in it is being traced."""
    block = _block.get()
    return block if block is not None and block.graph is tf.compat.v1.get_default_graph() else None


def probed_scan(
    layer: Any, step: Step, inputs: Any, state: Any, *, mask: tf.Tensor | None = None, **options: Any
) -> tuple[Any, Any]:
    """`scan` for the recurrence of a Keras layer: inside `state_probes` with a probe."""
    active = _active()
    if active is None:
        return scan(step, inputs, state, mask=mask, **options)
    zeros = tf.nest.map_structure(lambda part: _zeros(tf.nest.flatten(inputs)[0], part), state)
    active.tape.watch([x for x in tf.nest.flatten(zeros) if x.dtype.is_floating])

    def moved_step(inputs: Any, state: Any, product: Any, t: tf.Tensor) -> tuple[Any, Any]:
        inputs, push = inputs
        outputs, new_state = step(inputs, state, product, t)
        moved = tf.nest.map_structure(tf.add, new_state, push)
        of_part = {id(old): new for old, new in zip(tf.nest.flatten(new_state), tf.nest.flatten(moved), strict=True)}
        return tf.nest.map_structure(lambda output: of_part.get(id(output), output), outputs), moved

    outputs, state = scan(moved_step, (inputs, zeros), state, mask=mask, **options)
    active.probes.append(Probe(layer, zeros, mask, outputs))
    return outputs, state


def probed_linear_scan(
    layer: Any, a: tf.Tensor, b: tf.Tensor, start: tf.Tensor, *, mask: tf.Tensor | None = None, truncate: int = 0
) -> tf.Tensor:
    """`linear_scan` for the recurrence of a Keras layer: inside `state_probes` with a probe."""
    active = _active()
    if active is None:
        return linear_scan(a, b, start, mask=mask, truncate=truncate)
    zeros = {"hidden": tf.zeros_like(b)}
    active.tape.watch(zeros)
    hidden = linear_scan(a, b + zeros["hidden"], start, mask=mask, truncate=truncate)
    active.probes.append(Probe(layer, zeros, mask, hidden))
    return hidden


def _zeros(inputs: tf.Tensor, part: tf.Tensor) -> tf.Tensor:
    """Zeros (N, T, ...) for a part (N, ...) of the state, given inputs (N, T, ...)."""
    shape = tf.concat([tf.shape(part)[:1], tf.shape(inputs)[1:2], tf.shape(part)[1:]], axis=0)
    return tf.ensure_shape(tf.zeros(shape, part.dtype), (part.shape[0], inputs.shape[1], *part.shape[1:]))
