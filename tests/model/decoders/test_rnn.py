import equations
import numpy as np
import pytest
import tensorflow as tf
from decoding import SOURCE, TARGET, cell_step, check_equations, deep_output
from tiny import rebuilt, tiny_model

from seq2seq.layers import ZeroBridge
from seq2seq.model import RNNDecoder


def step(decoder, y, state, outputs, t, given=()):
    """s_t = RNN(s_(t-1), [y_(t-1); c]); c_t = attention(s_t); deep output (Luong et al., 2015, without feeding).

    `given`: the context c of each step without attention (Cho et al., 2014).
    """
    bottom_cell, *upper = (layer.cell for layer in decoder.layers)
    below, bottom = cell_step(bottom_cell, np.concatenate([y, given]), state["layers"][0], t)
    context, weights = np.array(given), None
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


@pytest.mark.parametrize("context", ["steps", "both"])
def test_without_attention_the_encoders_last_state_may_enter_at_each_step(context):
    options = {"num_layers": 2, "residual": True, "context": context}
    options["bridge"] = ZeroBridge() if context == "steps" else None
    model = tiny_model(RNNDecoder, cell="lstm", attention="none", options=options, encoder={"bidirectional": "all"})
    _, start = model.memory(SOURCE)
    assert np.any(start["layers"][0]["hidden"]) == (context == "both")
    state = model.encoder(SOURCE, SOURCE != 0)["state"][-1]
    given = np.concatenate([state["cell"], state["hidden"]], axis=1)
    of_sentence = {4: given[0], 2: given[1]}  # by number of source positions
    check_equations(model, lambda *one: step(*one, given=of_sentence[len(one[3])]))
    twice = tf.nest.map_structure(lambda x: tf.repeat(x, 2, axis=0), start)  # two beams a sentence
    memory, start = model.memory(SOURCE)
    once, *_ = model.decoder(TARGET, start, memory)
    np.testing.assert_allclose(model.decoder(tf.repeat(TARGET, 2, axis=0), twice, memory)[0][::2], once, atol=1e-14)
    assert rebuilt(model.decoder).context == context


def test_refuses_a_context_at_each_step_beside_attention():
    with pytest.raises(ValueError, match="context='both' is for a decoder without attention"):
        tiny_model(RNNDecoder, options={"context": "both"})
    with pytest.raises(ValueError, match="by one of initial, steps, both, not 'never'"):
        tiny_model(RNNDecoder, attention="none", options={"context": "never"})


def test_a_decoder_without_attention_rebuilds_without():
    assert rebuilt(tiny_model(attention="none").decoder).attention is None
