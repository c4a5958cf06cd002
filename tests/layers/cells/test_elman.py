import equations
import numpy as np
import pytest
from tiny import randomise, rebuilt

from seq2seq.layers import Elman


def test_one_step_is_the_equation_of_the_notes():
    cell = Elman(3, dtype="float64")
    cell.build((None, 2))
    randomise(cell)
    rng = np.random.default_rng(1)
    x, h = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))

    output, state = cell.step(cell.project(x), {"hidden": h})

    w = equations.weights_of(cell)
    expected = [np.tanh(w["recurrent_kernel"].T @ h[n] + w["kernel"].T @ x[n] + w["bias"]) for n in range(4)]
    np.testing.assert_allclose(output, expected, atol=1e-14)
    np.testing.assert_array_equal(output, state["hidden"])


def test_numbers_by_hand():
    cell = Elman(1, dtype="float64")
    cell.build((None, 1))
    cell.set_weights([np.array([[2.0]]), np.array([0.5]), np.array([[-1.0]])])  # W_hx, b, W_hh
    output, _ = cell.step(cell.project(np.array([[0.25]])), {"hidden": np.array([[1.0]])})
    assert output.numpy() == 0.0  # tanh(2 * 0.25 + 0.5 - 1)


def test_a_sequence_is_projected_like_its_tokens():
    cell = Elman(3, dtype="float64")
    cell.build((None, 2))
    x = np.random.default_rng(2).normal(size=(4, 5, 2))
    projected = cell.project(x)
    assert projected.shape == (4, 5, 3)
    np.testing.assert_allclose(projected[:, 3], cell.project(x[:, 3]), atol=1e-15)


def test_starts_with_an_orthogonal_recurrent_kernel_and_no_bias():
    cell = Elman(5)
    cell.build((None, 2))
    kernel = cell.recurrent_kernel.numpy()
    np.testing.assert_allclose(kernel @ kernel.T, np.eye(5), atol=1e-5)
    assert not cell.bias.numpy().any()


def test_rebuilds_from_its_config():
    cell = rebuilt(Elman(3, name="mine", dtype="float64"))
    assert (cell.units, cell.name, cell.compute_dtype) == (3, "mine", "float64")
    assert cell.zero_state(2)["hidden"].dtype == "float64"


def test_copies_have_weights_of_their_own():
    cell = Elman(3, dtype="float64")
    copy = cell.copy("other")
    copy.build((None, 2))
    assert (copy.name, copy.units, copy.compute_dtype) == ("other", 3, "float64")
    assert not cell.built


def test_refuses_no_units():
    with pytest.raises(ValueError, match="Elman needs at least 1 unit, not 0"):
        Elman(0)
