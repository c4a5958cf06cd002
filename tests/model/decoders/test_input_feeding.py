import equations
import numpy as np
import pytest
from decoding import cell_step, check_equations
from tiny import tiny_model

from seq2seq.model import InputFeedingDecoder


def step(decoder, y, state, outputs, t):
    """The stack reads [y_(t-1); a_(t-1)]; a_t = tanh(W [s_t; c_t]) (Luong et al., 2015, section 3.3)."""
    bottom_cell, *upper = decoder.cells
    w = equations.weights_of(bottom_cell)
    w["kernel"] = np.concatenate([w["kernel"], decoder.feed_kernel.numpy()])
    fed = np.concatenate([y, state["fed"]])
    below, bottom = equations.step_of(bottom_cell)(w, fed, state["layers"][0], t)
    states = [bottom]
    for cell, part in zip(upper, state["layers"][1:], strict=True):
        above, new = cell_step(cell, below, part, t)
        below = above + below
        states.append(new)
    context, weights = equations.attend(decoder.attention, below, outputs)
    w = np.concatenate([decoder.attentional_kernel.numpy(), decoder.context_kernel.numpy()])
    attentional = np.tanh(np.concatenate([below, context]) @ w)
    return attentional, weights, {"layers": states, "fed": attentional}


@pytest.mark.parametrize("cell", ["lstm", "slow_units"])
def test_equals_the_equations(cell):
    options = {"num_layers": 2, "residual": True, "readout_dim": 5}
    check_equations(tiny_model(InputFeedingDecoder, cell=cell, options=options, encoder={"bidirectional": "all"}), step)
