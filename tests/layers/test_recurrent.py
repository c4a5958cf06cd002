import equations
import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named, variable
from tiny import CELLS, UNITS, randomise, rebuilt

from seq2seq.layers import Elman, Recurrent
from seq2seq.layers.precision import matmul
from seq2seq.layers.recurrent import recurrent_masks, scan

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
    start = tuple(rng.normal(size=(3, size)) for size in layer.cell.state_sizes)

    outputs, state = layer(inputs(), tf.constant(MASK), start)

    for n, length in enumerate(LENGTHS):
        first = tuple(part[n] for part in start)
        expected, last = equations.run(layer.cell, inputs()[n, :length], first, backward=backward)
        np.testing.assert_allclose(outputs[n, :length], expected, atol=1e-13)
        assert not outputs[n, length:].numpy().any()
        for part, expected_part in zip(state, last, strict=True):
            np.testing.assert_allclose(part[n], expected_part, atol=1e-13)


@pytest.mark.parametrize("backward", [False, True])
def test_without_a_mask_every_position_is_a_token_and_the_state_starts_at_zero(backward):
    layer = recurrent(backward=backward)
    outputs, (state,) = layer(inputs())
    for n in range(3):
        expected, (last,) = equations.run(layer.cell, inputs()[n], backward=backward)
        np.testing.assert_allclose(outputs[n], expected, atol=1e-13)
        np.testing.assert_allclose(state[n], last, atol=1e-13)


@pytest.mark.parametrize("cell", CELLS)
def test_a_sequence_of_one_step_needs_no_loop_and_equals_the_first_of_many(cell):
    layer = recurrent(cell)
    outputs, _ = layer(inputs())
    alone, state = layer(inputs()[:, :1], tf.constant([[True], [True], [False]]))
    np.testing.assert_allclose(alone[:2], outputs[:2, :1], atol=1e-14)
    assert not state[0][2].numpy().any()  # padding leaves the state where it was


@pytest.mark.parametrize("backward", [False, True])
def test_more_padding_and_what_stands_in_it_change_nothing(backward):
    layer = recurrent(backward=backward)
    longer = np.concatenate([np.where(MASK[:, :, np.newaxis], inputs(), 100.0), np.full((3, 2, 2), -100.0)], 1)
    more = np.pad(MASK, ((0, 0), (0, 2)))

    def run(x, mask):
        with tf.GradientTape() as tape:
            outputs, state = layer(x, tf.constant(mask))
            loss = tf.reduce_sum(outputs**2) + tf.reduce_sum(state[0])
        return outputs, state, tape.gradient(loss, [weight.value for weight in layer.trainable_weights])

    outputs, (state,), gradients = run(inputs(), MASK)
    padded_outputs, (padded_state,), padded_gradients = run(longer, more)
    np.testing.assert_array_equal(padded_outputs[:, :4], outputs)
    np.testing.assert_array_equal(padded_state, state)
    for gradient, expected in zip(padded_gradients, gradients, strict=True):
        np.testing.assert_allclose(gradient, expected, atol=1e-13)


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_those_of_finite_differences(cell):
    layer = recurrent(cell)
    x, start = variable(3, 4, 2), [variable(3, size, seed=1) for size in layer.cell.state_sizes]
    states = {f"state {i}": part for i, part in enumerate(start)}
    check_gradients(lambda: layer(x, None, tuple(start)), {**named(layer), "inputs": x, **states})


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_backwards_under_mask_and_recurrent_dropout(cell):
    layer = recurrent(cell, backward=True, recurrent_dropout=0.5)
    x = variable(3, 4, 2)
    check_gradients(lambda: layer(x, tf.constant(MASK), seed=SEED), {**named(layer), "inputs": x})


@pytest.mark.parametrize("cell", ["lstm", "gru_before"])
def test_gradients_of_a_single_step(cell):
    layer = recurrent(cell, recurrent_dropout=0.5)
    x, start = variable(3, 1, 2), [variable(3, size, seed=1) for size in layer.cell.state_sizes]
    states = {f"state {i}": part for i, part in enumerate(start)}
    call = lambda: layer(x, tf.constant(MASK[:, :1]), tuple(start), SEED)  # noqa: E731
    check_gradients(call, {**named(layer), "inputs": x, **states})


