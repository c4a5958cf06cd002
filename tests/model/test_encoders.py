import equations
import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named
from tiny import CELLS, EOS, UNITS, VOCAB_SIZE, randomise, rebuilt, rows

from seq2seq.layers import Elman
from seq2seq.model import Encoder

SENTENCES = [4, 5, 6, EOS], [7, EOS]
SEED = tf.constant([3, 4])


def encoder(cell="gru_after", embedding_dim=UNITS, **options):
    layer = Encoder(VOCAB_SIZE, embedding_dim, CELLS[cell](dtype="float64"), dtype="float64", **options)
    layer.build()
    return randomise(layer)


def encode(layer, ids, seed=None):
    return layer(ids, ids != 0, seed=seed)


def merged(merge, outputs):
    """Both directions as one: [f; b], f + b, or tanh(W_y [f; b] + b_y)."""
    both = np.concatenate(outputs, axis=1)
    if len(outputs) == 1 or merge.kind == "concat":
        return both
    w = equations.weights_of(merge)
    return sum(outputs) if merge.kind == "sum" else np.tanh(both @ w["kernel"] + w["bias"])


def expected_memory(layer, ids):
    """One sentence through the stack, by the equations: (outputs (S, D), state)."""
    x, states = layer.embedding.table.numpy()[ids], []
    for number, directions in enumerate(layer.layers):
        readings = [equations.run(one.cell, x, backward=one.backward) for one in directions]
        outputs = merged(layer.merges[number], [outputs for outputs, _ in readings])
        names = [part.name for part in layer.cell.state_parts if part.bridged]
        states.append({name: np.concatenate([state[name] for _, state in readings]) for name in names})
        if layer.residual and outputs.shape == x.shape:
            outputs = outputs + x
        if layer.layer_norm:  # Ba et al. (2016), equation 4
            gain, bias = (weight.numpy() for weight in layer.norms[number].weights)
            mean, variance = outputs.mean(1, keepdims=True), outputs.var(1, keepdims=True)
            outputs = gain * (outputs - mean) / np.sqrt(variance + 1e-6) + bias
        x = outputs
    return x, states


@pytest.mark.parametrize(
    "bidirectional, cell, stack",
    [
        ("all", "slow_units", {}),
        ("lower", "lstm", {"residual": True, "layer_norm": True}),
        ("none", "gru_before", {"residual": True}),
        ("all", "gru_after", {"merge": "sum", "residual": True}),
        ("lower", "lstm", {"merge": "dense"}),
    ],
)
def test_equals_the_equations_for_each_sentence_alone(bidirectional, cell, stack):
    layer = encoder(cell, num_layers=2, bidirectional=bidirectional, **stack)
    memory = encode(layer, rows(*SENTENCES))
    for b, ids in enumerate(SENTENCES):
        outputs, states = expected_memory(layer, ids)
        np.testing.assert_allclose(memory["outputs"][b, : len(ids)], outputs, atol=1e-12)
        assert memory["outputs"].shape[-1] == layer.output_size
        for state, expected in zip(memory["state"], states, strict=True):
            assert set(state) == set(expected)
            for name, part in state.items():
                np.testing.assert_allclose(part[b], expected[name], atol=1e-12)


def test_refuses_another_merge():
    with pytest.raises(ValueError, match="merged by one of concat, sum, dense, not by 'mean'"):
        encoder(merge="mean")


@pytest.mark.parametrize(
    "bidirectional, sizes, output_size",
    [("all", [6, 6], 10), ("lower", [6, 3], 5), ("none", [3, 3], 5)],
)
def test_sizes_are_known_before_anything_is_read(bidirectional, sizes, output_size):
    """Of a cell with 3 hidden features and 5 of output; its other part of the state belongs to no bridge."""
    layer = Encoder(VOCAB_SIZE, 4, CELLS["slow_units"](), num_layers=2, bidirectional=bidirectional)
    assert [[part.name for part in parts] for parts in layer.state_parts] == [["hidden"], ["hidden"]]
    assert ([parts[0].size for parts in layer.state_parts], layer.output_size) == (sizes, output_size)


