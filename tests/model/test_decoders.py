import equations
import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named
from tiny import ATTENTIONS, BOS, CELLS, EOS, UNITS, VOCAB_SIZE, pair, rebuilt, rows, tiny_batch, tiny_model

from seq2seq.layers import GRU, AdditiveAttention, CopyBridge, DenseBridge, ZeroBridge
from seq2seq.model import ConditionalDecoder, Encoder, InputFeedingDecoder, RNNDecoder, Seq2Seq

DECODERS = [RNNDecoder, InputFeedingDecoder, ConditionalDecoder]
SEED = tf.constant([3, 4])
SOURCE = rows([4, 5, 6, EOS], [7, EOS])
TARGET = rows([BOS, 5, 4, 8], [BOS, 6])

decoders = pytest.mark.parametrize("decoder", DECODERS)


def pairs_of_decoder_and_attention():
    return [
        (decoder, attention)
        for decoder in DECODERS
        for attention in ATTENTIONS
        if attention != "none" or decoder is RNNDecoder
    ]


def close(one, other, tolerance=1e-13):
    tf.nest.map_structure(lambda x, y: np.testing.assert_allclose(x, y, atol=tolerance), one, other)


def noise_of(model, seed=SEED):
    """What dropout does to TARGET."""
    return model.decoder.noise(seed, *TARGET.shape)


def step_through(model, memory, state, ids):
    """`step` for each column of ids: (features (N, T, E), weights (N, T, S) or None, state)."""
    features, weights = [], []
    for t in range(ids.shape[1]):
        row, attention, state = model.decoder.step(ids[:, t], state, memory)
        features.append(row)
        weights.append(attention)
    attends = weights[0] is not None
    return tf.stack(features, axis=1), tf.stack(weights, axis=1) if attends else None, state


def check_whole_equals_steps(model):
    memory, state = model.memory(SOURCE)
    features, weights, last = model.decoder(TARGET, state, memory)
    steps = step_through(model, memory, state, TARGET)
    close((features, last), (steps[0], steps[2]))
    assert (weights is None) == (steps[1] is None) == (model.decoder.attention is None)
    if weights is not None:
        close(weights, steps[1])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("decoder, attention", pairs_of_decoder_and_attention())
def test_a_whole_target_equals_repeated_steps(decoder, attention, cell):
    options = {"num_layers": 2, "residual": True}
    check_whole_equals_steps(tiny_model(decoder, cell=cell, attention=attention, options=options))


@decoders
@pytest.mark.parametrize("cell", CELLS)
def test_a_whole_target_equals_repeated_steps_of_a_single_layer(decoder, cell):
    check_whole_equals_steps(tiny_model(decoder, cell=cell))


@decoders
@pytest.mark.parametrize("attention", ["additive", "general"])
def test_beams_of_a_sentence_share_its_memory(decoder, attention):
    """Three beams a sentence against memory of batch 2 equal six rows against memory of batch 6."""
    model = tiny_model(decoder, attention=attention, cell="lstm", options={"num_layers": 2})
    memory, state = model.memory(SOURCE)
    state = tf.nest.map_structure(lambda x: tf.repeat(x, 3, axis=0), state)
    tiled = tf.nest.map_structure(lambda x: tf.repeat(x, 3, axis=0), memory)
    ids = tf.constant([[4, 5], [6, 4], [5, 5], [8, 7], [7, 4], [4, 4]])  # every beam its own way
    close(step_through(model, memory, state, ids), step_through(model, tiled, state, ids))
    close(model.decoder(ids, state, memory), model.decoder(ids, state, tiled))


@decoders
def test_logits_of_a_shortlist_are_some_of_all(decoder):
    model = tiny_model(decoder)
    features = tf.constant(np.random.default_rng(1).normal(size=(2, model.decoder.readout_dim)))
    every = model.decoder.logits(features)
    close(tf.gather(every, [8, 4, 5], axis=1), model.decoder.logits(features, tf.constant([8, 4, 5])))
    close(every, model.decoder.logits(features, tf.zeros(0, tf.int32)))  # an empty one stands for all


