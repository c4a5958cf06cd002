import numpy as np
import pytest
import tensorflow as tf

from seq2seq.layers import HGRN
from seq2seq.model import Encoder


def test_a_shut_forget_gate_keeps_the_share_of_the_lower_bound():
    cell = HGRN(2, lower_bound=0.75)
    cell.build((None, 1))
    cell.bias.assign([-200.0, -200.0, 0.0, 0.0, 0.0, 0.0])
    _, state = cell.step(cell.project(tf.zeros((1, 1))), {"hidden": tf.constant([[8.0, 4.0]])})
    np.testing.assert_allclose(state["hidden"], [[6.0, 3.0]])


def test_the_state_is_normalised_before_the_gate():
    """With an output gate of silu(100) = 100 and an identity as kernel the output shows it: mean 0, deviation 100."""
    cell = HGRN(4)
    cell.build((None, 1))
    cell.output_kernel.assign(np.eye(4))
    cell.bias.assign([0.0] * 8 + [100.0] * 4)
    output, _ = cell.step(cell.project(tf.zeros((1, 1))), {"hidden": tf.constant([[1.0, 5.0, -2.0, 30.0]])})
    np.testing.assert_allclose([output.numpy().mean(), output.numpy().std()], [0.0, 100.0], atol=1e-3)


def test_upper_layers_have_higher_bounds():
    def bounds(cell):
        encoder = Encoder(5, 4, cell, num_layers=4, bidirectional="none")
        return [layer.cell.lower_bound for (layer,) in encoder.layers]

    assert bounds(HGRN(3)) == [0.0, 0.25, 0.5, 0.75]
    assert bounds(HGRN(3, lower_bound=0.5)) == [0.5, 0.625, 0.75, 0.875]


@pytest.mark.parametrize("bound", [1.0, -0.1, "half", True])
def test_refuses_a_bound_outside_its_range(bound):
    with pytest.raises(ValueError, match=r"HGRN's lower_bound is .*; it has to be a number from 0 to below 1"):
        HGRN(3, lower_bound=bound)
