import numpy as np
import pytest
import tensorflow as tf

from seq2seq.layers.dropout import check_rate, dropout, fold

SEED = tf.constant([1, 2])


def test_keeps_the_mean():
    dropped = dropout(tf.ones((100, 100)), 0.3, SEED).numpy()
    np.testing.assert_allclose(np.unique(dropped), [0.0, 1 / 0.7], rtol=1e-6)
    assert abs(dropped.mean() - 1.0) < 0.03  # five standard deviations


def test_without_a_seed_or_a_rate_nothing_is_drawn():
    x = tf.random.stateless_normal((3, 4), SEED)
    assert dropout(x, 0.5, None) is x
    assert dropout(x, 0.0, SEED) is x


def test_the_same_seed_draws_the_same_mask_and_another_a_different_one():
    x = tf.ones((10, 10))
    np.testing.assert_array_equal(dropout(x, 0.5, SEED), dropout(x, 0.5, SEED))
    assert (dropout(x, 0.5, SEED) != dropout(x, 0.5, fold(SEED, 0))).numpy().any()


@pytest.mark.parametrize("axis", [1, 2])
def test_a_shared_axis_has_one_mask(axis):
    dropped = dropout(tf.ones((5, 6, 7), tf.float64), 0.5, SEED, shared_axes=(axis,)).numpy()
    np.testing.assert_array_equal(dropped, np.repeat(dropped.take([0], axis), dropped.shape[axis], axis))
    assert set(np.unique(dropped)) == {0.0, 2.0}


def test_fold_names_a_place():
    seeds = [fold(SEED, *place).numpy().tolist() for place in [(0,), (1,), (0, 0), (0, 1), (1, 0)]]
    assert len({tuple(seed) for seed in seeds}) == 5
    assert fold(fold(SEED, 3), 4).numpy().tolist() == fold(SEED, 3, 4).numpy().tolist()
    assert fold(None, 1, 2) is None


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_refuses_what_is_no_share(rate):
    with pytest.raises(ValueError, match=rf"word_dropout is a share in \[0, 1\), not {rate}"):
        check_rate("word_dropout", rate)
