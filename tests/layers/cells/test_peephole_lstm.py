import equations
import numpy as np
import pytest
from tiny import randomise

from seq2seq.layers import LSTM, PeepholeLSTM


def state_of(rng):
    return {"hidden": rng.normal(size=(4, 3)), "cell": rng.normal(size=(4, 3))}


@pytest.mark.parametrize("candidate, output", [("tanh", "tanh"), ("sigmoid", "identity")])
def test_one_step_is_the_equations_of_the_paper(candidate, output):
    cell = PeepholeLSTM(3, candidate_activation=candidate, output_activation=output, dtype="float64")
    cell.build((None, 2))
    randomise(cell)
    rng = np.random.default_rng(1)
    x, before = rng.normal(size=(4, 2)), state_of(rng)

    output, state = cell.step(cell.project(x), before)

    step, w = equations.step_of(cell), equations.weights_of(cell)
    for n in range(4):
        expected, after = step(w, x[n], {name: part[n] for name, part in before.items()}, 0)
        np.testing.assert_allclose(output[n], expected, atol=1e-14)
        np.testing.assert_allclose(state["hidden"][n], after["hidden"], atol=1e-14)
        np.testing.assert_allclose(state["cell"][n], after["cell"], atol=1e-14)


@pytest.mark.parametrize(
    "peephole, expected_cell, expected_output",
    [
        ("input_peephole", 1.25, np.tanh(1.25) / 2),  # i = 1: 0.5 * 0.5 + 1 * 1
        ("forget_peephole", 1.0, np.tanh(1.0) / 2),  # f = 1: 1 * 0.5 + 0.5 * 1
        ("output_peephole", 0.75, np.tanh(0.75)),  # o = 1: 0.5 * 0.5 + 0.5 * 1
    ],
)
def test_each_peephole_opens_its_gate(peephole, expected_cell, expected_output):
    """The cell state is 0.5, the candidate 1, and all gates are 1/2 but the one whose peephole is large."""
    cell = PeepholeLSTM(1, dtype="float64")
    cell.build((None, 1))
    cell.bias.assign([0.0, 0.0, 50.0, 0.0])
    for weight in (cell.kernel, cell.recurrent_kernel):
        weight.assign(np.zeros(weight.shape))
    getattr(cell, peephole).assign([100.0])
    output, state = cell.step(cell.project(np.zeros((1, 1))), {"hidden": np.zeros((1, 1)), "cell": np.array([[0.5]])})
    np.testing.assert_allclose(state["cell"], [[expected_cell]], atol=1e-12)
    np.testing.assert_allclose(output, [[expected_output]], atol=1e-12)


def test_starts_as_an_lstm_with_the_same_options():
    options = {"forget_bias": 2.0, "candidate_activation": "sigmoid", "output_activation": "identity"}
    cell, lstm = PeepholeLSTM(3, **options, dtype="float64"), LSTM(3, **options, dtype="float64")
    for one in (cell, lstm):
        one.build((None, 2))
    lstm.set_weights([cell.kernel, cell.bias, cell.recurrent_kernel])
    rng = np.random.default_rng(1)
    x, before = rng.normal(size=(4, 2)), state_of(rng)
    np.testing.assert_allclose(cell.step(cell.project(x), before)[0], lstm.step(lstm.project(x), before)[0], atol=1e-14)


def test_refuses_what_an_lstm_refuses():
    with pytest.raises(ValueError, match="PeepholeLSTM's forget_bias is 1000"):
        PeepholeLSTM(2, forget_bias=1000)
