import numpy as np
import pytest
import tensorflow as tf
from linear_equations import log_positive, log_space_scan

from seq2seq.layers import MinLSTM, Recurrent


def test_the_states_are_those_of_the_papers_sums_of_logarithms():
    layer = Recurrent(MinLSTM(3, dtype="float64"), dtype="float64")
    x, start = np.random.default_rng(0).normal(size=(2, 40, 5)), np.full((2, 3), 0.3)
    states, _ = layer(x, state={"hidden": tf.constant(start)})
    f, i, u = np.split(layer.cell.project(x).numpy(), 3, axis=-1)
    difference = np.logaddexp(0, -f) - np.logaddexp(0, -i)  # log i - log f of the gates
    log_f, log_i = -np.logaddexp(0, difference), -np.logaddexp(0, -difference)
    np.testing.assert_allclose(states, log_space_scan(log_f, log_i + log_positive(u), start), rtol=1e-12)


def test_shut_gates_share_the_state_by_their_ratio():
    """Both gates underflow to 0 in float32. Equal ones keep half of the state, and of others the larger one wins."""
    cell = MinLSTM(2)
    cell.build((None, 1))
    cell.bias.assign([-300.0, -200.0, -300.0, -300.0, 0.0, 0.0])
    with tf.GradientTape() as tape:
        _, state = cell.step(cell.project(tf.zeros((1, 1))), {"hidden": tf.constant([[7.0, 7.0]])})
    np.testing.assert_allclose(state["hidden"], [[3.75, 7.0]])
    assert np.isfinite(tape.gradient(state["hidden"], cell.bias.value)).all()


def test_a_larger_forget_bias_keeps_more_of_the_state_at_first():
    cell = MinLSTM(1, forget_bias=3.0)
    cell.build((None, 1))
    a, _ = cell.elements(cell.project(tf.zeros((1, 1))))
    forget = 1 / (1 + np.exp(-3.0))
    np.testing.assert_allclose(a, [[forget / (forget + 0.5)]], rtol=1e-6)
    with pytest.raises(ValueError, match="MinLSTM's forget_bias is 1000"):
        MinLSTM(1, forget_bias=1000)
