import numpy as np
import tensorflow as tf

from seq2seq.layers import RGLRU


def test_at_first_an_open_gate_keeps_most_of_the_state():
    cell = RGLRU(1000)
    cell.build((None, 1))
    cell.bias.assign(np.repeat([200.0, 0.0, 0.0], 1000))
    a, _ = cell.elements(cell.project(tf.zeros((1, 1))))
    assert 0.9 <= a.numpy().min() < 0.905 and 0.995 < a.numpy().max() <= 0.9991


def test_what_is_written_grows_with_what_is_forgotten():
    """a^2 + b^2 = 1 for an input of 1, exactly even where float32 rounds a to 1."""
    cell = RGLRU(3)
    cell.build((None, 1))
    cell.decay.assign(np.zeros(3))
    cell.bias.assign(np.repeat([[-20.0, 0.0, 20.0], [200.0] * 3, [1.0] * 3], 1, axis=0).flatten())
    a, b = cell.elements(cell.project(tf.zeros((1, 1))))
    log_a = -8 * np.log(2) / (1 + np.exp([20.0, 0.0, -20.0]))
    np.testing.assert_allclose(a[0], np.exp(log_a), rtol=1e-6)
    np.testing.assert_allclose(b[0], np.sqrt(-np.expm1(2 * log_a)), rtol=1e-5)


def test_a_gate_that_keeps_all_has_a_finite_gradient():
    cell = RGLRU(1)
    cell.build((None, 1))
    cell.bias.assign([-200.0, 0.0, 1.0])
    with tf.GradientTape() as tape:
        a, b = cell.elements(cell.project(tf.zeros((1, 1))))
    assert a == 1.0 and b < 1e-5
    assert all(np.isfinite(one).all() for one in tape.gradient(b, [cell.bias.value, cell.decay.value]))
