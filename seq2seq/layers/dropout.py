"""Dropout without hidden state: the mask is a pure function of a seed that travels in the call.

A run's only random state is its update number, so a resumed run draws the masks of the unbroken one.
`seed=None` means
inference: nothing is dropped.
"""

import tensorflow as tf


def fold(seed, *numbers):
    """Derive a new seed from `seed` and integers that name a place (a layer, a direction), or None from None.

    Args:
        seed: int32 (2,), or None.
        numbers: ints or scalar int tensors.

    Returns:
        int32 (2,), or None.
    """
    if seed is None:
        return None
    for number in numbers:
        seed = tf.random.experimental.stateless_fold_in(seed, number)
    return seed


def dropout(x, rate, seed, shared_axes=()):
    """Set a share of `x` to zero and scale the rest by 1 / (1 - rate) (Srivastava et al., 2014).

    Args:
        x: float tensor.
        rate: float in [0, 1). Share of values dropped.
        seed: int32 (2,), or None at inference.
        shared_axes: ints. Axes along which one mask is shared: the time axis for variational dropout
            (Gal & Ghahramani, 2016), the feature axis to drop whole words.

    Returns:
        Tensor like `x`.
    """
    if seed is None or rate == 0.0:
        return x
    noise_shape = [1 if axis in shared_axes else size for axis, size in enumerate(tf.unstack(tf.shape(x)))]
    return tf.nn.experimental.stateless_dropout(x, rate, seed, noise_shape=tf.stack(noise_shape))


def check_rate(name, rate):
    """Return `rate`, or raise ValueError when it is no share below one."""
    if not 0.0 <= rate < 1.0:
        raise ValueError(f"{name} is a share in [0, 1), not {rate}.")
    return rate
