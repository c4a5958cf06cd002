import numpy as np
import pytest
import tensorflow as tf

from seq2seq.layers.linear_scan import linear_scan


def case(length, dtype="float64"):
    rng = np.random.default_rng(length)
    a, b = rng.uniform(size=(3, length, 4)), rng.normal(size=(3, length, 4))
    return tuple(tf.constant(x, dtype) for x in (a, b, rng.normal(size=(3, 4))))


def with_gradients(function, arguments):
    with tf.GradientTape() as tape:
        tape.watch(arguments)
        states = function(*arguments)
        loss = tf.reduce_sum(states**2 * tf.range(1.0, 1.0 + states.shape[1], dtype=states.dtype)[:, tf.newaxis])
    return [states, *tape.gradient(loss, arguments)]


def step_by_step(a, b, hidden):
    states = []
    for t in range(a.shape[1]):
        hidden = a[:, t] * hidden + b[:, t]
        states.append(hidden)
    return tf.stack(states, axis=1)


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("length", [1, 2, 3, 8, 13])
def test_states_and_gradients_are_those_of_the_recurrence(parallel, length):
    given = case(length)
    found = with_gradients(lambda *x: linear_scan(*x, parallel=parallel), given)
    for one, wanted in zip(found, with_gradients(step_by_step, given), strict=True):
        np.testing.assert_allclose(one, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("parallel", [False, True])
def test_a_graph_takes_any_length(parallel):
    spec = tf.TensorSpec((None, None, 4), tf.float64)
    graph = tf.function(
        lambda a, b, start: linear_scan(a, b, start, parallel=parallel),
        [spec, spec, tf.TensorSpec((None, 4), tf.float64)],
    )
    for length in (1, 2, 7):
        np.testing.assert_allclose(graph(*case(length)), step_by_step(*case(length)), atol=1e-12)


@pytest.mark.parametrize("parallel", [False, True])
def test_long_sequences_stay_exact_in_float32(parallel):
    """Products of a underflow to 0 after some hundred steps; nothing is divided by them."""
    a, b, start = case(300, "float32")
    assert not tf.reduce_prod(a, axis=1).numpy().any()
    expected = step_by_step(a.numpy(), b.numpy(), start.numpy())
    np.testing.assert_allclose(linear_scan(a, b, start, parallel=parallel), expected, atol=1e-5)


@pytest.mark.parametrize("parallel", [False, True])
def test_truncation_stops_the_gradient_at_each_window_of_tokens_and_a_mask_keeps_the_state(parallel):
    """Rows of 5, 2 and 3 tokens in windows of 2: the padding of the others ends no window."""
    lengths = (5, 2, 3)

    def windows(a, b, start):
        rows = []
        for n, length in enumerate(lengths):
            hidden, states = start[n], []
            for t in range(5):
                if t < length:
                    before = tf.stop_gradient(hidden) if t in (2, 4) else hidden
                    hidden = a[n, t] * before + b[n, t]
                states.append(hidden)
            rows.append(tf.stack(states))
        return tf.stack(rows)

    mask = tf.sequence_mask(lengths, 5)
    found = with_gradients(lambda *x: linear_scan(*x, mask=mask, truncate=2, parallel=parallel), case(5))
    for one, wanted in zip(found, with_gradients(windows, case(5)), strict=True):
        np.testing.assert_allclose(one, wanted, rtol=1e-12, atol=1e-12)
