import numpy as np
import tensorflow as tf
from linear_equations import log_positive, log_space_scan

from seq2seq.layers import MinGRU, Recurrent
from seq2seq.layers.cells.min_gru import positive


def test_the_states_are_those_of_the_papers_sums_of_logarithms():
    layer = Recurrent(MinGRU(3, dtype="float64"), dtype="float64")
    x, start = np.random.default_rng(0).normal(size=(2, 40, 5)), np.full((2, 3), 0.3)
    states, _ = layer(x, state={"hidden": tf.constant(start)})
    z, u = np.split(layer.cell.project(x).numpy(), 2, axis=-1)
    log_z, log_keep = -np.logaddexp(0, -z), -np.logaddexp(0, z)
    np.testing.assert_allclose(states, log_space_scan(log_keep, log_z + log_positive(u), start), rtol=1e-12)


def test_the_candidate_is_positive_and_has_no_jump():
    np.testing.assert_allclose(positive(tf.constant([-2.0, -1e-7, 0.0, 3.0])), [0.1192, 0.5, 0.5, 3.5], atol=1e-4)


def test_a_shut_gate_keeps_the_state_and_an_open_one_takes_the_candidate():
    cell = MinGRU(2)
    cell.build((None, 1))
    cell.bias.assign([-200.0, 200.0, 1.0, 1.0])
    _, state = cell.step(cell.project(tf.zeros((1, 1))), {"hidden": tf.constant([[7.0, 7.0]])})
    np.testing.assert_array_equal(state["hidden"], [[7.0, 1.5]])
