"""Runs a linear recurrence h_t = a_t * h_(t-1) + b_t over the time axis.

Two steps are one step of the same form: (a_1, b_1), then (a_2, b_2), is (a_1 a_2, a_2 b_1 + b_2). So a prefix of 2 k
steps is made of two prefixes of k, and all T states need log2(T) passes over the whole sequence (Hillis & Steele,
1986). A GPU computes them so. A processor with few cores takes one step after the other instead, which reads each
number once. That is faster there, except for few rows of many steps (`benchmarks/linear_scan.py`).

The gradient is a linear recurrence too, from the last step to the first: g_t = dL/dh_t + a_(t+1) g_(t+1). Then
dL/db_t = g_t and dL/da_t = g_t * h_(t-1). So only a and h are kept for it. Truncated back-propagation takes 0 in place
of a_(t+1) where step t + 1 starts a window.
"""

from collections.abc import Callable

import tensorflow as tf


def linear_scan(
    a: tf.Tensor,
    b: tf.Tensor,
    start: tf.Tensor,
    *,
    mask: tf.Tensor | None = None,
    truncate: int = 0,
    parallel: bool | None = None,
) -> tf.Tensor:
    """The states h_1 .. h_T of h_t = a_t * h_(t-1) + b_t.

    Args:
        a: float (B, T, D), in 0..1.
        b: float (B, T, D).
        start: float (B, D), h_0.
        mask: bool (B, T), or None. Where False the state is kept as it was.
        truncate: int. Steps in a window of truncated back-propagation through time, as for `scan`.
        parallel: bool. log2(T) passes over the whole sequence, or one step after the other; by default as the module
            says.

    Returns:
        float (B, T, D).

    Example:
        >>> a, b = tf.fill((1, 3, 1), 0.5), tf.ones((1, 3, 1))
        >>> linear_scan(a, b, tf.zeros((1, 1)))[0, :, 0].numpy()
        array([1.  , 1.5 , 1.75], dtype=float32)
    """
    if mask is not None:
        is_token = mask[:, :, tf.newaxis]
        a, b = tf.where(is_token, a, tf.ones_like(a)), tf.where(is_token, b, tf.zeros_like(b))
    if a.shape[1] == 1:
        return a * start[:, tf.newaxis] + b
    parallel = bool(tf.config.list_logical_devices("GPU")) if parallel is None else parallel
    states = _prefixes if parallel else _one_after_the_other
    a, b = (tf.transpose(x, (1, 0, 2)) for x in (a, b))  # (T, B, D)
    b = tf.concat([b[:1] + a[:1] * start, b[1:]], axis=0)
    starts_window = _starts_window(tf.shape(a)[0], mask, truncate) if truncate else None
    return tf.transpose(_with_gradient(states, starts_window)(a, b), (1, 0, 2))


def _starts_window(num_steps: tf.Tensor, mask: tf.Tensor | None, truncate: int) -> tf.Tensor:
    """bool (T, 1 or B, 1), True at the first token of each window but the first. Padding starts none."""
    t = tf.range(num_steps)[:, tf.newaxis, tf.newaxis]
    starts = (t > 0) & (t % truncate == 0)
    return starts if mask is None else starts & tf.transpose(mask)[:, :, tf.newaxis]


def _with_gradient(
    states: Callable[..., tf.Tensor], starts_window: tf.Tensor | None
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """`states` with the gradient that the module describes."""

    @tf.custom_gradient
    def scan(a: tf.Tensor, b: tf.Tensor) -> tuple[tf.Tensor, Callable]:
        hidden = states(a, b)

        def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            back = a if starts_window is None else tf.where(starts_window, tf.zeros_like(a), a)
            back = tf.concat([back[1:], tf.zeros_like(a[:1])], axis=0)  # a_(t+1)
            arriving = states(back, upstream, backward=True)
            before = tf.concat([tf.zeros_like(hidden[:1]), hidden[:-1]], axis=0)
            return arriving * before, arriving

        return hidden, gradient

    return scan


def _one_after_the_other(a: tf.Tensor, b: tf.Tensor, *, backward: bool = False) -> tf.Tensor:
    """States (T, B, D) from zeros, from the first step to the last or backward."""
    num_steps = tf.shape(a)[0]
    written = tf.TensorArray(a.dtype, num_steps, element_shape=a.shape[1:])

    def body(step: tf.Tensor, hidden: tf.Tensor, written: tf.TensorArray) -> tuple:
        t = num_steps - 1 - step if backward else step
        hidden = tf.gather(a, t) * hidden + tf.gather(b, t)
        return step + 1, hidden, written.write(t, hidden)

    begin = (0, tf.zeros_like(b[0]), written)
    *_, written = tf.while_loop(lambda step, *_: step < num_steps, body, begin, maximum_iterations=num_steps)
    return written.stack()


def _prefixes(a: tf.Tensor, b: tf.Tensor, *, backward: bool = False) -> tf.Tensor:
    """States (T, B, D) from zeros, from the first step to the last or backward.

    After a pass of length k, (a, b) at t is the last 2 k steps up to t as one.
    """
    num_steps, shape = tf.shape(a)[0], tf.TensorShape((None, *a.shape[1:]))

    def body(length: tf.Tensor, a: tf.Tensor, b: tf.Tensor) -> tuple:
        nothing = tf.zeros_like(b[:length])  # before the first step stands (1, 0)

        def earlier(x: tf.Tensor, first: tf.Tensor) -> tf.Tensor:
            return tf.concat([x[length:], first] if backward else [first, x[:-length]], axis=0)

        return 2 * length, a * earlier(a, nothing + 1), a * earlier(b, nothing) + b

    _, _, hidden = tf.while_loop(
        lambda length, *_: length < num_steps,
        body,
        (tf.constant(1), a, b),
        shape_invariants=(tf.TensorShape(()), shape, shape),
    )
    return tf.ensure_shape(hidden, b.shape)
