"""What holds for every cell, shown on the plainest one and on `parts.SlowUnits`, which uses all of the contract."""

import numpy as np
import pytest
from parts import SlowUnits
from tiny import CELLS, UNITS, rebuilt

from seq2seq.layers import Elman, StatePart
from seq2seq.layers.cells.cell import bridged


def test_a_sequence_is_projected_like_its_tokens():
    cell = Elman(3, dtype="float64")
    cell.build((None, 2))
    x = np.random.default_rng(2).normal(size=(4, 5, 2))
    projected = cell.project(x)
    assert projected.shape == (4, 5, cell.projected_size)
    np.testing.assert_allclose(projected[:, 3], cell.project(x[:, 3]), atol=1e-15)


def test_starts_with_an_orthogonal_recurrent_kernel_and_no_bias():
    cell = Elman(5)
    cell.build((None, 2))
    kernel = cell.recurrent_kernel.numpy()
    np.testing.assert_allclose(kernel @ kernel.T, np.eye(5), atol=1e-5)
    assert not cell.bias.numpy().any()


def test_every_part_of_the_state_starts_from_zeros_and_some_are_bridged():
    cell = SlowUnits(UNITS, dtype="float64")
    state = cell.zero_state(2)
    assert {name: part.shape for name, part in state.items()} == {"hidden": (2, UNITS), "slow": (2, 2)}
    assert all(part.dtype == "float64" and not part.numpy().any() for part in state.values())
    assert bridged(cell.state_parts) == (StatePart("hidden", UNITS),)


@pytest.mark.parametrize("name", CELLS)
def test_rebuilds_from_its_config_and_copies_have_weights_of_their_own(name):
    cell = CELLS[name](name="mine", dtype="float64")
    again = rebuilt(cell)
    assert type(again) is type(cell) and again.get_config() == cell.get_config()
    copy = cell.copy("other")
    copy.build((None, 2))
    assert copy.get_config() == {**cell.get_config(), "name": "other"}
    assert not cell.built


def test_refuses_no_units():
    with pytest.raises(ValueError, match="Elman needs at least 1 unit, not 0"):
        Elman(0)
