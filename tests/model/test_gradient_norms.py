import numpy as np
import pytest

from seq2seq.layers import LSTM, SSRU, Elman
from seq2seq.model.gradient_norms import norms_of_cell, relative_norms


@pytest.mark.parametrize("scale", [1.0, 0.5, 2.0])
def test_a_linear_network_shrinks_or_enlarges_a_gradient_by_its_singular_value_at_each_step(scale):
    """The recurrent kernel starts orthogonal, so all its singular values are 1."""
    norms = norms_of_cell(Elman(4, "identity", dtype="float64"), length=6, scale=scale)
    np.testing.assert_allclose(norms, scale ** np.arange(6), rtol=1e-5)


def test_tanh_lets_a_gradient_vanish_and_an_lstm_that_forgets_nothing_keeps_it():
    elman, lstm = (
        norms_of_cell(cell, length=30) for cell in (Elman(8, dtype="float64"), LSTM(8, 20.0, dtype="float64"))
    )
    assert elman[29] < 1e-3 and lstm[29] > 0.1


def test_refuses_a_scale_that_would_change_nothing():
    with pytest.raises(ValueError, match="SSRU multiplies its state by no kernel, so a scale of 2 would change noth"):
        norms_of_cell(SSRU(4), length=3, scale=2)


def test_steps_are_counted_back_from_the_last_one_with_a_gradient():
    """Two sequences of 3 and 2 steps; the norm of all parts of a state together."""
    first = np.array([[[3.0], [2], [1], [0]], [[9.0], [3], [0], [0]]])
    second = np.array([[[4.0], [0], [0], [0]], [[0.0], [0], [0], [0]]])
    norms = relative_norms({"hidden": first, "cell": second})
    np.testing.assert_allclose(norms, [1, (2 + 9) / (1 + 3), 5 / 1])


def test_ends_where_hardly_any_sequence_reaches_and_is_empty_without_a_gradient():
    gradients = np.ones((11, 5, 1))
    gradients[1:, 2:] = 0
    assert len(relative_norms([gradients])) == 2
    assert len(relative_norms([np.zeros((2, 5, 1))])) == 0
