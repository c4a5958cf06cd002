import equations
import numpy as np
import pytest
from tiny import randomise

from seq2seq.layers import Delayed, StatePart
from seq2seq.layers.cells.cell import bridged


def test_one_step_is_the_equation():
    cell = Delayed(3, (2, 4), dtype="float64")
    cell.build((None, 2))
    randomise(cell)
    rng = np.random.default_rng(1)
    x, h, past = rng.normal(size=2), rng.normal(size=3), rng.normal(size=(3, 3))  # h_(t-1); h_(t-2) to h_(t-4)
    output, state = cell.step(cell.project(x[None]), {"hidden": h[None], "past": past.reshape(1, 9)})
    w = equations.weights_of(cell)
    w_1, w_2, w_4 = w["recurrent_kernel"].reshape(3, 3, 3)
    expected = np.tanh(h @ w_1 + past[0] @ w_2 + past[2] @ w_4 + x @ w["kernel"] + w["bias"])
    np.testing.assert_allclose(output[0], expected, atol=1e-14)
    np.testing.assert_array_equal(state["hidden"], output)
    np.testing.assert_array_equal(state["past"][0], [*h, *past[0], *past[1]])


def test_a_number_returns_after_its_delay():
    """Only the connection of delay 3 is open, so the first input is heard again at steps 3 and 6."""
    cell = Delayed(1, 3, dtype="float64")
    cell.build((None, 1))
    cell.set_weights([np.ones((1, 1)), np.zeros(1), np.array([[0.0], [1.0]])])  # W_x, b, W and W_3
    state, heard = cell.zero_state(1), []
    for x in (0.5, *[0.0] * 6):
        output, state = cell.step(cell.project(np.array([[x]])), state)
        heard.append(output.numpy().item())
    once = np.tanh(0.5)
    np.testing.assert_allclose(heard, [once, 0, 0, np.tanh(once), 0, 0, np.tanh(np.tanh(once))])


def test_a_bridge_fills_the_last_state_alone_and_several_connections_start_no_larger_than_one():
    cell = Delayed(5, delays=(2, 4))
    cell.build((None, 2))
    assert bridged(cell.state_parts) == (StatePart("hidden", 5),)
    kernel = cell.recurrent_kernel.numpy()
    np.testing.assert_allclose(kernel.T @ kernel, np.eye(5), atol=1e-5)


@pytest.mark.parametrize("delays", [1, (), (2, 2), (2, 3.5), 2.5, True])
def test_refuses_delays_that_skip_nothing(delays):
    with pytest.raises(ValueError, match="Delayed's delays are different whole numbers of at least 2"):
        Delayed(3, delays)
