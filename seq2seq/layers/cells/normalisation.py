"""Layer normalisation inside a recurrence."""

import tensorflow as tf

_EPSILON = 1e-5  # added to the variance, so that a row of equal numbers becomes zeros (as in Ba et al.'s program)


def normalised(x: tf.Tensor) -> tf.Tensor:
    """Layer normalisation (Ba et al., 2016) without gain and bias: (x - mean) / standard deviation.

    Args:
        x: float (..., D).

    Returns:
        float (..., D). Mean and variance over D are 0 and 1.

    Example:
        >>> normalised(tf.constant([[1.0, 3.0, 1.0, 3.0]])).numpy().round(3)
        array([[-1.,  1., -1.,  1.]], dtype=float32)
    """
    centred = x - tf.reduce_mean(x, axis=-1, keepdims=True)
    variance = tf.reduce_mean(tf.square(centred), axis=-1, keepdims=True)
    return centred * tf.math.rsqrt(variance + _EPSILON)
