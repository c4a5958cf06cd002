import contextlib

import equations
import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named, variable
from tiny import CELLS, UNITS, randomise, rebuilt

from seq2seq.layers import Elman, LinearCell, Recurrent
from seq2seq.layers.products import Products
from seq2seq.layers.recurrent import recurrent_masks
from seq2seq.layers.scan import deferred_gradients

LENGTHS = (4, 1, 3)
MASK = np.arange(4) < np.array(LENGTHS)[:, np.newaxis]
SEED = tf.constant([5, 6])


def recurrent(cell="gru_after", **options):
    layer = Recurrent(CELLS[cell](dtype="float64"), dtype="float64", **options)
    layer.build((None, None, 2))
    return randomise(layer)


def inputs(seed=0):
    return np.random.default_rng(seed).normal(size=(3, 4, 2))


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_equals_the_equations_run_over_each_sentence_alone(cell, backward):
    layer = recurrent(cell, backward=backward)
    rng = np.random.default_rng(3)
    start = {part.name: rng.normal(size=(3, part.size)) for part in layer.cell.state_parts}

    outputs, state = layer(inputs(), tf.constant(MASK), start)

    for n, length in enumerate(LENGTHS):
        first = {name: part[n] for name, part in start.items()}
        expected, last = equations.run(layer.cell, inputs()[n, :length], first, backward=backward)
        np.testing.assert_allclose(outputs[n, :length], expected, atol=1e-13)
        assert not outputs[n, length:].numpy().any()
        assert state.keys() == last.keys()
        for name, part in last.items():
            np.testing.assert_allclose(state[name][n], part, atol=1e-13)


@pytest.mark.parametrize("backward", [False, True])
def test_without_a_mask_every_position_is_a_token_and_the_state_starts_at_zero(backward):
    layer = recurrent(backward=backward)
    outputs, state = layer(inputs())
    for n in range(3):
        expected, last = equations.run(layer.cell, inputs()[n], backward=backward)
        np.testing.assert_allclose(outputs[n], expected, atol=1e-13)
        np.testing.assert_allclose(state["hidden"][n], last["hidden"], atol=1e-13)


@pytest.mark.parametrize("cell", CELLS)
def test_a_whole_sequence_equals_its_steps_one_by_one(cell):
    """Each step gets the state of the one before and its number, and needs no loop."""
    layer = recurrent(cell)
    outputs, last = layer(inputs(), tf.constant(MASK))
    state = None
    for t in range(4):
        output, state = layer(inputs()[:, t : t + 1], tf.constant(MASK[:, t : t + 1]), state, first_step=t)
        np.testing.assert_allclose(output[:, 0], outputs[:, t], atol=1e-14)
    for name, part in last.items():
        np.testing.assert_allclose(state[name], part, atol=1e-14)


@pytest.mark.parametrize(("cell", "backward"), [*((cell, False) for cell in CELLS), ("gru_after", True)])
def test_more_padding_and_what_stands_in_it_change_nothing(cell, backward):
    layer = recurrent(cell, backward=backward)
    longer = np.concatenate([np.where(MASK[:, :, np.newaxis], inputs(), 100.0), np.full((3, 2, 2), -100.0)], 1)
    more = np.pad(MASK, ((0, 0), (0, 2)))

    def run(x, mask):
        with tf.GradientTape() as tape:
            outputs, state = layer(x, tf.constant(mask))
            loss = tf.reduce_sum(outputs**2) + tf.add_n([tf.reduce_sum(part) for part in state.values()])
        return outputs[:, :4], state, tape.gradient(loss, [weight.value for weight in layer.trainable_weights])

    results, padded_results = (tf.nest.flatten(run(*given)) for given in ((inputs(), MASK), (longer, more)))
    for padded, expected in zip(padded_results, results, strict=True):
        np.testing.assert_allclose(padded, expected, atol=1e-13)


