import equations
import numpy as np
import pytest
import tensorflow as tf
from gated_equations import slstm_gates
from tiny import randomise

from seq2seq.layers import SLSTM


@pytest.fixture
def cell():
    cell = SLSTM(3, dtype="float64")
    cell.build((None, 2))
    return randomise(cell)


def run(cell, inputs, state):
    outputs = []
    for x in inputs:
        output, state = cell.step(cell.project(x[np.newaxis]), state)
        outputs.append(output[0])
    return np.stack(outputs), state


def test_one_step_is_the_equations_of_the_paper(cell):
    rng = np.random.default_rng(1)
    x, before = rng.normal(size=(4, 2)), {part.name: rng.normal(size=(4, 3)) for part in cell.state_parts}
    output, state = cell.step(cell.project(x), before)
    step = equations.step_of(cell)
    for row in range(4):
        one = {name: part[row] for name, part in before.items()}
        expected, after = step(equations.weights_of(cell), x[row], one, 0)
        np.testing.assert_allclose(output[row], expected, atol=1e-14)
        for name, part in after.items():
            np.testing.assert_allclose(state[name][row], part, atol=1e-14)


@pytest.mark.parametrize("normaliser", [1.0, 0.0])
def test_a_sequence_is_the_paper_without_a_stabiliser(cell, normaliser):
    """c_t = f c + i z and n_t = f n + i as they stand, from n = 1, and from n = 0, with -1000 for its log."""
    inputs = np.random.default_rng(1).normal(size=(6, 2))
    start = cell.zero_state(1)
    start["log_normaliser"] = start["log_normaliser"] - (0.0 if normaliser else 1000.0)
    outputs, state = run(cell, inputs, start)

    w, h, c, n = equations.weights_of(cell), np.zeros(3), np.zeros(3), np.full(3, normaliser)
    for x, output in zip(inputs, outputs, strict=True):
        i, f, z, o = slstm_gates(w, x, h)
        c = equations.sigmoid(f) * c + np.exp(i) * np.tanh(z)
        n = equations.sigmoid(f) * n + np.exp(i)
        h = equations.sigmoid(o) * c / n
        np.testing.assert_allclose(output, h, atol=1e-13)
    np.testing.assert_allclose(state["cell"][0], c / n, atol=1e-13)
    np.testing.assert_allclose(state["log_normaliser"][0], np.log(n), atol=1e-13)


def test_numbers_by_hand():
    """All gates are open and all weights are 1: the mean of the start, 0.5, and of z = 1 and z = 1 is 5/6."""
    cell = SLSTM(1, dtype="float64")
    cell.build((None, 1))
    cell.set_weights([np.zeros((1, 4)), np.array([0.0, 50.0, 50.0, 50.0]), np.zeros((1, 4))])
    state = {**cell.zero_state(1), "cell": np.array([[0.5]])}
    outputs, state = run(cell, np.zeros((2, 1)), state)
    np.testing.assert_allclose(outputs[:, 0], [0.75, 2.5 / 3], atol=1e-12)
    np.testing.assert_allclose(state["log_normaliser"], [[np.log(3)]], atol=1e-12)


@pytest.mark.parametrize("size", [1e3, -1e3])
def test_gates_far_from_zero_neither_overflow_nor_divide_by_zero(size):
    """In float32 exp(89) overflows and exp(-104) is zero. Outputs and gradients stay finite for 10 steps."""
    cell = SLSTM(2)
    cell.build((None, 2))
    randomise(cell)
    for gate in ("i", "f"):
        cell.bias.assign(np.repeat([size * (gate == "i"), size * (gate == "f"), 1.0, 1.0], 2))
        with tf.GradientTape() as tape:
            state, total = cell.zero_state(1), 0.0
            for _ in range(10):
                output, state = cell.step(cell.project(tf.ones((1, 2))), state)
                total += tf.reduce_sum(output)
        gradients = tape.gradient(total, [weight.value for weight in cell.trainable_weights])
        assert all(np.isfinite(x).all() for x in [total, *state.values(), *gradients])
        assert np.abs(output).max() <= 1.0


def test_a_bridge_fills_the_mean_but_not_its_weight():
    assert [(part.name, part.bridged) for part in SLSTM(2).state_parts] == [
        ("hidden", True),
        ("cell", True),
        ("log_normaliser", False),
    ]


def test_the_forget_gate_starts_open_and_refuses_nonsense():
    cell = SLSTM(2, forget_bias=1.5)
    cell.build((None, 3))
    assert cell.bias.numpy().tolist() == [0, 0, 1.5, 1.5, 0, 0, 0, 0]
    with pytest.raises(ValueError, match="SLSTM's forget_bias is 'big'; it has to be a number"):
        SLSTM(2, forget_bias="big")
