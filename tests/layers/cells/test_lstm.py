import equations
import numpy as np
import pytest
from tiny import randomise

from seq2seq.layers import LSTM


@pytest.mark.parametrize("candidate, output", [("tanh", "tanh"), ("sigmoid", "tanh"), ("tanh", "identity")])
def test_one_step_is_the_equations_of_the_notes(candidate, output):
    cell = LSTM(3, candidate_activation=candidate, output_activation=output, dtype="float64")
    cell.build((None, 2))
    randomise(cell)
    rng = np.random.default_rng(1)
    x, h, c = rng.normal(size=(4, 2)), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))

    output, state = cell.step(cell.project(x), {"hidden": h, "cell": c})

    step = equations.step_of(cell)
    for n in range(4):
        before = {"hidden": h[n], "cell": c[n]}
        expected, after = step(equations.weights_of(cell), x[n], before, 0)
        np.testing.assert_allclose(output[n], expected, atol=1e-14)
        np.testing.assert_allclose(state["hidden"][n], after["hidden"], atol=1e-14)
        np.testing.assert_allclose(state["cell"][n], after["cell"], atol=1e-14)


@pytest.mark.parametrize(
    "open_gates, expected",
    [("f", 0.5), ("i", 1.0), ("if", 1.5), ("", 0.0)],
)
def test_gates_decide_what_is_kept_and_what_is_stored(open_gates, expected):
    """The cell state is 0.5 and the candidate is 1: the bias alone opens (+50) or shuts (-50) a gate."""
    cell = LSTM(1, dtype="float64")
    cell.build((None, 1))
    gates = [50.0 if gate in open_gates else -50.0 for gate in "if"]
    cell.set_weights([np.zeros((1, 4)), np.array([*gates, 50.0, 50.0]), np.zeros((1, 4))])
    state = {"hidden": np.array([[0.0]]), "cell": np.array([[0.5]])}
    output, state = cell.step(cell.project(np.array([[0.0]])), state)
    np.testing.assert_allclose(state["cell"], [[expected]], atol=1e-12)
    np.testing.assert_allclose(output, np.tanh([[expected]]), atol=1e-12)


@pytest.mark.parametrize("candidate, output, expected", [("sigmoid", "tanh", np.tanh(1.0)), ("tanh", "identity", 0.5)])
def test_the_forms_of_other_texts_by_hand(candidate, output, expected):
    """All gates are open, the candidate reads 0 and the cell state is 0.5: sigmoid(0) adds 0.5, tanh(0) nothing."""
    cell = LSTM(1, candidate_activation=candidate, output_activation=output, dtype="float64")
    cell.build((None, 1))
    cell.set_weights([np.zeros((1, 4)), np.array([50.0, 50.0, 0.0, 50.0]), np.zeros((1, 4))])
    state = {"hidden": np.array([[0.0]]), "cell": np.array([[0.5]])}
    output, _ = cell.step(cell.project(np.array([[0.0]])), state)
    np.testing.assert_allclose(output, [[expected]], atol=1e-12)


def test_the_forget_gate_starts_open():
    cell = LSTM(2, forget_bias=1.5)
    cell.build((None, 3))
    assert cell.bias.numpy().tolist() == [0, 0, 1.5, 1.5, 0, 0, 0, 0]


def test_each_recurrent_block_starts_orthogonal_and_none_equals_another():
    cell = LSTM(4)
    cell.build((None, 2))
    blocks = np.split(cell.recurrent_kernel.numpy(), 4, axis=1)
    for block in blocks:
        np.testing.assert_allclose(block @ block.T, np.eye(4), atol=1e-5)
    assert np.abs(blocks[0] - blocks[1]).max() > 0.1


@pytest.mark.parametrize(
    "options, message",
    [
        ({"forget_bias": "one"}, "LSTM's forget_bias is 'one'; it has to be a number between -100 and 100"),
        ({"forget_bias": float("nan")}, "forget_bias is nan"),
        ({"forget_bias": 101}, "forget_bias is 101"),
        ({"forget_bias": True}, "forget_bias is True"),
        ({"candidate_activation": "relu"}, "candidate_activation is 'relu'; it has to be one of tanh, sigmoid"),
        ({"output_activation": "sigmoid"}, "output_activation is 'sigmoid'; it has to be one of tanh, identity"),
    ],
)
def test_refuses_what_makes_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        LSTM(2, **options)
