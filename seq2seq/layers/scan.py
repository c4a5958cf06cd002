"""Runs a step function over the time axis.

`seq2seq.layers.products` says how it multiplies by kernels.
"""

import contextlib
import contextvars
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import tensorflow as tf

from seq2seq.layers.products import DeferredProducts, Products

Step = Callable[..., tuple[Any, Any]]

_deferred = contextvars.ContextVar("deferred_gradients", default=False)


@contextlib.contextmanager
def deferred_gradients() -> Iterator[None]:
    """A block in which loops that are traced take the gradients of their kernels after the loop.

    The gradients are the same up to rounding, and much cheaper. Eager code and graphs for inference ignore it.
    """
    token = _deferred.set(True)
    try:
        yield
    finally:
        _deferred.reset(token)


def scan(
    step: Step,
    inputs: Any,
    state: Any,
    *,
    kernels: Sequence[Any] = (),
    mask: tf.Tensor | None = None,
    product_masks: Sequence[tf.Tensor | None] = (),
    first_step: tf.Tensor | int = 0,
    truncate: int = 0,
) -> tuple[Any, Any]:
    """Runs `step` over the time axis and stacks what it returns.

    A sequence of one step (T = 1, known when traced) needs no loop, so decoding and training share their code.

    Args:
        step: function (inputs_t, state, product, t) -> (outputs_t, state). `inputs_t` and `outputs_t` are nests of
            (N, ...); `product` is a function (x, kernel) -> x @ kernel; `t` is the number of the step.
        inputs: nest of float (N, T, ...).
        state: nest of (N, ...), before the first step.
        kernels: what `step` multiplies by through `product`, each exactly once per step: weights (D, P), whose left
            operands are float (..., D) of any number of rows; or a matrix for each sentence (B, D, P), such as the
            values that attention sums up. N is then B, or B * K with the K beams of a sentence adjacent.
        mask: bool (N, T), or None. Where False the state is kept as it was.
        product_masks: float (N, D) or None, one for each kernel: multiplies the left operand (recurrent dropout).
        first_step: int32, scalar or (N,). Number of the first step.
        truncate: int. Steps in a window of truncated back-propagation through time: no gradient of the state goes from
            a window to the one before it. 0 is one window.

    Returns:
        Tuple (outputs: nest of (N, T, ...), not to be read where the mask is False; state after the last step).

    Raises:
        ValueError: a step multiplies by a kernel that is not listed; or, with deferred gradients, by a listed one twice
            or never.
    """
    num_steps = tf.nest.flatten(inputs)[0].shape[1]
    if num_steps == 1:
        first = tf.nest.map_structure(lambda x: x[:, 0], inputs)
        outputs, new_state = step(first, state, Products(kernels, product_masks), first_step)
        if mask is not None:
            new_state = _keep_where_padded(mask[:, 0], new_state, state)
        return tf.nest.map_structure(lambda x: x[:, tf.newaxis], outputs), new_state
    time_major = tf.nest.map_structure(_swap_first_two, inputs)
    num_steps = tf.shape(tf.nest.flatten(time_major)[0])[0]
    if _deferred.get() and not tf.executing_eagerly():
        products = DeferredProducts(kernels, product_masks, num_steps)
    else:
        products = Products(kernels, product_masks)
    return _loop(step, time_major, state, mask, products, first_step, num_steps, truncate)


def _loop(
    step: Step,
    time_major: Any,
    state: Any,
    mask: tf.Tensor | None,
    products: Products,
    first_step: tf.Tensor | int,
    num_steps: tf.Tensor,
    truncate: int,
) -> tuple[Any, Any]:
    arrays = tf.nest.map_structure(lambda x: _unstack(x, num_steps), time_major)
    mask_array = None if mask is None else _unstack(tf.transpose(mask), num_steps)

    # A first step tells the structure of the outputs. Its numbers are never used, so a graph does not compute them.
    outputs, _ = step(tf.nest.map_structure(lambda x: x[0], time_major), state, products, first_step)
    written = tf.nest.map_structure(lambda x: tf.TensorArray(x.dtype, num_steps, element_shape=x.shape), outputs)

    def body(t: tf.Tensor, state: Any, written: Any, operands: list) -> tuple:
        inputs = tf.nest.map_structure(lambda array: array.read(t), arrays)
        product = products.at(t)
        before = _without_gradient(state, (t > 0) & (t % truncate == 0)) if truncate else state
        outputs, new_state = step(inputs, before, product, first_step + t)
        if mask_array is not None:  # a padded step ends no window: its state keeps its gradient
            new_state = _keep_where_padded(mask_array.read(t), new_state, state)
        written = tf.nest.map_structure(lambda array, x: array.write(t, x), written, outputs)
        operands = [array.write(t, x) for array, x in zip(operands, product.operands(), strict=True)]
        return t + 1, new_state, written, operands

    start = (0, state, written, products.operand_arrays())
    _, state, written, operands = tf.while_loop(lambda t, *_: t < num_steps, body, start, maximum_iterations=num_steps)
    products.recorded(operands)
    return tf.nest.map_structure(lambda array: _swap_first_two(array.stack()), written), state


def _without_gradient(state: Any, where: tf.Tensor) -> Any:
    """The same state, through which no gradient passes if `where` (bool scalar) is True."""
    return tf.nest.map_structure(lambda part: tf.where(where, tf.stop_gradient(part), part), state)


def _keep_where_padded(mask: tf.Tensor, new_state: Any, state: Any) -> Any:
    """The new state of the rows where `mask` (N,) is True, and the old one of the others."""

    def keep(new: tf.Tensor, old: tf.Tensor) -> tf.Tensor:
        return tf.where(tf.reshape(mask, (-1,) + (1,) * (new.shape.rank - 1)), new, old)

    return tf.nest.map_structure(keep, new_state, state)


def _swap_first_two(x: tf.Tensor) -> tf.Tensor:
    return tf.transpose(x, (1, 0, *range(2, x.shape.rank)))


def _unstack(x: tf.Tensor, num_steps: tf.Tensor) -> tf.TensorArray:
    return tf.TensorArray(x.dtype, num_steps, element_shape=x.shape[1:]).unstack(x)
