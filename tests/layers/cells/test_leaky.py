import equations
import numpy as np
import pytest
from tiny import randomise, rebuilt

from seq2seq.layers import GRU, Cell, Jordan, Leaky


def built(*arguments, **options):
    cell = Leaky(*arguments, dtype="float64", **options)
    cell.build((None, 2))
    return randomise(cell)


@pytest.mark.parametrize("inner", ["elman", "lstm", "jordan", "delayed"])
@pytest.mark.parametrize("alpha", [0.9, "spectrum", "learnt"])
def test_one_step_averages_the_output_of_the_inner_cell(inner, alpha):
    cell = built(3, inner, alpha)
    rng = np.random.default_rng(1)
    x, state = rng.normal(size=2), {part.name: rng.normal(size=part.size) for part in cell.state_parts}
    expected, last = equations.step_of(cell)(equations.weights_of(cell), x, state, 0)
    output, new_state = cell.step(cell.project(x[None]), {name: part[None] for name, part in state.items()})
    np.testing.assert_allclose(output[0], expected, atol=1e-14)
    for name, part in last.items():
        np.testing.assert_allclose(new_state[name][0], part, atol=1e-14)


def test_numbers_by_hand():
    cell = Leaky(1, alpha=0.75, dtype="float64")
    cell.build((None, 1))
    cell.set_weights([np.zeros((1, 1)), np.arctanh([0.5]), np.zeros((1, 1))])  # the inner state is always 0.5
    output, state = cell.step(cell.project(np.zeros((1, 1))), {"hidden": np.ones((1, 1))})
    np.testing.assert_allclose(output, [[0.875]])  # 0.75 * 1 + 0.25 * 0.5
    np.testing.assert_array_equal(output, state["hidden"])


def test_an_alpha_of_zero_is_the_inner_cell():
    cell = built(3, "gru", 0.0)
    x, state = np.ones((2, 2)), {"hidden": np.full((2, 3), 0.3)}
    expected, _ = cell.cell.step(cell.cell.project(x), state)
    np.testing.assert_allclose(cell.step(cell.project(x), state)[0], expected, atol=1e-15)


def test_time_scales_grow_geometrically_and_training_starts_from_them():
    scales = 1 / (1 - Leaky(4, alpha="spectrum", slowest=81.0, dtype="float64").alphas().numpy())
    np.testing.assert_allclose(scales, [3, 9, 27, 81])
    learnt = Leaky(4, slowest=81.0, dtype="float64")
    learnt.build((None, 2))
    np.testing.assert_allclose(1 / (1 - learnt.alphas()), scales)
    assert [weight.name for weight in learnt.weights].count("leak") == 1
    assert learnt.leak.trainable and len(learnt.weights) == 4  # the leak, and what the inner cell has


def test_an_inner_cell_with_options_survives_in_the_configuration():
    cell = rebuilt(Leaky(3, GRU(3, reset="before")))
    assert (type(cell.cell).__name__, cell.cell.reset) == ("GRU", "before")
    copy = cell.copy("other", layer=1, num_layers=2)
    assert (copy.name, copy.cell.reset) == ("other", "before") and copy.cell is not cell.cell


class Silent(Cell):
    """A cell whose output is no part of its state."""

    def __init__(self, units, **kwargs):
        super().__init__(units, num_blocks=1, **kwargs)

    def step(self, projected, state, product, t):
        return -projected, {"hidden": projected}


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"alpha": 1.0}, r"Leaky's alpha is a number in \[0, 1\), 'spectrum' or 'learnt', not 1.0"),
        ({"alpha": "learned"}, "not 'learned'"),
        ({"slowest": 1}, "time scale above 1 step, not 1"),
        ({"slowest": "long"}, "not 'long'"),
        ({"cell": 3}, "is the name of a cell, such as gru, or a Cell, not 3"),
        ({"cell": "elmann"}, "no cell named 'elmann'; did you mean elman"),
        ({"cell": Jordan(2)}, "Leaky of 3 units got an inner cell of 2. Give both the same"),
    ],
)
def test_refuses_what_it_cannot_average(arguments, message):
    with pytest.raises(ValueError, match=message):
        Leaky(3, **arguments)


def test_refuses_a_cell_whose_output_does_not_recur():
    cell = built(3, Silent(3, dtype="float64"))
    with pytest.raises(ValueError, match="the output of Silent is not its state 'hidden'. Choose another inner cell"):
        cell.step(cell.project(np.zeros((1, 2))), cell.zero_state(1))
