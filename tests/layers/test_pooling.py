import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named, variable
from tiny import randomise, rebuilt

from seq2seq.layers import GRU, LSTM
from seq2seq.layers.pooling import POOLINGS, Pooling
from seq2seq.model import Encoder

MASK = tf.constant([[True, True, True], [True, False, False]])


def connected(kind, **options):
    pooling = Pooling(kind, **options)
    pooling.connect(Encoder(9, 4, GRU(1), dtype="float64"))  # two directions: outputs of 2 features
    return pooling


def memory(outputs, state=()):
    return {"outputs": outputs, "mask": MASK, "state": state}


def test_the_mean_leaves_padding_out():
    outputs = tf.constant([[[1.0, 2.0], [3.0, 4.0], [5.0, 9.0]], [[7.0, 8.0], [99.0, 99.0], [99.0, 99.0]]])
    np.testing.assert_allclose(connected("mean")(memory(outputs)), [[3, 5], [7, 8]], rtol=1e-6)


def test_the_last_state_has_all_parts_and_directions_of_the_upper_layer():
    lower, upper = (
        {"hidden": tf.zeros((1, 2)), "cell": tf.zeros((1, 2))},
        {"hidden": tf.constant([[1.0, 2.0]]), "cell": tf.constant([[3.0, 4.0]])},
    )
    assert Pooling("last")(memory(tf.zeros((1, 1, 2)), (lower, upper))).numpy().tolist() == [[1, 2, 3, 4]]
    pooling = Pooling("last")
    pooling.connect(Encoder(9, 4, LSTM(5)))
    assert pooling.output_size == 2 * (5 + 5)


def test_attention_is_the_equation_of_the_paper():
    pooling = randomise(connected("attention", dtype="float64"))
    outputs = np.random.default_rng(0).normal(size=(2, 3, 2))
    w, b, u = (weight.numpy() for weight in (pooling.kernel, pooling.bias, pooling.query))
    scores = (np.tanh(outputs @ w + b) @ u)[0, :, 0]
    weights = np.exp(scores) / np.exp(scores).sum()
    found = pooling(memory(tf.constant(outputs)))
    np.testing.assert_allclose(found[0], weights @ outputs[0], rtol=1e-12)
    np.testing.assert_allclose(found[1], outputs[1, 0], rtol=1e-12)  # one real position


@pytest.mark.parametrize("kind", ["mean", "attention"])
def test_gradients(kind):
    pooling, outputs = randomise(connected(kind, dtype="float64")), variable(2, 3, 2)
    check_gradients(lambda: pooling(memory(outputs)), {"outputs": outputs, **named(pooling)})


def test_rebuilds_and_refuses():
    assert [rebuilt(Pooling(kind)).kind for kind in POOLINGS] == list(POOLINGS)
    with pytest.raises(ValueError, match="Pooling's kind is one of last, mean, attention, not 'max'"):
        Pooling("max")