@pytest.mark.parametrize(("cell", "length"), [*((cell, 4) for cell in CELLS), ("gru_before", 1)])
def test_gradients_are_those_of_finite_differences(cell, length):
    """As in training: backwards, under a mask, with recurrent dropout if the cell allows it; and of a single step."""
    rate = 0.0 if isinstance(CELLS[cell](), LinearCell) else 0.5
    layer, x = recurrent(cell, backward=True, recurrent_dropout=rate), variable(3, length, 2)
    start = {part.name: variable(3, part.size, seed=1) for part in layer.cell.state_parts}
    mask = tf.constant(MASK[:, :length])
    with deferred_gradients():
        check_gradients(lambda: layer(x, mask, start, SEED), {**named(layer), "inputs": x, **start})


def test_a_graph_computes_what_eager_code_computes_for_any_length():
    layer = recurrent("lstm", backward=True)
    signature = [tf.TensorSpec((None, None, 2), tf.float64), tf.TensorSpec((None, None), tf.bool)]
    graph = tf.function(lambda x, mask: layer(x, mask), input_signature=signature, autograph=False)
    for length in (4, 1):
        expected, _ = layer(inputs()[:, :length], tf.constant(MASK[:, :length]))
        outputs, _ = graph(inputs()[:, :length], MASK[:, :length])
        np.testing.assert_allclose(outputs, expected, atol=1e-14)


def test_recurrent_dropout_hides_the_same_part_of_the_state_at_each_step():
    layer = Recurrent(Elman(8, dtype="float64"), recurrent_dropout=0.5, dtype="float64")
    layer.build((None, None, 2))
    randomise(layer)
    (mask,) = recurrent_masks(layer.cell, 3, 0.5, SEED)
    assert set(np.unique(mask)) == {0.0, 2.0}
    w, h = equations.weights_of(layer.cell), np.zeros((3, 8))
    for t in range(4):
        h = np.tanh((mask * h) @ w["recurrent_kernel"] + inputs()[:, t] @ w["kernel"] + w["bias"])
    np.testing.assert_allclose(layer(inputs(), seed=SEED)[0][:, -1], h, atol=1e-13)


def test_without_a_seed_nothing_is_dropped_and_a_seed_gives_the_same_each_time():
    layer = recurrent("lstm", recurrent_dropout=0.5)
    plain, _ = layer(inputs())
    first, _ = layer(inputs(), seed=SEED)
    again, _ = layer(inputs(), seed=SEED)
    other, _ = layer(inputs(), seed=SEED + 1)
    np.testing.assert_array_equal(plain, recurrent("lstm")(inputs())[0])
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - plain).max() > 1e-3 and np.abs(first - other).max() > 1e-3


@pytest.mark.parametrize("deferred, backward", [(False, False), (True, True)])
def test_truncated_gradients_are_those_of_windows_run_one_after_the_other(deferred, backward):
    """Windows of 2 steps in the order of reading; the state goes on without its gradient. Padding ends no window."""
    layer, whole = recurrent("lstm", backward=backward, truncate=2), recurrent("lstm")
    x = tf.constant(np.random.default_rng(4).normal(size=(2, 3, 2)))
    start = {part.name: variable(2, part.size, seed=1) for part in layer.cell.state_parts}
    lengths = (3, 2)
    weighting = tf.constant(np.random.default_rng(5).normal(size=(2, 3, UNITS)))

    def by_windows():
        losses = []
        for n, length in enumerate(lengths):
            state = {name: part[n : n + 1] for name, part in start.items()}
            read = tf.reverse(x[n : n + 1, :length], [1] if backward else [])
            outputs = []
            for t in range(0, length, 2):
                state = tf.nest.map_structure(tf.stop_gradient if t else tf.identity, state)
                window, state = whole(read[:, t : t + 2], state=state)
                outputs.append(window)
            outputs = tf.reverse(tf.concat(outputs, axis=1), [1] if backward else [])
            losses.append(tf.reduce_sum(outputs * weighting[n, :length]) + tf.reduce_sum(state["cell"]))
        return tf.add_n(losses)

    def truncated():
        outputs, state = layer(x, mask=tf.sequence_mask(lengths, 3), state=start)
        return tf.reduce_sum(outputs * weighting) + tf.reduce_sum(state["cell"])

    @tf.function(autograph=False)
    def loss_and_gradients(function, owner):
        with contextlib.nullcontext() if not deferred else deferred_gradients(), tf.GradientTape() as tape:
            loss = function()
        return loss, tape.gradient(loss, [w.value for w in owner.trainable_weights] + list(start.values()))

    loss, found = loss_and_gradients(truncated, layer)
    expected_loss, expected = loss_and_gradients(by_windows, whole)
    np.testing.assert_allclose(loss, expected_loss, rtol=1e-14)
    for one, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, wanted, atol=1e-12)


