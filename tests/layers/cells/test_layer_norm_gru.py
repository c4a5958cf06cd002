import equations
import numpy as np
import pytest
from tiny import randomise

from seq2seq.layers import LayerNormGRU


@pytest.fixture
def cell():
    cell = LayerNormGRU(3, dtype="float64")
    cell.build((None, 2))
    return randomise(cell)


def test_one_step_is_the_equations_of_the_paper(cell):
    rng = np.random.default_rng(1)
    x, h = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))
    output, state = cell.step(cell.project(x), {"hidden": h})
    step = equations.step_of(cell)
    expected = [step(equations.weights_of(cell), x[n], {"hidden": h[n]}, 0)[0] for n in range(4)]
    np.testing.assert_allclose(output, expected, atol=1e-14)
    np.testing.assert_array_equal(output, state["hidden"])


@pytest.mark.parametrize("reset, expected", [(50.0, [-1, 1]), (-50.0, [0, 0])])
def test_numbers_by_hand(reset, expected):
    """The update gate takes the candidate, which reads the state (3, 7), normalised to (-1, 1), or nothing."""
    cell = LayerNormGRU(2, dtype="float64")
    cell.build((None, 1))
    cell.kernel.assign(np.zeros((1, 6)))
    cell.recurrent_kernel.assign(np.concatenate([np.zeros((2, 4)), np.eye(2)], axis=1))
    cell.bias.assign([50.0, 50.0, reset, reset, 0.0, 0.0])
    output, _ = cell.step(cell.project(np.zeros((1, 1))), {"hidden": np.array([[3.0, 7.0]])})
    np.testing.assert_allclose(output, np.tanh([expected]), atol=1e-5)


def test_the_scale_of_inputs_has_no_effect(cell):
    """Up to the small number in the variance, which is why the input is large."""
    x = np.array([[300.0, -100.0]])
    np.testing.assert_allclose(cell.project(20 * x), cell.project(x), atol=1e-7)
    assert np.abs(cell.project(-x) - cell.project(x)).max() > 0.1


def test_refuses_one_unit():
    with pytest.raises(ValueError, match="LayerNormGRU needs at least 2 units, not 1"):
        LayerNormGRU(1)
