import equations
import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named, variable
from tiny import ATTENTIONS, randomise, rebuilt

from seq2seq.layers import AdditiveAttention, MultiplicativeAttention

LENGTHS = (4, 2)
MASK = tf.constant(np.arange(4) < np.array(LENGTHS)[:, np.newaxis])
KINDS = [kind for kind in ATTENTIONS if kind != "none"]


def attention(kind, query_size=3, value_size=3):
    layer = ATTENTIONS[kind](dtype="float64")
    layer.build((None, None, query_size), (None, None, value_size))
    return randomise(layer)


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("kind", KINDS)
def test_equals_the_papers_equations_sentence_by_sentence(kind):
    value_size = 3 if kind == "dot" else 5
    layer = attention(kind, value_size=value_size)
    query, values = random(2, 3, 3), random(2, 4, value_size, seed=1)

    context, weights = layer(query, layer.keys(values), values, MASK)

    for b, length in enumerate(LENGTHS):
        for q in range(3):
            expected = equations.attend(layer, query[b, q], values[b, :length])
            np.testing.assert_allclose(context[b, q], expected[0], atol=1e-13)
            np.testing.assert_allclose(weights[b, q, :length], expected[1], atol=1e-13)
            assert not weights[b, q, length:].numpy().any()


@pytest.mark.parametrize("kind", KINDS)
def test_equal_scores_give_equal_weights_to_real_positions(kind):
    """A query and keys of zeros score zero everywhere: two real positions get one half each."""
    layer = attention(kind)
    values = np.array([[[1.0, 0, 0], [0, 3.0, 0], [9.0, 9, 9]]])
    mask = tf.constant([[True, True, False]])
    context, weights = layer(np.zeros((1, 1, 3)), layer.keys(np.zeros((1, 3, 3))), values, mask)
    np.testing.assert_allclose(weights, [[[0.5, 0.5, 0]]])
    np.testing.assert_allclose(context, [[[0.5, 1.5, 0]]])


def test_numbers_by_hand():
    """Dot attention of (1, 0) over (ln 3, 7) and (0, 5): scores ln 3 and 0, weights 3/4 and 1/4."""
    layer = attention("dot", 2, 2)
    values = np.array([[[np.log(3), 7.0], [0.0, 5.0]]])
    context, weights = layer(np.array([[[1.0, 0.0]]]), values, values, tf.constant([[True, True]]))
    np.testing.assert_allclose(weights, [[[0.75, 0.25]]])
    np.testing.assert_allclose(context, [[[0.75 * np.log(3), 6.5]]])


@pytest.mark.parametrize("kind", KINDS)
def test_padding_and_what_stands_in_it_change_nothing(kind):
    layer, query, values = attention(kind), random(2, 3, 3), random(2, 4, 3, seed=1)
    real = MASK.numpy()[:, :, np.newaxis]
    padded = np.concatenate([np.where(real, values, 50.0), np.full((2, 2, 3), -50.0)], axis=1)
    longer = tf.pad(MASK, [[0, 0], [0, 2]])
    context, weights = layer(query, layer.keys(values), values, MASK)
    padded_context, padded_weights = layer(query, layer.keys(padded), padded, longer)
    np.testing.assert_allclose(padded_context, context, atol=1e-14)
    np.testing.assert_allclose(padded_weights[:, :, :4], weights, atol=1e-14)
    assert not padded_weights[:, :, 4:].numpy().any()


def test_queries_do_not_see_each_other():
    layer, query, values = attention("additive"), random(2, 3, 3), random(2, 4, 3, seed=1)
    together, _ = layer(query, layer.keys(values), values, MASK)
    alone, _ = layer(query[:, 1:2], layer.keys(values), values, MASK)
    np.testing.assert_allclose(alone, together[:, 1:2], atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_finite_differences(kind):
    layer, query, values = attention(kind), variable(2, 3, 3), variable(2, 4, 3, seed=1)
    variables = {**named(layer), "query": query, "values": values}
    check_gradients(lambda: layer(query, layer.keys(values), values, MASK), variables)


def test_scaled_attention_starts_at_one_over_the_root_of_the_size():
    layer = MultiplicativeAttention("scaled")
    layer.build((None, None, 16), (None, None, 3))
    assert layer.scale.numpy() == 0.25


@pytest.mark.parametrize("kind", KINDS)
def test_rebuilds_from_its_config(kind):
    layer = ATTENTIONS[kind](dtype="float64", name="mine")
    copy = rebuilt(layer)
    assert type(copy) is type(layer) and copy.get_config() == layer.get_config()


def test_refuses_what_it_cannot_compare():
    with pytest.raises(ValueError, match="query of 3 features with encoder outputs of 5.*score='general'"):
        attention("dot", 3, 5)
    with pytest.raises(ValueError, match="score is 'dot', 'general' or 'scaled', not 'concat'"):
        MultiplicativeAttention("concat")
    with pytest.raises(ValueError, match="AdditiveAttention needs at least 1 unit, not 0"):
        AdditiveAttention(0)
