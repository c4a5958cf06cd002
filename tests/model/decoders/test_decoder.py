"""What all decoders have in common. Their equations are in the files beside this one."""

import numpy as np
import pytest
import tensorflow as tf
from decoding import SEED, SOURCE, TARGET, close, masks_of, step_through
from gradients import check_gradients, named
from tiny import UNITS, VOCAB_SIZE, rebuilt, tiny_model

from seq2seq.layers import GRU, AdditiveAttention, CopyBridge, DenseBridge, ZeroBridge
from seq2seq.layers.scan import deferred_gradients
from seq2seq.model import ConditionalDecoder, Encoder, InputFeedingDecoder, RNNDecoder, Seq2Seq

STACK = {"num_layers": 2, "residual": True}
DROPOUT = {"dropout": 0.3, "recurrent_dropout": 0.3, "word_dropout": 0.2}
# A state with an unbridged part, an output larger than the hidden state, steps that count, attention that remembers.
ALL_OF_THE_CONTRACT = {"cell": "slow_units", "attention": "coverage"}

decoders = pytest.mark.parametrize("decoder", [RNNDecoder, InputFeedingDecoder, ConditionalDecoder])


@pytest.mark.parametrize(
    "decoder, parts",
    [
        (RNNDecoder, ALL_OF_THE_CONTRACT),
        (RNNDecoder, {"attention": "general"}),
        (RNNDecoder, {"attention": "none", "cell": "lstm"}),
        (InputFeedingDecoder, ALL_OF_THE_CONTRACT),
        (ConditionalDecoder, ALL_OF_THE_CONTRACT),
    ],
)
def test_a_whole_target_equals_repeated_steps(decoder, parts):
    model = tiny_model(decoder, options=STACK, **parts)
    memory, state = model.memory(SOURCE)
    whole = model.decoder(TARGET, state, memory)
    close(whole, step_through(model, memory, state, TARGET))
    assert whole[2]["t"].dtype == tf.int32 and whole[2]["t"].numpy().tolist() == [4, 4]
    if parts is ALL_OF_THE_CONTRACT:  # attention remembers where it looked
        close(whole[2]["attention"]["coverage"], tf.reduce_sum(whole[1], axis=1))


@decoders
def test_truncated_gradients_are_those_of_windows_whose_state_goes_on_without_its_gradient(decoder):
    model = tiny_model(decoder, options={**STACK, "truncate": 2}, **ALL_OF_THE_CONTRACT)
    weights = [weight.value for weight in model.decoder.trainable_weights]

    def gradients(windows):
        with tf.GradientTape() as tape:
            memory, state = model.memory(SOURCE)
            features = []
            for begin, end in windows:
                state = tf.nest.map_structure(tf.stop_gradient if begin else tf.identity, state)
                read, _, state = model.decoder(TARGET[:, begin:end], state, memory)
                features.append(read)
            loss = tf.reduce_sum(tf.concat(features, axis=1) ** 2)
        return [tf.convert_to_tensor(x) for x in tape.gradient(loss, weights, unconnected_gradients="zero")]

    close(gradients([(0, 4)]), gradients([(0, 2), (2, 4)]))


@decoders
def test_steps_drop_what_the_whole_target_drops(decoder):
    """Recurrent dropout is constant over time; the other masks belong to their step."""
    model = tiny_model(decoder, options={**STACK, **DROPOUT}, **ALL_OF_THE_CONTRACT)
    memory, state = model.memory(SOURCE)
    masks = masks_of(model)
    whole, _, _ = model.decoder(TARGET, state, memory, dropout_masks=masks)
    for t in range(TARGET.shape[1]):
        features, _, state = model.decoder(TARGET[:, t : t + 1], state, memory, dropout_masks=masks.at(t))
        np.testing.assert_allclose(features[:, 0], whole[:, t], atol=1e-13)


@decoders
@pytest.mark.parametrize("attention", ["additive", "coverage"])
def test_beams_of_a_sentence_share_its_memory(decoder, attention):
    """Three beams a sentence against memory of batch 2 equal six rows against memory of batch 6."""
    model = tiny_model(decoder, attention=attention, options=STACK)
    memory, state = model.memory(SOURCE)
    state = tf.nest.map_structure(lambda x: tf.repeat(x, 3, axis=0), state)
    repeated = tf.nest.map_structure(lambda x: tf.repeat(x, 3, axis=0), memory)
    ids = tf.constant([[4, 5], [6, 4], [5, 5], [8, 7], [7, 4], [4, 4]])  # every beam its own way
    close(step_through(model, memory, state, ids), step_through(model, repeated, state, ids))
    close(model.decoder(ids, state, memory), model.decoder(ids, state, repeated))