def test_rebuilds_from_its_config():
    layer = rebuilt(recurrent("lstm", backward=True, recurrent_dropout=0.25, truncate=7))
    assert (layer.backward, layer.recurrent_dropout, layer.truncate) == (True, 0.25, 7)
    assert (type(layer.cell).__name__, layer.cell.units, layer.compute_dtype) == ("LSTM", UNITS, "float64")


def test_refuses_a_share_above_one():
    with pytest.raises(ValueError, match=r"recurrent_dropout is a share in \[0, 1\), not 1.0"):
        Recurrent(Elman(2), recurrent_dropout=1.0)


@pytest.mark.parametrize("backward", [False, True])
def test_where_the_output_alone_recurs_given_outputs_make_all_steps_independent(backward):
    """Teacher forcing: a loop that overwrites the state with the gold output before each step gives the same outputs,
    last state and gradients."""
    layer, x = recurrent("jordan", backward=backward, recurrent_dropout=0.5), variable(3, 4, 2)
    gold = variable(3, 4, layer.cell.output_size, seed=1)  # gold[:, t] is what the step that reads token t reads
    variables = [*(weight.value for weight in layer.trainable_weights), x, gold]

    def at_once():
        return layer(x, tf.constant(MASK), seed=SEED, previous_outputs=gold)

    def loop():
        product = Products(layer.cell.recurrent_kernels, recurrent_masks(layer.cell, 3, 0.5, SEED))
        outputs, state = [tf.zeros((3, layer.cell.output_size), tf.float64)] * 4, {"output": gold[:, 0]}
        for t in reversed(range(4)) if backward else range(4):
            token = MASK[:, t, np.newaxis]
            output, new = layer.cell.step(layer.cell.project(x[:, t]), {"output": gold[:, t]}, product)
            outputs[t] = tf.where(token, output, 0.0)
            state = {"output": tf.where(token, new["output"], state["output"])}
        return tf.stack(outputs, axis=1), state

    results = []
    for function in (at_once, loop):
        with tf.GradientTape() as tape:
            outputs, state = function()
            loss = tf.reduce_sum(outputs**3) + tf.reduce_sum(state["output"] ** 2)
        results.append([outputs, state["output"], *tape.gradient(loss, variables)])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-13)


def test_given_its_own_outputs_it_repeats_them_and_needs_no_mask():
    layer = recurrent("jordan")
    outputs, state = layer(inputs())
    previous = tf.concat([tf.zeros_like(outputs[:, :1]), outputs[:, :-1]], axis=1)
    again, last = layer(inputs(), previous_outputs=previous)
    np.testing.assert_allclose(again, outputs, atol=1e-14)
    np.testing.assert_allclose(last["output"], state["output"], atol=1e-14)


def test_refuses_given_outputs_where_more_than_the_output_recurs():
    with pytest.raises(ValueError, match="previous_outputs were given, but the steps of LSTM read more"):
        recurrent("lstm")(inputs(), previous_outputs=np.zeros((3, 4, UNITS)))


def test_refuses_windows_of_less_than_no_steps():
    with pytest.raises(ValueError, match="truncate is a number of steps, 0 for the full gradient, not -1"):
        Recurrent(Elman(2), truncate=-1)
