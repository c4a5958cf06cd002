import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named
from tiny import randomise, rebuilt

from seq2seq.layers import TokenEmbedding

IDS = tf.constant([[4, 1, 4], [0, 2, 3]])
SEED = tf.constant([1, 2])


def embedding(vocab_size=5, embedding_dim=2, **options):
    layer = TokenEmbedding(vocab_size, embedding_dim, dtype="float64", **options)
    layer.build()
    return randomise(layer)


def test_looks_up_a_row_for_each_token():
    layer = embedding()
    np.testing.assert_array_equal(layer(IDS), layer.table.numpy()[IDS.numpy()])


def test_gradients_are_those_of_finite_differences():
    layer = embedding(dropout=0.3, word_dropout=0.3)
    check_gradients(lambda: layer(IDS, seed=SEED), named(layer))


def test_word_dropout_drops_whole_vectors():
    layer = embedding(embedding_dim=50, word_dropout=0.5)
    layer.table.assign(np.ones((5, 50)))
    dropped = layer(tf.ones((20, 10), tf.int32), seed=SEED).numpy()
    np.testing.assert_array_equal(dropped, np.repeat(dropped[:, :, :1], 50, axis=2))
    assert set(np.unique(dropped)) == {0.0, 2.0}


def test_dropout_of_features_is_drawn_apart_from_that_of_words():
    layer = embedding(embedding_dim=50, dropout=0.5, word_dropout=0.5)
    layer.table.assign(np.ones((5, 50)))
    dropped = layer(tf.ones((20, 10), tf.int32), seed=SEED).numpy()
    assert set(np.unique(dropped)) == {0.0, 4.0}
    assert 0.2 < (dropped > 0).mean() < 0.3


def test_without_a_seed_nothing_is_dropped():
    layer = embedding(dropout=0.5, word_dropout=0.5)
    np.testing.assert_array_equal(layer(IDS), layer.table.numpy()[IDS.numpy()])


def test_vectors_start_with_an_expected_length_of_one():
    layer = TokenEmbedding(200, 64)
    layer.build()
    assert abs(np.mean(np.sum(layer.table.numpy() ** 2, axis=1)) - 1) < 0.1


def test_rebuilds_from_its_config():
    layer = embedding(dropout=0.1, word_dropout=0.2)
    assert rebuilt(layer).get_config() == layer.get_config()


def test_refuses_what_is_no_share():
    with pytest.raises(ValueError, match="word_dropout is a share"):
        TokenEmbedding(5, 2, word_dropout=1.5)


def test_refuses_vectors_without_features():
    with pytest.raises(ValueError, match="embedding_dim=0: both have to be 1 or more"):
        TokenEmbedding(5, 0)