def test_gradient_of_a_kernel_by_hand():
    """h_t = x_t + w h_(t-1) with x = 1, 1, 1 and w = 2: h = 1, 3, 7, and dh_3/dw = h_2 + w h_1 = 5."""
    kernel = tf.Variable([[2.0]])

    def step(x, state, product):
        h = x + product(state, kernel)
        return h, h

    with tf.GradientTape() as tape:
        outputs, last = scan(step, tf.ones((1, 3, 1)), tf.zeros((1, 1)), kernels=[kernel])
    assert outputs.numpy().ravel().tolist() == [1, 3, 7]
    assert tape.gradient(last, kernel).numpy() == 5


def test_deferred_gradients_equal_those_of_a_plain_loop():
    layer = recurrent("gru_before")
    cell, x = layer.cell, inputs()
    weights = [weight.value for weight in layer.trainable_weights]
    with tf.GradientTape() as tape:
        state, plain = cell.zero_state(3), 0.0
        for t in range(4):
            output, state = cell.step(cell.project(x[:, t]), state)
            plain += tf.reduce_sum(output**2)
    expected = tape.gradient(plain, weights)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(x)[0] ** 2)
    for gradient, other in zip(tape.gradient(loss, weights), expected, strict=True):
        np.testing.assert_allclose(gradient, other, atol=1e-12)


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


def test_outputs_of_a_step_may_be_a_nest():
    kernel = tf.Variable(np.eye(2))

    def step(x, state, product):
        h = product(state, kernel) + x["a"] * x["b"]
        return (h, {"twice": 2 * h}), h

    sequence = {"a": tf.ones((1, 3, 2), tf.float64), "b": tf.ones((1, 3, 1), tf.float64)}
    (once, more), _ = scan(step, sequence, tf.zeros((1, 2), tf.float64), kernels=[kernel])
    assert once.numpy()[0].tolist() == [[1, 1], [2, 2], [3, 3]]
    np.testing.assert_array_equal(more["twice"], 2 * once)


def test_refuses_a_kernel_that_is_used_twice_or_never_or_is_not_known():
    kernel, other = (Elman(UNITS).add_recurrent_kernel(name, 1) for name in ("kernel", "other"))
    x = tf.ones((1, 3, UNITS))

    def twice(x, state, product):
        return product(product(state, kernel), kernel), state

    def never(x, state, product):
        return x, state

    for step, kernels, message in (
        (twice, [kernel], "kernel is multiplied twice in one step"),
        (never, [kernel], "never multiplied by .*kernel"),
        (twice, [other], "kernel is not among the kernels given to scan"),
    ):
        with pytest.raises(ValueError, match=message):
            scan(step, x, tf.zeros((1, UNITS)), kernels=kernels)


def test_rebuilds_from_its_config():
    layer = rebuilt(recurrent("lstm", backward=True, recurrent_dropout=0.25))
    assert (layer.backward, layer.recurrent_dropout) == (True, 0.25)
    assert (type(layer.cell).__name__, layer.cell.units, layer.compute_dtype) == ("LSTM", UNITS, "float64")


def test_refuses_a_share_above_one():
    with pytest.raises(ValueError, match=r"recurrent_dropout is a share in \[0, 1\), not 1.0"):
        Recurrent(Elman(2), recurrent_dropout=1.0)


def test_products_of_scan_take_the_operand_masks():
    kernel, mask = tf.Variable(np.eye(2)), tf.constant([[0.0, 2.0]], tf.float64)

    def step(x, state, product):
        return product(x, kernel), state

    x = tf.ones((1, 3, 2), tf.float64)
    outputs, _ = scan(step, x, tf.zeros((1, 1)), kernels=[kernel], product_masks=[mask])
    np.testing.assert_array_equal(outputs[0, 1], matmul(mask, kernel)[0])
