import keras
import numpy as np
import pytest
import tensorflow as tf
from gradients import variable

from seq2seq.layers.precision import matmul
from seq2seq.layers.scan import deferred_gradients, scan


def results_and_gradients(function, variables, *, deferred):
    """What `function() -> (loss, *others)` returns when traced, and the gradients of the loss."""

    @tf.function(autograph=False)
    def traced():
        with tf.GradientTape() as tape:
            results = function()
        return results, tape.gradient(results[0], variables)

    if not deferred:
        return traced()
    with deferred_gradients():
        return traced()


@pytest.mark.parametrize("deferred", [False, True])
def test_gradient_of_a_kernel_by_hand(deferred):
    """h_t = x_t + w h_(t-1) with x = 1, 1, 1 and w = 2: h = 1, 3, 7, and dh_3/dw = h_2 + w h_1 = 5."""
    kernel = tf.Variable([[2.0]])

    def step(x, state, product, t):
        h = x + product(state, kernel)
        return h, h

    def run():
        outputs, last = scan(step, tf.ones((1, 3, 1)), tf.zeros((1, 1)), kernels=[kernel])
        return last, outputs

    (_, outputs), (gradient,) = results_and_gradients(run, [kernel], deferred=deferred)
    assert outputs.numpy().ravel().tolist() == [1, 3, 7]
    assert gradient.numpy() == 5


def test_deferred_gradients_equal_tensorflows_own_for_operands_of_any_number_of_rows():
    """Left operands (N, D), (N * S, D), (N, S, D), and (B, K, S) with a matrix for each of B = 2 sentences."""
    small, large, wide = variable(2, 2), variable(2, 3, seed=1), variable(2, 3, seed=2)
    values, start, inputs = variable(2, 5, 2, seed=3), variable(4, 2, seed=4), variable(4, 3, 5, 2, seed=5)

    def run():
        matrices = tf.convert_to_tensor(values)  # (B, S, D)

        def step(x, state, product, t):
            flat = tf.reshape(product(tf.reshape(x, (-1, 2)), large), (4, 5, 3))  # N = 4, S = 5
            deep = product(x * state[:, tf.newaxis], wide)
            weights = tf.reshape(tf.nn.softmax(tf.reduce_sum(flat * deep, axis=2)), (2, 2, 5))
            context = tf.reshape(product(weights, matrices), (4, 2))
            state = tf.tanh(product(state, small) + context)
            return state, state

        sequence, first = tf.convert_to_tensor(inputs), tf.convert_to_tensor(start)
        outputs, last = scan(step, sequence, first, kernels=[small, large, wide, matrices])
        return tf.reduce_sum(outputs**2) + tf.reduce_sum(last), outputs

    variables = [small, large, wide, values, start, inputs]
    (_, plain_outputs), plain = results_and_gradients(run, variables, deferred=False)
    (_, outputs), deferred = results_and_gradients(run, variables, deferred=True)
    np.testing.assert_array_equal(outputs, plain_outputs)
    for gradient, expected in zip(deferred, plain, strict=True):
        np.testing.assert_allclose(gradient, expected, atol=1e-13)


def test_outputs_of_a_step_may_be_a_nest():
    kernel = tf.Variable(np.eye(2))

    def step(x, state, product, t):
        h = product(state, kernel) + x["a"] * x["b"]
        return (h, {"twice": 2 * h}), h

    sequence = {"a": tf.ones((1, 3, 2), tf.float64), "b": tf.ones((1, 3, 1), tf.float64)}
    (once, more), _ = scan(step, sequence, tf.zeros((1, 2), tf.float64), kernels=[kernel])
    assert once.numpy()[0].tolist() == [[1, 1], [2, 2], [3, 3]]
    np.testing.assert_array_equal(more["twice"], 2 * once)


@pytest.mark.parametrize("length", [1, 3])
def test_steps_are_numbered_from_the_first(length):
    """By one number for all rows, or by one for each."""

    def step(x, state, product, t):
        return x + tf.reshape(t, (-1, 1)), state

    zeros = tf.zeros((2, length, 1), tf.int32)
    for first_step, expected in ((0, [0, 0]), (5, [5, 5]), (tf.constant([5, 7]), [5, 7])):
        numbers, _ = scan(step, zeros, (), first_step=first_step)
        np.testing.assert_array_equal(numbers[:, :, 0], np.array(expected)[:, np.newaxis] + np.arange(length))


@pytest.mark.parametrize("length", [1, 3])
def test_a_masked_step_keeps_a_state_of_any_rank(length):
    def step(x, state, product, t):
        return x, tf.nest.map_structure(lambda part: part + 1, state)

    state = {"flat": tf.zeros(2), "deep": tf.zeros((2, 2, 3))}
    mask = tf.sequence_mask([1, 0], length)
    _, last = scan(step, tf.zeros((2, length, 1)), state, mask=mask)
    np.testing.assert_array_equal(last["flat"], [1, 0])
    np.testing.assert_array_equal(last["deep"], np.broadcast_to([[[1]], [[0]]], (2, 2, 3)))


def test_products_take_their_dropout_masks():
    kernel, mask = tf.Variable(np.eye(2)), tf.constant([[0.0, 2.0]], tf.float64)

    def step(x, state, product, t):
        return product(x, kernel), state

    x = tf.ones((1, 3, 2), tf.float64)
    outputs, _ = scan(step, x, tf.zeros((1, 1)), kernels=[kernel], product_masks=[mask])
    np.testing.assert_array_equal(outputs[0, 1], matmul(mask, kernel)[0])


def test_refuses_a_kernel_that_is_used_twice_or_never_or_is_not_known():
    kernel, other = (keras.Variable(np.eye(2), dtype="float64", name=name) for name in ("kernel", "other"))

    inputs = tf.ones((1, 3, 2), tf.float64)

    def twice(x, state, product, t):
        return product(product(state, kernel), kernel), state

    def never(x, state, product, t):
        return x, state

    def refused(step, kernels):
        return lambda: scan(step, inputs, inputs[:, 0], kernels=kernels)

    for step, kernel_list, message in (
        (twice, [kernel], "kernel is multiplied twice in one step"),
        (never, [kernel], "never multiplied by kernel;"),
        (twice, [other], "kernel is not among the kernels given to scan"),
    ):
        with pytest.raises(ValueError, match=message):
            results_and_gradients(refused(step, kernel_list), [], deferred=True)