# By the papers' equations, one sentence at a time. ------------------------------------------------------------


def start_of(model, b, length):
    """The encoder's outputs (S, M) of sentence b, and its state before the first token."""
    _, state = model.memory(SOURCE)
    return model.encoder(SOURCE, SOURCE != 0)["outputs"][b, :length].numpy(), tf.nest.map_structure(
        lambda x: x[b].numpy(), state
    )


def rnn_step(decoder, y, state, outputs):
    """s_t = RNN(s_(t-1), y_(t-1)); c_t = attention(s_t); deep output (Luong et al., 2015, without feeding)."""
    below, bottom = cell_step(decoder.layers[0].cell, y, state[0])
    context, weights = equations.attend(decoder.attention, below, outputs)
    states = [bottom]
    for layer, part in zip(decoder.layers[1:], state[1:], strict=True):
        above, new = cell_step(layer.cell, np.concatenate([below, context]), part)
        below = above + below
        states.append(new)
    return deep_output(decoder, below, context, y), weights, tuple(states)


def input_feeding_step(decoder, y, state, outputs):
    """The stack reads [y_(t-1); a_(t-1)]; a_t = tanh(W [s_t; c_t]) (Luong et al., 2015, section 3.3)."""
    bottom_cell, *upper = decoder.cells
    w = equations.weights_of(bottom_cell)
    w["kernel"] = np.concatenate([w["kernel"], decoder.feed_kernel.numpy()])
    fed = np.concatenate([y, state["fed"]])
    below, bottom = equations.step_of(bottom_cell)(w, fed, state["layers"][0])
    states = [bottom]
    for cell, part in zip(upper, state["layers"][1:], strict=True):
        above, new = cell_step(cell, below, part)
        below = above + below
        states.append(new)
    context, weights = equations.attend(decoder.attention, below, outputs)
    w = np.concatenate([decoder.attentional_kernel.numpy(), decoder.context_kernel.numpy()])
    attentional = np.tanh(np.concatenate([below, context]) @ w)
    return attentional, weights, {"layers": tuple(states), "fed": attentional}


def conditional_step(decoder, y, state, outputs):
    """s' = cell_1(y, s_(t-1)); c = attention(s'); s_t = cell_2(c, s') (Sennrich et al., 2017, section 2.2)."""
    first, second, *upper = decoder.cells
    query, middle = cell_step(first, y, state[0])
    context, weights = equations.attend(decoder.attention, query, outputs)
    below, bottom = cell_step(second, context, middle)
    states = [bottom]
    for cell, part in zip(upper, state[1:], strict=True):
        above, new = cell_step(cell, np.concatenate([below, context]), part)
        below = above + below
        states.append(new)
    return deep_output(decoder, below, context, y), weights, tuple(states)


def cell_step(cell, x, state):
    return equations.step_of(cell)(equations.weights_of(cell), x, state)


def deep_output(decoder, output, context, y):
    """tanh(W [s; c; y] + b) (Pascanu et al., 2014)."""
    read = np.concatenate([output, context, y])
    return np.tanh(read @ decoder.readout_kernel.numpy() + decoder.readout_bias.numpy())


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", ["lstm", "gru_before"])
@pytest.mark.parametrize(
    "decoder, step",
    [(RNNDecoder, rnn_step), (InputFeedingDecoder, input_feeding_step), (ConditionalDecoder, conditional_step)],
)
def test_equals_the_papers_equations(decoder, step, cell, num_layers):
    options = {"num_layers": num_layers, "residual": True, "readout_dim": 5}
    model = tiny_model(decoder, cell=cell, options=options, encoder={"bidirectional": "all"})
    memory, state = model.memory(SOURCE)
    features, weights, _ = model.decoder(TARGET, state, memory)
    table = model.decoder.embedding.table.numpy()
    for b, (source_length, target_length) in enumerate([(4, 4), (2, 2)]):
        outputs, state = start_of(model, b, source_length)
        for t in range(target_length):
            y = table[int(TARGET[b, t])]
            expected, expected_weights, state = step(model.decoder, y, state, outputs)
            np.testing.assert_allclose(features[b, t], expected, atol=1e-12)
            np.testing.assert_allclose(weights[b, t, :source_length], expected_weights, atol=1e-12)