def test_more_padding_changes_nothing():
    layer = encoder(num_layers=2, residual=True, layer_norm=True)
    memory, longer = (encode(layer, rows(*SENTENCES, length=length)) for length in (4, 7))
    real = memory["mask"].numpy()
    np.testing.assert_allclose(longer["outputs"][:, :4][real], memory["outputs"][real], atol=1e-14)
    tf.nest.map_structure(
        lambda one, other: np.testing.assert_allclose(one, other, atol=1e-14), longer["state"], memory["state"]
    )


def test_gradients_are_those_of_finite_differences():
    layer = encoder(
        "lstm",
        num_layers=2,
        bidirectional="lower",
        residual=True,
        layer_norm=True,
        dropout=0.2,
        recurrent_dropout=0.2,
        word_dropout=0.2,
    )
    real = tf.cast(rows(*SENTENCES) != 0, tf.float64)[:, :, tf.newaxis]

    def call():
        memory = encode(layer, rows(*SENTENCES), SEED)
        return memory["outputs"] * real, memory["state"]  # padded outputs are not to be read

    check_gradients(call, named(layer))


@pytest.mark.parametrize("kind", ["dropout", "recurrent_dropout", "word_dropout"])
def test_a_seed_drops_the_same_each_time_and_none_drops_nothing(kind):
    layer, plain = encoder(num_layers=2, **{kind: 0.5}), encoder(num_layers=2)
    results = [encode(layer, rows(*SENTENCES), seed)["outputs"].numpy() for seed in (SEED, SEED, SEED + 1, None)]
    np.testing.assert_array_equal(results[0], results[1])
    assert np.abs(results[0] - results[2]).max() > 1e-3
    np.testing.assert_array_equal(results[3], encode(plain, rows(*SENTENCES))["outputs"])


@pytest.mark.parametrize("variational", [True, False])
def test_variational_dropout_uses_one_mask_for_all_positions(variational):
    layer = Encoder(
        VOCAB_SIZE, 4, Elman(20, dtype="float64"), dropout=0.5, variational_dropout=variational, dtype="float64"
    )
    layer.build()
    randomise(layer)
    dropped = (encode(layer, rows([4, 5, 6, 7, EOS]), SEED)["outputs"].numpy() == 0)[0]  # (S, D)
    assert 0 < dropped.mean() < 1
    assert (dropped == dropped[:1]).all() == variational


def test_both_directions_draw_masks_of_their_own():
    """Forward and backward cells with equal weights, on one token, differ only by their dropout masks."""
    layer = Encoder(VOCAB_SIZE, 4, Elman(20, dtype="float64"), recurrent_dropout=0.5, dtype="float64")
    layer.build()
    randomise(layer)
    forward, backward = layer.layers[0]
    backward.set_weights(forward.get_weights())
    outputs = encode(layer, rows([4, 4, 4]), SEED)["outputs"][0].numpy()
    assert np.abs(outputs[2, :20] - outputs[0, 20:]).max() > 1e-3
    plain = encode(layer, rows([4, 4, 4]))["outputs"][0].numpy()
    np.testing.assert_allclose(plain[2, :20], plain[0, 20:], atol=1e-14)


def test_rebuilds_from_its_config():
    layer = encoder(
        "lstm",
        num_layers=3,
        bidirectional="lower",
        residual=True,
        layer_norm=True,
        dropout=0.1,
        recurrent_dropout=0.2,
        variational_dropout=True,
        word_dropout=0.3,
    )
    copy = rebuilt(layer)
    assert copy.get_config() == layer.get_config()
    copy.build()
    copy.set_weights(layer.get_weights())
    ids = rows(*SENTENCES)
    np.testing.assert_array_equal(encode(copy, ids, SEED)["outputs"], encode(layer, ids, SEED)["outputs"])


@pytest.mark.parametrize(
    "options, message",
    [
        ({"bidirectional": True}, "bidirectional is 'all', 'lower' or 'none', not True"),
        ({"num_layers": 0}, "Encoder needs at least 1 layer, not 0"),
        ({"dropout": 1.0}, r"dropout is a share in \[0, 1\), not 1.0"),
    ],
)
def test_refuses_what_it_cannot_build(options, message):
    with pytest.raises(ValueError, match=message):
        Encoder(VOCAB_SIZE, 4, Elman(2), **options)