@pytest.mark.parametrize(
    "decoder, parts",
    [
        (RNNDecoder, ALL_OF_THE_CONTRACT),
        (InputFeedingDecoder, {"attention": "additive", "cell": "gru_before"}),
        (ConditionalDecoder, {"attention": "scaled", "cell": "lstm"}),
    ],
)
def test_gradients_are_those_of_finite_differences(decoder, parts):
    """With the gradients of kernels taken after the loop, as training takes them."""
    model = tiny_model(decoder, options={**STACK, **DROPOUT}, **parts)

    def call():
        with deferred_gradients():
            memory, state = model.memory(SOURCE)
            features, weights, state = model.decoder(TARGET, state, memory, dropout_masks=masks_of(model))
        logits = model.decoder.output_layer.logits(features, weights, memory)
        return logits, weights, state["layers"], state["attention"]

    check_gradients(call, named(model))


@decoders
def test_a_seed_drops_the_same_each_time_and_none_drops_nothing(decoder):
    plain = tiny_model(decoder, options=STACK)
    memory, state = plain.memory(SOURCE)
    for kind, rate in DROPOUT.items():
        model = tiny_model(decoder, options={**STACK, kind: rate})
        results = [
            model.decoder(TARGET, state, memory, dropout_masks=masks_of(model, seed))[0].numpy()
            for seed in (SEED, SEED, SEED + 1, None)
        ]
        np.testing.assert_array_equal(results[0], results[1])
        assert np.abs(results[0] - results[2]).max() > 1e-3
        np.testing.assert_array_equal(results[3], plain.decoder(TARGET, state, memory)[0])


@pytest.mark.parametrize("bridge", [ZeroBridge, CopyBridge, DenseBridge])
def test_starts_from_its_bridge(bridge):
    """The other parts of a state start from zeros, whatever the encoder left in them."""
    model = tiny_model(options={"bridge": bridge(dtype="float64")}, **ALL_OF_THE_CONTRACT)
    encoded = model.encoder(SOURCE, SOURCE != 0)
    memory, state = model.memory(SOURCE)
    (filled,) = model.decoder.bridge(encoded["state"])
    close(state["layers"], ({"hidden": filled["hidden"], "slow": np.zeros((2, 2))},))
    if bridge is CopyBridge:
        close(filled, encoded["state"][0])
    assert state["t"].dtype == tf.int32 and state["t"].numpy().tolist() == [0, 0]
    assert set(memory) == {"mask", "source_ids", "keys", "values"}


@decoders
def test_rebuilds_from_its_config(decoder):
    options = {**STACK, **DROPOUT, "readout_dim": 5, "bridge": ZeroBridge(dtype="float64")}
    layer = tiny_model(decoder, cell="slow_units", attention="scaled", options=options).decoder
    copy = rebuilt(layer)
    assert type(copy) is decoder and copy.get_config() == layer.get_config()
    assert copy.attention.score == "scaled" and type(copy.bridge) is ZeroBridge


@pytest.mark.parametrize("decoder", [InputFeedingDecoder, ConditionalDecoder])
def test_attention_inside_the_recurrence_is_required(decoder):
    with pytest.raises(ValueError, match=f"{decoder.__name__} needs an attention layer.*use RNNDecoder"):
        tiny_model(decoder, attention="none")


@pytest.mark.parametrize(
    "options, message",
    [
        ({"num_layers": 0}, "RNNDecoder needs at least 1 layer, not 0"),
        ({"dropout": -0.5}, r"dropout is a share in \[0, 1\), not -0.5"),
        ({"ending": "full_stop"}, "A target ends by one of end_symbol, halt, length, not 'full_stop'"),
        ({"tied_output": True, "readout_dim": 5}, "A tied output layer reads embedding_dim=4 .*readout_dim is 5"),
    ],
)
def test_refuses_what_it_cannot_build(options, message):
    with pytest.raises(ValueError, match=message):
        RNNDecoder(VOCAB_SIZE, 4, GRU(UNITS), **options)


@pytest.mark.parametrize("part, make", [("attention", lambda: AdditiveAttention(4)), ("bridge", DenseBridge)])
def test_a_part_belongs_to_one_decoder(part, make):
    shared = {part: make()}

    def model():
        return Seq2Seq(Encoder(VOCAB_SIZE, 4, GRU(3)), RNNDecoder(VOCAB_SIZE, 4, GRU(3), **shared))

    model()
    with pytest.raises(ValueError, match=f"{part} .*already belongs to another decoder"):
        model()