def test_without_attention_the_read_out_sees_state_and_token():
    model = tiny_model(attention="none")
    decoder = model.decoder
    memory, state = model.memory(SOURCE)
    features, weights, _ = decoder(TARGET, state, memory)
    y = decoder.embedding.table.numpy()[TARGET[0].numpy()]
    outputs, _ = equations.run(decoder.layers[0].cell, y, (state[0][0][0].numpy(),))
    assert weights is None
    no_context = np.zeros(0)
    expected = [deep_output(decoder, output, no_context, token) for output, token in zip(outputs, y, strict=True)]
    np.testing.assert_allclose(features[0], expected, atol=1e-13)


@pytest.mark.parametrize("tied", [False, True])
def test_logits_are_products_with_the_output_table_and_a_bias(tied):
    decoder = tiny_model(options={"tied_output": tied}).decoder
    features = np.random.default_rng(0).normal(size=(2, 3, 4))
    table = decoder.embedding.table if tied else decoder.output_table
    expected = features @ table.numpy().T + decoder.output_bias.numpy()
    np.testing.assert_allclose(decoder.logits(features), expected, atol=1e-13)
    np.testing.assert_allclose(decoder.logits(features[:, 0]), expected[:, 0], atol=1e-13)
    assert hasattr(decoder, "output_table") != tied


# Gradients, padding, dropout. ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "decoder, attention, cell",
    [
        (RNNDecoder, "general", "lstm"),
        (InputFeedingDecoder, "additive", "gru_before"),
        (ConditionalDecoder, "scaled", "gru_after"),
    ],
)
def test_gradients_are_those_of_finite_differences(decoder, attention, cell):
    rates = {"dropout": 0.2, "recurrent_dropout": 0.2, "word_dropout": 0.2}
    options = {"num_layers": 2, "residual": True, **rates}
    model = tiny_model(decoder, attention=attention, cell=cell, options=options)

    def call():
        memory, state = model.memory(SOURCE)
        features, weights, state = model.decoder(TARGET, state, memory, noise=noise_of(model))
        weights = tf.zeros(()) if weights is None else weights
        return model.decoder.logits(features), tf.cast(weights, tf.float64), state

    check_gradients(call, named(model))


@decoders
def test_more_source_padding_changes_nothing(decoder):
    model = tiny_model(decoder, options={"num_layers": 2})
    memory, state = model.memory(SOURCE)
    longer, longer_state = model.memory(rows([4, 5, 6, EOS], [7, EOS], length=7))
    features, weights, last = model.decoder(TARGET, state, memory)
    padded_features, padded_weights, padded_last = model.decoder(TARGET, longer_state, longer)
    close((padded_features, padded_weights[:, :, :4], padded_last), (features, weights, last))
    assert not padded_weights[:, :, 4:].numpy().any()


@decoders
def test_a_pair_alone_is_decoded_as_in_a_batch(decoder):
    model = tiny_model(decoder, options={"num_layers": 2})
    batch = tiny_batch()
    alone = pair(batch, 1)
    length = alone["target_ids"].shape[1] - 1
    np.testing.assert_allclose(model(batch)[1:, :length], model(alone), atol=1e-13)


