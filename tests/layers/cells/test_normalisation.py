import numpy as np
import tensorflow as tf

from seq2seq.layers.cells.normalisation import normalised


def test_mean_and_variance_by_hand():
    """Mean 2 and standard deviation 2; and numbers so large that their squares' mean would lose the variance."""
    np.testing.assert_allclose(normalised(tf.constant([0.0, 4.0, 0.0, 4.0], tf.float64)), [-1, 1, -1, 1], atol=1e-5)
    np.testing.assert_allclose(normalised(tf.constant([[1e5, 1e5 + 4]])), [[-1, 1]], atol=1e-5)


def test_equal_numbers_become_zeros():
    assert not normalised(tf.fill((2, 3), 5.0)).numpy().any()
