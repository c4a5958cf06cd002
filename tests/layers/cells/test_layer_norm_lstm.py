import equations
import numpy as np
import pytest
from tiny import randomise

from seq2seq.layers import LayerNormLSTM


@pytest.mark.parametrize("candidate, output", [("tanh", "tanh"), ("sigmoid", "identity")])
def test_one_step_is_the_equations_of_the_paper(candidate, output):
    cell = LayerNormLSTM(3, candidate_activation=candidate, output_activation=output, dtype="float64")
    cell.build((None, 2))
    randomise(cell)
    rng = np.random.default_rng(1)
    x, h, c = rng.normal(size=(4, 2)), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))

    output, state = cell.step(cell.project(x), {"hidden": h, "cell": c})

    step = equations.step_of(cell)
    for n in range(4):
        expected, after = step(equations.weights_of(cell), x[n], {"hidden": h[n], "cell": c[n]}, 0)
        np.testing.assert_allclose(output[n], expected, atol=1e-14)
        np.testing.assert_allclose(state["hidden"][n], after["hidden"], atol=1e-14)
        np.testing.assert_allclose(state["cell"][n], after["cell"], atol=1e-14)


def test_numbers_by_hand():
    """The gates are open and the candidate is tanh(0): the cell state (3, 7) stays and is normalised to (-1, 1)."""
    cell = LayerNormLSTM(2, dtype="float64")
    cell.build((None, 1))
    cell.bias.assign([50.0, 50.0, 50.0, 50.0, 0.0, 0.0, 50.0, 50.0])
    output, state = cell.step(cell.project(np.zeros((1, 1))), {"hidden": np.zeros((1, 2)), "cell": [[3.0, 7.0]]})
    np.testing.assert_allclose(state["cell"], [[3, 7]], atol=1e-12)
    np.testing.assert_allclose(output, np.tanh([[-1, 1]]), atol=1e-5)


def test_the_scale_of_inputs_and_kernels_has_no_effect():
    """Up to the small number in the variance, which is why everything is large here."""
    cell = LayerNormLSTM(3, dtype="float64")
    cell.build((None, 2))
    randomise(cell)
    x, state = np.array([[300.0, -100.0]]), {"hidden": np.array([[90.0, -50.0, 70.0]]), "cell": np.zeros((1, 3))}
    output, _ = cell.step(cell.project(x), state)
    cell.recurrent_kernel.assign(cell.recurrent_kernel * 5.0)
    again, _ = cell.step(cell.project(20 * x), state)
    np.testing.assert_allclose(again, output, atol=1e-7)


def test_refuses_one_unit():
    with pytest.raises(ValueError, match="LayerNormLSTM needs at least 2 units, not 1"):
        LayerNormLSTM(1)
