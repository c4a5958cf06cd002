"""Dropout without hidden state: what is dropped is a function of a seed that is passed by argument.

The seed of an update follows from the seed of the run and the number of the update, so a resumed run drops what the
unbroken run would have dropped. `seed=None` means inference: nothing is dropped.
"""

from collections.abc import Sequence

import tensorflow as tf


def fold(seed: tf.Tensor | None, *numbers: int | tf.Tensor) -> tf.Tensor | None:
    """Derives a new seed from `seed` and numbers that name a place, such as a layer and a direction.

    Args:
        seed: int32 (2,), or None.
        numbers: ints or scalar int tensors.

    Returns:
        int32 (2,); None from None.
    """
    if seed is None:
        return None
    for number in numbers:
        seed = tf.random.experimental.stateless_fold_in(seed, number)
    return seed


def dropout(x: tf.Tensor, rate: float, seed: tf.Tensor | None, shared_axes: Sequence[int] = ()) -> tf.Tensor:
    """Sets a share of `x` to zero and scales the rest by 1 / (1 - rate) (Srivastava et al., 2014).

    Args:
        x: float tensor.
        rate: float in [0, 1). Share of values dropped.
        seed: int32 (2,), or None at inference.
        shared_axes: axes along which one mask is shared: the time axis for variational dropout (Gal & Ghahramani,
            2016), the feature axis to drop whole words.

    Returns:
        Tensor like `x`.
    """
    if seed is None or rate == 0.0:
        return x
    noise_shape = [1 if axis in shared_axes else size for axis, size in enumerate(tf.unstack(tf.shape(x)))]
    return tf.nn.experimental.stateless_dropout(x, rate, seed, noise_shape=tf.stack(noise_shape))


def masked(x: tf.Tensor, dropout_mask: tf.Tensor | None) -> tf.Tensor:
    """`x` times a dropout mask of 0 and 1 / (1 - rate); `x` itself without a mask."""
    return x if dropout_mask is None else x * dropout_mask


def check_rate(name: str, rate: float) -> float:
    """Returns `rate`.

    Raises:
        ValueError: it is not in [0, 1).
    """
    if not 0.0 <= rate < 1.0:
        raise ValueError(f"{name} is a share in [0, 1), not {rate}.")
    return rate
