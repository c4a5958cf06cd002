import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named, variable
from tiny import randomise, rebuilt

from seq2seq.layers import CopyBridge, DenseBridge, StatePart, ZeroBridge

LSTM_PARTS = [(StatePart("hidden", 3), StatePart("cell", 3))]  # of one layer
TWO_LAYERS = [(StatePart("hidden", 6),), (StatePart("hidden", 3),)]  # a bidirectional layer below a forward one


def state(parts, num_rows=2):
    rng = np.random.default_rng(0)
    return [{part.name: tf.constant(rng.normal(size=(num_rows, part.size))) for part in layer} for layer in parts]


def connected(kind, encoder_parts, decoder_parts):
    bridge = kind(dtype="float64")
    bridge.connect(encoder_parts, decoder_parts)
    return randomise(bridge)


def test_zero_bridge_gives_zeros_of_the_decoders_sizes():
    (top,) = connected(ZeroBridge, TWO_LAYERS, LSTM_PARTS)(state(TWO_LAYERS))
    assert top.keys() == {"hidden", "cell"}
    for part in top.values():
        assert part.shape == (2, 3) and part.dtype == tf.float64 and not part.numpy().any()


def test_copy_bridge_hands_on_each_layer_in_the_order_of_its_parts():
    """The names may differ: an LSTM's hidden state and cell state go to parts of other names and equal sizes."""
    renamed = [(StatePart("first", 3), StatePart("second", 3))]
    (given,) = state(LSTM_PARTS)
    # Keras sorts the names of a dict that it passes on; the order of declaration decides all the same.
    (got,) = connected(CopyBridge, LSTM_PARTS, renamed)([dict(sorted(given.items()))])
    np.testing.assert_array_equal(got["first"], given["hidden"])
    np.testing.assert_array_equal(got["second"], given["cell"])


def test_copy_bridge_refuses_states_that_differ():
    message = "encoder state of 6; 3 features for a decoder of 3 \\+ 3 features.*DenseBridge"
    with pytest.raises(ValueError, match=message):
        CopyBridge().connect(TWO_LAYERS, LSTM_PARTS)


def test_dense_bridge_is_the_papers_equation_over_all_of_the_encoders_state():
    bridge, given = connected(DenseBridge, TWO_LAYERS, LSTM_PARTS), state(TWO_LAYERS)
    (got,) = bridge(given)
    kernel, bias = (weight.numpy() for weight in bridge.weights)
    expected = np.tanh(np.concatenate([layer["hidden"] for layer in given], axis=1) @ kernel + bias)
    np.testing.assert_allclose(got["hidden"], expected[:, :3], atol=1e-14)
    np.testing.assert_allclose(got["cell"], expected[:, 3:], atol=1e-14)


def test_gradients_are_those_of_finite_differences():
    bridge = connected(DenseBridge, TWO_LAYERS, LSTM_PARTS)
    bottom, top = variable(2, 6), variable(2, 3, seed=1)
    variables = {**named(bridge), "bottom": bottom, "top": top}
    check_gradients(lambda: bridge([{"hidden": bottom}, {"hidden": top}]), variables)


@pytest.mark.parametrize("kind", [ZeroBridge, CopyBridge, DenseBridge])
def test_rebuilds_from_its_config(kind):
    bridge = kind(dtype="float64", name="mine")
    copy = rebuilt(bridge)
    assert type(copy) is kind and copy.get_config() == bridge.get_config()
