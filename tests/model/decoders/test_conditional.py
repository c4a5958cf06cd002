import equations
import numpy as np
import pytest
from decoding import cell_step, check_equations, deep_output
from tiny import tiny_model

from seq2seq.model import ConditionalDecoder


def step(decoder, y, state, outputs, t):
    """s' = cell_1(y, s_(t-1)); c = attention(s'); s_t = cell_2(c, s') (Sennrich et al., 2017, section 2.2)."""
    first, second, *upper = decoder.cells
    query, middle = cell_step(first, y, state["layers"][0], t)
    context, weights = equations.attend(decoder.attention, query, outputs)
    below, bottom = cell_step(second, context, middle, t)
    states = [bottom]
    for cell, part in zip(upper, state["layers"][1:], strict=True):
        above, new = cell_step(cell, np.concatenate([below, context]), part, t)
        below = above + below
        states.append(new)
    return deep_output(decoder, below, context, y), weights, {"layers": states}


@pytest.mark.parametrize("cell", ["lstm", "slow_units"])
def test_equals_the_equations(cell):
    options = {"num_layers": 2, "residual": True, "readout_dim": 5}
    check_equations(tiny_model(ConditionalDecoder, cell=cell, options=options, encoder={"bidirectional": "all"}), step)
