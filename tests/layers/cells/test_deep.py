import equations
import numpy as np
import pytest
from tiny import randomise

from seq2seq.layers import Deep


def built(*depths, skip=True, units=3):
    cell = Deep(units, *depths, skip=skip, dtype="float64")
    cell.build((None, 2))
    return randomise(cell)


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("depths", [(1, 1, 1), (2, 0, 1), (0, 2, 2)])
def test_one_step_is_the_equations(depths, skip):
    cell = built(*depths, skip=skip)
    rng = np.random.default_rng(1)
    x, h = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))
    output, state = cell.step(cell.project(x), {"hidden": h})
    step, w = equations.step_of(cell), equations.weights_of(cell)
    for n in range(4):
        expected, last = step(w, x[n], {"hidden": h[n]}, 0)
        np.testing.assert_allclose(output[n], expected, atol=1e-14)
        np.testing.assert_allclose(state["hidden"][n], last["hidden"], atol=1e-14)


def test_numbers_by_hand():
    """x = 1 is halved by the input layer; the transition's hidden layer is shut, so h = tanh(S h'); y doubles h."""
    cell = Deep(1, dtype="float64")
    cell.build((None, 1))
    for weight in cell.weights:
        weight.assign(np.zeros(weight.shape))
    half = np.arctanh(0.5)
    cell.input_layers[0][0].assign([[half]])  # u = tanh(half) = 0.5
    cell.kernel.assign([[2.0]])
    np.testing.assert_allclose(cell.project(np.array([[1.0]])), [[1.0]])
    cell.recurrent_kernel.assign([[0.0, half]])  # W_z, S
    cell.output_layers[0][0].assign([[2.0]])
    output, state = cell.step(cell.project(np.array([[1.0]])), {"hidden": np.array([[1.0]])})
    np.testing.assert_allclose(state["hidden"], [[0.5]])
    np.testing.assert_allclose(output, np.tanh([[1.0]]))


def test_without_hidden_layers_it_is_the_vanilla_network():
    cell = built(0, 0, 0)
    expected, _ = equations.elman(equations.weights_of(cell), [1.0, 2.0], {"hidden": [0.1] * 3}, 0)
    output, _ = cell.step(cell.project(np.array([[1.0, 2.0]])), {"hidden": np.full((1, 3), 0.1)})
    np.testing.assert_allclose(output[0], expected, atol=1e-14)


@pytest.mark.parametrize("depth", [-1, 1.5, True])
def test_refuses_another_depth(depth):
    with pytest.raises(
        ValueError, match=f"Deep's transition_depth is a number of hidden layers, 0 or more, not {depth}"
    ):
        Deep(3, transition_depth=depth)
