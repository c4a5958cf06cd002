import numpy as np
import pytest
import tensorflow as tf

from seq2seq.search.top_k import top_k


@pytest.mark.parametrize("size", [7, 640, 2560, 2563])  # few groups, whole groups, and a part of one
@pytest.mark.parametrize("k", [1, 9])
def test_what_tensorflows_own_gives(size, k):
    k = min(k, size)
    scores = tf.random.stateless_normal([20, size], seed=[size, k])
    of_any_size = tf.function(lambda scores: top_k(scores, k), input_signature=[tf.TensorSpec([None, None])])
    for found in (top_k(scores, k), of_any_size(scores)):
        for one, other in zip(found, tf.math.top_k(scores, k), strict=True):
            np.testing.assert_array_equal(one, other)


def test_of_equal_values_the_smaller_place_comes_first():
    # Only eleven different values: nearly every group has the largest.
    scores = tf.cast(tf.random.stateless_uniform([20, 2563], seed=[1, 2], maxval=11, dtype=tf.int32), tf.float32)
    for one, other in zip(top_k(scores, 9), tf.math.top_k(scores, 9), strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_place_beyond_the_row_though_all_of_it_is_minus_infinity():
    scores = tf.fill([2, 2563], float("-inf"))
    _, places = top_k(scores, 9)
    assert places.numpy().max() < 2563
