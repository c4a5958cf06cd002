import numpy as np
import pytest
from tiny import tiny_model

from seq2seq.layers import LSTM, SSRU, Elman
from seq2seq.model import ConditionalDecoder, RNNDecoder
from seq2seq.model.gradient_norms import norms_of_cell, norms_of_layers, relative_norms, sequence, untrained


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


@pytest.mark.parametrize("decoder", [RNNDecoder, ConditionalDecoder])
def test_the_layers_of_a_translator_have_norms_over_their_own_steps(decoder):
    """The end of a sentence is a step too; a conditional decoder counts as one layer."""
    model = tiny_model(decoder, cell="elman", encoder={"bidirectional": "all"})
    sequences = [sequence([4, 5, 6], [5, 4]), sequence([7], [6, 5, 4, 8])]
    found = norms_of_layers(model, sequences)
    inside = "layer_0" if decoder is RNNDecoder else model.decoder.name
    assert {name: len(norms) for name, norms in found.items()} == {"forward_0": 4, "backward_0": 4, inside: 5}
    assert all(norms[0] == 1 and norms[1] != 1 for norms in found.values())
    source_alone = norms_of_layers(model, [{"source_ids": one["source_ids"]} for one in sequences])
    np.testing.assert_allclose(source_alone["forward_0"][0], 1)
    assert source_alone.keys() == {"forward_0", "backward_0"}


def test_an_untrained_model_has_the_same_parts_and_other_weights():
    model = tiny_model(cell="lstm")
    new = untrained(model)
    assert [weight.shape for weight in new.weights] == [weight.shape for weight in model.weights]
    assert np.abs(new.weights[0].numpy() - model.weights[0].numpy()).max() > 0.1
