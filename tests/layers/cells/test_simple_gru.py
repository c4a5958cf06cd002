import equations
import numpy as np
import pytest
from tiny import randomise

from seq2seq.layers import Elman, SimpleGRU


def test_one_step_is_the_equations_of_the_notes():
    cell = SimpleGRU(3, dtype="float64")
    cell.build((None, 2))
    randomise(cell)
    rng = np.random.default_rng(1)
    x, h = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))
    output, state = cell.step(cell.project(x), {"hidden": h})
    step = equations.step_of(cell)
    expected = [step(equations.weights_of(cell), x[n], {"hidden": h[n]}, 0)[0] for n in range(4)]
    np.testing.assert_allclose(output, expected, atol=1e-14)
    np.testing.assert_array_equal(output, state["hidden"])


@pytest.mark.parametrize("update, expected", [(50.0, 1.0), (-50.0, 0.5), (0.0, 0.75)])
def test_the_update_gate_mixes_candidate_and_old_state(update, expected):
    """The state is 0.5 and the candidate 1: u = 1 takes the candidate, u = 0 keeps the state, u = 1/2 neither."""
    cell = SimpleGRU(1, dtype="float64")
    cell.build((None, 1))
    cell.set_weights([np.zeros((1, 2)), np.array([update, 50.0]), np.zeros((1, 2))])
    output, _ = cell.step(cell.project(np.zeros((1, 1))), {"hidden": np.array([[0.5]])})
    np.testing.assert_allclose(output, [[expected]], atol=1e-12)


def test_with_the_gate_open_it_is_an_elman_network():
    cell, elman = SimpleGRU(3, dtype="float64"), Elman(3, dtype="float64")
    for one in (cell, elman):
        one.build((None, 2))
    randomise(cell)
    cell.bias.assign(np.concatenate([np.full(3, 100.0), cell.bias[3:]]))
    elman.set_weights([cell.kernel[:, 3:], cell.bias[3:], cell.recurrent_kernel[:, 3:]])
    x, h = np.random.default_rng(1).normal(size=(4, 2)), np.random.default_rng(2).normal(size=(4, 3))
    expected, _ = elman.step(elman.project(x), {"hidden": h})
    np.testing.assert_allclose(cell.step(cell.project(x), {"hidden": h})[0], expected, atol=1e-14)
