import equations
import numpy as np
import pytest
from tiny import randomise

from seq2seq.layers import Elman


@pytest.mark.parametrize("activation, g", [("tanh", np.tanh), ("relu", lambda a: a * (a > 0)), ("identity", np.copy)])
def test_one_step_is_the_equation_of_the_notes(activation, g):
    cell = Elman(3, activation, dtype="float64")
    cell.build((None, 2))
    randomise(cell)
    rng = np.random.default_rng(1)
    x, h = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))

    output, state = cell.step(cell.project(x), {"hidden": h})

    w = equations.weights_of(cell)
    expected = [g(w["recurrent_kernel"].T @ h[n] + w["kernel"].T @ x[n] + w["bias"]) for n in range(4)]
    np.testing.assert_allclose(output, expected, atol=1e-14)
    np.testing.assert_array_equal(output, state["hidden"])


def test_numbers_by_hand():
    cell = Elman(1, dtype="float64")
    cell.build((None, 1))
    cell.set_weights([np.array([[2.0]]), np.array([0.5]), np.array([[-1.0]])])  # W_hx, b, W_hh
    output, _ = cell.step(cell.project(np.array([[0.25]])), {"hidden": np.array([[1.0]])})
    assert output.numpy() == 0.0  # tanh(2 * 0.25 + 0.5 - 1)


def test_refuses_another_activation():
    with pytest.raises(ValueError, match="Elman's activation is 'gelu'; it has to be one of tanh, relu, identity"):
        Elman(3, "gelu")
