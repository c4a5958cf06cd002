import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named, variable
from tiny import randomise, rebuilt

from seq2seq.layers import CopyBridge, DenseBridge, ZeroBridge

LSTM_STATE = ((3, 3),)  # one layer: h and c
TWO_LAYERS = ((6,), (3,))  # a bidirectional layer below a forward one


def state(sizes, num_rows=2):
    rng = np.random.default_rng(0)
    return tf.nest.map_structure(lambda size: tf.constant(rng.normal(size=(num_rows, size))), sizes)


def test_zero_bridge_gives_zeros_of_the_decoders_sizes():
    bridge = ZeroBridge(dtype="float64")
    bridge.connect(TWO_LAYERS, LSTM_STATE)
    ((h, c),) = bridge(state(TWO_LAYERS))
    assert h.shape == c.shape == (2, 3) and h.dtype == tf.float64
    assert not h.numpy().any() and not c.numpy().any()


def test_copy_bridge_hands_on_each_layer():
    bridge = CopyBridge(dtype="float64")
    bridge.connect(TWO_LAYERS, TWO_LAYERS)
    given = state(TWO_LAYERS)
    tf.nest.map_structure(np.testing.assert_array_equal, bridge(given), given)


def test_copy_bridge_refuses_states_that_differ():
    message = "encoder state of 6; 3 features for a decoder of 3 \\+ 3 features.*DenseBridge"
    with pytest.raises(ValueError, match=message):
        CopyBridge().connect(TWO_LAYERS, LSTM_STATE)


def test_dense_bridge_is_the_papers_equation_over_all_of_the_encoders_state():
    bridge = DenseBridge(dtype="float64")
    bridge.connect(TWO_LAYERS, LSTM_STATE)
    randomise(bridge)
    ((bottom,), (top,)) = given = state(TWO_LAYERS)
    ((h, c),) = bridge(given)
    kernel, bias = (weight.numpy() for weight in bridge.weights)
    expected = np.tanh(np.concatenate([bottom, top], axis=1) @ kernel + bias)
    np.testing.assert_allclose(h, expected[:, :3], atol=1e-14)
    np.testing.assert_allclose(c, expected[:, 3:], atol=1e-14)


def test_gradients_are_those_of_finite_differences():
    bridge = DenseBridge(dtype="float64")
    bridge.connect(TWO_LAYERS, LSTM_STATE)
    randomise(bridge)
    given = ((variable(2, 6),), (variable(2, 3, seed=1),))
    variables = {**named(bridge), "bottom": given[0][0], "top": given[1][0]}
    check_gradients(lambda: bridge(given), variables)


@pytest.mark.parametrize("kind", [ZeroBridge, CopyBridge, DenseBridge])
def test_rebuilds_from_its_config(kind):
    bridge = kind(dtype="float64", name="mine")
    copy = rebuilt(bridge)
    assert type(copy) is kind and copy.get_config() == bridge.get_config()
