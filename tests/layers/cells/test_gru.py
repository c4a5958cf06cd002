import equations
import numpy as np
import pytest
from tiny import randomise

from seq2seq.layers import GRU


@pytest.fixture(params=["before", "after"])
def cell(request):
    cell = GRU(3, reset=request.param, dtype="float64")
    cell.build((None, 2))
    return randomise(cell)


def test_one_step_is_the_equations_of_the_notes(cell):
    rng = np.random.default_rng(1)
    x, h = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))
    output, state = cell.step(cell.project(x), {"hidden": h})
    step = equations.step_of(cell)
    expected = [step(equations.weights_of(cell), x[n], {"hidden": h[n]}, 0)[0] for n in range(4)]
    np.testing.assert_allclose(output, expected, atol=1e-14)
    np.testing.assert_array_equal(output, state["hidden"])


@pytest.mark.parametrize("update, expected", [(50.0, 1.0), (-50.0, 0.5), (0.0, 0.75)])
def test_the_update_gate_mixes_candidate_and_old_state(cell, update, expected):
    """The state is 0.5 and the candidate 1: u = 1 takes the candidate, u = 0 keeps the state, u = 1/2 neither."""
    for weight in cell.weights:
        weight.assign(np.zeros(weight.shape))
    cell.bias.assign(np.repeat([update, 0.0, 50.0], 3))
    output, _ = cell.step(cell.project(np.zeros((1, 2))), {"hidden": np.full((1, 3), 0.5)})
    np.testing.assert_allclose(output, np.full((1, 3), expected), atol=1e-12)


def test_a_shut_reset_gate_hides_the_state_from_the_candidate(cell):
    bias = cell.bias.numpy()
    bias[:3], bias[3:6] = 50.0, -50.0  # the update gate takes the candidate alone
    cell.bias.assign(bias)
    cell.kernel.assign(np.zeros((2, 9)))
    cell.recurrent_kernel.assign(np.concatenate([np.zeros((3, 6)), cell.recurrent_kernel[:, 6:]], axis=1))
    hidden = np.random.default_rng(3).normal(size=(2, 3))
    output, _ = cell.step(cell.project(np.zeros((2, 2))), {"hidden": hidden})
    np.testing.assert_allclose(output, [np.tanh(bias[6:])] * 2, atol=1e-12)


def test_the_two_forms_differ_only_where_the_reset_gate_acts():
    """With the reset gate open both compute the same."""
    before, after = (GRU(3, reset=reset, dtype="float64") for reset in ("before", "after"))
    for cell in (before, after):
        cell.build((None, 2))
    randomise(before)
    before.bias.assign(np.concatenate([before.bias[:3], np.full(3, 50.0), before.bias[6:]]))
    after.kernel.assign(before.kernel)
    after.bias.assign(before.bias)
    after.recurrent_kernel.assign(np.concatenate([before.recurrent_kernel, before.candidate_kernel], axis=1))
    x, h = np.random.default_rng(1).normal(size=(4, 2)), np.random.default_rng(2).normal(size=(4, 3))
    expected, _ = before.step(before.project(x), {"hidden": h})
    np.testing.assert_allclose(after.step(after.project(x), {"hidden": h})[0], expected, atol=1e-12)


def test_refuses_another_reset():
    with pytest.raises(ValueError, match="reset gate acts 'before' or 'after' the recurrent product, not 'never'"):
        GRU(3, reset="never")
