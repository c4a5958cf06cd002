"""What holds for every attention: those of the package and `parts.CoverageAttention`, whose state is not empty."""

import equations
import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named, variable
from tiny import ATTENTIONS, randomise, rebuilt

from seq2seq.layers.scan import deferred_gradients, scan

LENGTHS = (4, 2)
MASK = np.arange(4) < np.array(LENGTHS)[:, np.newaxis]
KINDS = [kind for kind in ATTENTIONS if kind != "none"]


def attention(kind, memory_size=3):
    layer = ATTENTIONS[kind](dtype="float64")
    layer.build((None, None, 3), (None, None, memory_size))
    return randomise(layer)


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def memory_of(layer, outputs, mask=MASK):
    """What a decoder's `start` keeps of the encoder's outputs."""
    return {"keys": layer.keys(outputs), "values": tf.convert_to_tensor(outputs), "mask": tf.constant(mask)}


def started(layer, memory, num_queries):
    """The first state of each query: (B, ...) -> (B, Q, ...)."""
    return tf.nest.map_structure(lambda x: tf.stack([x] * num_queries, axis=1), layer.start(memory))


def in_turn(layer, queries, outputs):
    """Queries (B, T, D) one after another, each with the state that the one before left."""
    memory = memory_of(layer, outputs)

    def step(query, state, product, t):
        context, weights, state = layer(query[:, tf.newaxis], memory, state, product=product)
        return (context[:, 0], weights[:, 0]), state

    kernels = [*layer.kernels, memory["values"]]
    return scan(step, tf.convert_to_tensor(queries), started(layer, memory, 1), kernels=kernels)[0]


@pytest.mark.parametrize("kind", KINDS)
def test_equals_the_papers_equations_sentence_by_sentence(kind):
    memory_size = 3 if kind == "dot" else 5
    layer, query, outputs = attention(kind, memory_size), random(2, 3, 3), random(2, 4, memory_size, seed=1)
    memory = memory_of(layer, outputs)

    context, weights, _ = layer(query, memory, started(layer, memory, 3))

    for b, length in enumerate(LENGTHS):
        for q in range(3):
            expected = equations.attend(layer, query[b, q], outputs[b, :length])
            np.testing.assert_allclose(context[b, q], expected[0], atol=1e-13)
            np.testing.assert_allclose(weights[b, q, :length], expected[1], atol=1e-13)
            assert not weights[b, q, length:].numpy().any()


@pytest.mark.parametrize("kind", KINDS)
def test_padding_and_what_stands_in_it_change_nothing(kind):
    layer, query, outputs = attention(kind), random(2, 1, 3), random(2, 4, 3, seed=1)
    other = np.concatenate([np.where(MASK[:, :, np.newaxis], outputs, 50.0), np.full((2, 2, 3), -50.0)], axis=1)
    memory, longer = memory_of(layer, outputs), memory_of(layer, other, np.pad(MASK, ((0, 0), (0, 2))))
    context, weights, _ = layer(query, memory, started(layer, memory, 1))
    padded_context, padded_weights, _ = layer(query, longer, started(layer, longer, 1))
    np.testing.assert_allclose(padded_context, context, atol=1e-14)
    np.testing.assert_allclose(padded_weights, np.pad(weights, ((0, 0), (0, 0), (0, 2))), atol=1e-14)


def test_a_state_carries_what_earlier_queries_saw():
    """Coverage: each query knows the sum of the weights before it."""
    layer, queries, outputs = attention("coverage"), random(2, 3, 3), random(2, 4, 3, seed=1)
    contexts, weights = in_turn(layer, queries, outputs)
    for b, length in enumerate(LENGTHS):
        coverage = np.zeros(length)
        for t in range(3):
            expected = equations.attend(layer, queries[b, t], outputs[b, :length], coverage)
            np.testing.assert_allclose(contexts[b, t], expected[0], atol=1e-13)
            np.testing.assert_allclose(weights[b, t, :length], expected[1], atol=1e-13)
            coverage += expected[1]


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_those_of_finite_differences(kind):
    """In a loop, as in a recurrent decoder: the encoder's outputs are a matrix for each sentence, used at each step."""
    layer, queries, outputs = attention(kind), variable(2, 3, 3), variable(2, 4, 3, seed=1)
    variables = {**named(layer), "queries": queries, "outputs": outputs}
    with deferred_gradients():
        check_gradients(lambda: in_turn(layer, queries, outputs), variables)


@pytest.mark.parametrize("kind", KINDS)
def test_rebuilds_from_its_config(kind):
    layer = ATTENTIONS[kind](dtype="float64", name="mine")
    copy = rebuilt(layer)
    assert type(copy) is type(layer) and copy.get_config() == layer.get_config()