@decoders
@pytest.mark.parametrize("kind", ["dropout", "recurrent_dropout", "word_dropout"])
def test_a_seed_drops_the_same_each_time_and_none_drops_nothing(decoder, kind):
    model, plain = (tiny_model(decoder, options={"num_layers": 2, **rate}) for rate in ({kind: 0.5}, {}))
    memory, state = plain.memory(SOURCE)
    results = [
        model.decoder(TARGET, state, memory, noise=noise_of(model, seed))[0].numpy()
        for seed in (SEED, SEED, SEED + 1, None)
    ]
    np.testing.assert_array_equal(results[0], results[1])
    assert np.abs(results[0] - results[2]).max() > 1e-3
    np.testing.assert_array_equal(results[3], plain.decoder(TARGET, state, memory)[0])


@decoders
@pytest.mark.parametrize("rate", [{"recurrent_dropout": 0.5}, {"dropout": 0.5, "word_dropout": 0.5}])
def test_steps_drop_what_the_whole_target_drops(decoder, rate):
    """Recurrent dropout is constant over time; all other noise belongs to its step."""
    model = tiny_model(decoder, cell="lstm", options={"num_layers": 2, **rate})
    memory, state = model.memory(SOURCE)
    noise = noise_of(model)
    whole, _, _ = model.decoder(TARGET, state, memory, noise=noise)
    for t in range(TARGET.shape[1]):
        features, _, state = model.decoder(TARGET[:, t : t + 1], state, memory, noise=noise.at(t))
        np.testing.assert_allclose(features[:, 0], whole[:, t], atol=1e-13)


# Composition. -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bridge", [ZeroBridge, CopyBridge, DenseBridge])
def test_starts_from_its_bridge(bridge):
    model = tiny_model(cell="lstm", options={"bridge": bridge(dtype="float64")})
    encoded = model.encoder(SOURCE, SOURCE != 0)
    memory, state = model.memory(SOURCE)
    close(state, model.decoder.bridge(encoded["state"]))
    assert set(memory) == {"mask", "keys", "values"}
    if bridge is CopyBridge:
        close(state, encoded["state"])


@decoders
def test_rebuilds_from_its_config(decoder):
    options = {
        "num_layers": 2,
        "residual": True,
        "dropout": 0.1,
        "recurrent_dropout": 0.2,
        "word_dropout": 0.3,
        "readout_dim": 5,
        "bridge": ZeroBridge(dtype="float64"),
    }
    layer = tiny_model(decoder, cell="lstm", attention="scaled", options=options).decoder
    copy = rebuilt(layer)
    assert type(copy) is decoder and copy.get_config() == layer.get_config()
    assert copy.attention.score == "scaled" and type(copy.bridge) is ZeroBridge


def test_a_decoder_without_attention_rebuilds_without():
    assert rebuilt(tiny_model(attention="none").decoder).attention is None


@pytest.mark.parametrize("decoder", [InputFeedingDecoder, ConditionalDecoder])
def test_attention_inside_the_recurrence_is_required(decoder):
    with pytest.raises(ValueError, match=f"{decoder.__name__} needs an attention layer.*use RNNDecoder"):
        tiny_model(decoder, attention="none")


@pytest.mark.parametrize(
    "options, message",
    [
        ({"num_layers": 0}, "RNNDecoder needs at least 1 layer, not 0"),
        ({"dropout": -0.5}, r"dropout is a share in \[0, 1\), not -0.5"),
        ({"tied_output": True, "readout_dim": 5}, "A tied output layer reads embedding_dim=4 .*readout_dim is 5"),
    ],
)
def test_refuses_what_it_cannot_build(options, message):
    with pytest.raises(ValueError, match=message):
        RNNDecoder(VOCAB_SIZE, 4, GRU(UNITS), **options)


@pytest.mark.parametrize("part", ["attention", "bridge"])
def test_a_part_belongs_to_one_decoder(part):
    shared = {"attention": AdditiveAttention(4), "bridge": DenseBridge()}[part]

    def model():
        options = {part: shared}
        return Seq2Seq(Encoder(VOCAB_SIZE, 4, GRU(3)), RNNDecoder(VOCAB_SIZE, 4, GRU(3), **options))

    model()
    with pytest.raises(ValueError, match=f"{part} .*already belongs to another decoder"):
        model()
