import equations
import numpy as np
import pytest
from decoding import cell_step, check_equations, deep_output
from tiny import rebuilt, tiny_model

from seq2seq.model import RNNDecoder


def step(decoder, y, state, outputs, t):
    """s_t = RNN(s_(t-1), y_(t-1)); c_t = attention(s_t); deep output (Luong et al., 2015, without feeding)."""
    bottom_cell, *upper = (layer.cell for layer in decoder.layers)
    below, bottom = cell_step(bottom_cell, y, state["layers"][0], t)
    context, weights = np.zeros(0), None
    if decoder.attention is not None:
        context, weights = equations.attend(decoder.attention, below, outputs)
    states = [bottom]
    for cell, part in zip(upper, state["layers"][1:], strict=True):
        above, new = cell_step(cell, np.concatenate([below, context]), part, t)
        below = above + below
        states.append(new)
    return deep_output(decoder, below, context, y), weights, {"layers": states}


@pytest.mark.parametrize("cell, attention", [("lstm", "additive"), ("slow_units", "none")])
def test_equals_the_equations(cell, attention):
    options = {"num_layers": 2, "residual": True, "readout_dim": 5}
    model = tiny_model(RNNDecoder, cell=cell, attention=attention, options=options, encoder={"bidirectional": "all"})
    check_equations(model, step)


def test_a_decoder_without_attention_rebuilds_without():
    assert rebuilt(tiny_model(attention="none").decoder).attention is None
