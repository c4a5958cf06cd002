import numpy as np
import pytest
import tensorflow as tf

from seq2seq.layers import AdditiveAttention


def test_numbers_by_hand():
    """Scores tanh(0 + 0) = 0 and tanh(0 + 20) = 1: weights 1 / (1 + e) and e / (1 + e)."""
    layer = AdditiveAttention(1, dtype="float64")
    layer.build((None, None, 1), (None, None, 1))
    layer.set_weights([np.ones((1, 1)), np.ones((1, 1)), np.zeros(1), np.ones(1)])
    values = tf.constant([[[0.0], [20.0]]], tf.float64)
    memory = {"keys": layer.keys(values), "values": values, "mask": tf.constant([[True, True]])}
    context, weights, _ = layer(np.zeros((1, 1, 1)), memory)
    np.testing.assert_allclose(weights, [[[1 / (1 + np.e), np.e / (1 + np.e)]]])
    np.testing.assert_allclose(context, [[[20 * np.e / (1 + np.e)]]])


def test_refuses_no_units():
    with pytest.raises(ValueError, match="AdditiveAttention needs at least 1 unit, not 0"):
        AdditiveAttention(0)
