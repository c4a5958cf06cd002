import equations
import numpy as np
import pytest
from tiny import randomise

from seq2seq.layers import Clockwork


def built(units, periods):
    cell = Clockwork(units, periods, dtype="float64")
    cell.build((None, 2))
    return randomise(cell)


@pytest.mark.parametrize("t", [0, 1, 2, 3, 4])
def test_one_step_is_the_equation_of_the_groups_that_are_due(t):
    cell = built(7, (1, 2, 4))
    rng = np.random.default_rng(1)
    x, h = rng.normal(size=(4, 2)), rng.normal(size=(4, 7))
    output, state = cell.step(cell.project(x), {"hidden": h}, t=t)
    step, w = equations.step_of(cell), equations.weights_of(cell)
    expected = [step(w, x[n], {"hidden": h[n]}, t)[0] for n in range(4)]
    np.testing.assert_allclose(output, expected, atol=1e-14)
    np.testing.assert_array_equal(output, state["hidden"])
    due = [True] * 3 + [t % 2 == 0] * 2 + [t % 4 == 0] * 2  # groups of 3, 2 and 2 units
    np.testing.assert_array_equal((output.numpy() != h).all(axis=0), due)


def test_each_row_may_be_at_a_step_of_its_own():
    cell = built(4, (1, 3))
    x, h = np.ones((2, 2)), np.full((2, 4), 0.3)
    together, _ = cell.step(cell.project(x), {"hidden": h}, t=np.array([3, 4], np.int32))
    for n, t in enumerate((3, 4)):
        alone, _ = cell.step(cell.project(x[n : n + 1]), {"hidden": h[n : n + 1]}, t=t)
        np.testing.assert_allclose(together[n], alone[0], atol=1e-15)


def test_a_slow_group_never_hears_a_fast_one():
    cell = built(4, (1, 2))
    x, hidden = np.zeros((1, 2)), np.array([[0.1, 0.2, 0.3, 0.4]])
    first, _ = cell.step(cell.project(x), {"hidden": hidden})
    other, _ = cell.step(cell.project(x), {"hidden": hidden + [[9.0, 9.0, 0.0, 0.0]]})
    np.testing.assert_array_equal(first[0, 2:], other[0, 2:])
    assert (first[0, :2].numpy() != other[0, :2].numpy()).all()


def test_one_group_of_period_one_is_the_vanilla_network():
    cell = built(3, 1)
    w = equations.weights_of(cell)
    expected, _ = equations.elman(
        {**w, "recurrent_kernel": w["recurrent_kernel_0"]}, [1.0, 2.0], {"hidden": [0.1] * 3}, 0
    )
    output, _ = cell.step(cell.project(np.array([[1.0, 2.0]])), {"hidden": np.full((1, 3), 0.1)}, t=5)
    np.testing.assert_allclose(output[0], expected, atol=1e-14)


@pytest.mark.parametrize("periods", [0, (), (2, 1), (1, 1), (1, 2.5), 2.5, True, (1, 2**31)])
def test_refuses_periods_that_do_not_grow(periods):
    with pytest.raises(ValueError, match="Clockwork's periods are growing whole numbers of 1 to 2,147,483,647"):
        Clockwork(8, periods)


def test_refuses_more_groups_than_units():
    with pytest.raises(
        ValueError, match=r"Clockwork of 3 units cannot have 4 groups.*Give more units or fewer periods"
    ):
        Clockwork(3)
