import numpy as np
import pytest
import tensorflow as tf
from gradients import STEP
from tiny import CELLS, UNITS, randomise, tiny_batch, tiny_model

from seq2seq.layers import LinearCell, Recurrent
from seq2seq.layers.probes import state_probes
from seq2seq.layers.scan import deferred_gradients
from seq2seq.model import ConditionalDecoder, RNNDecoder

LENGTHS = (5, 3)
MASK = np.arange(5) < np.array(LENGTHS)[:, np.newaxis]


def recurrent(cell, **options):
    layer = Recurrent(CELLS[cell](dtype="float64"), dtype="float64", **options)
    layer.build((None, None, 2))
    return randomise(layer)


def inputs(length=5):
    return tf.constant(np.random.default_rng(1).normal(size=(2, length, 2)))


def gradients_of(layer, loss_of, x, mask=None):
    """dL/d(state) after each step, traced as in training: name of the part -> (N, T, size)."""

    @tf.function(autograph=False)
    def traced():
        with deferred_gradients(), tf.GradientTape() as tape, state_probes(tape) as probes:
            loss = loss_of(*layer(x, mask=mask))
        (probe,) = probes
        assert probe.layer is layer
        return tape.gradient(loss, probe.zeros, unconnected_gradients="zero"), probe.outputs

    return traced()


def loss_of_all(outputs, state):
    """Each output weighs otherwise, and so does each part of the last state."""
    weights = tf.random.stateless_normal(tf.shape(outputs), (1, 2), dtype=outputs.dtype)
    parts = [tf.reduce_sum(tf.sin(state[name])) * (2 + n) for n, name in enumerate(sorted(state))]
    return tf.reduce_sum(weights * outputs**2) + tf.add_n(parts)


def test_gradient_of_an_elman_state_is_the_product_of_the_jacobians():
    """dL/dh_t = dL/dh_T J_T ... J_(t+1), where J_t = dh_t/dh_(t-1) = diag(1 - h_t^2) W^T."""
    layer = recurrent("elman")
    gradients, outputs = gradients_of(layer, lambda _, state: tf.reduce_sum(state["hidden"]), inputs())
    kernel = layer.cell.recurrent_kernel.numpy()
    for n in range(2):
        expected = np.ones(UNITS)
        for t in reversed(range(5)):
            np.testing.assert_allclose(gradients["hidden"][n, t], expected, atol=1e-14)
            expected = kernel @ ((1 - outputs[n, t].numpy() ** 2) * expected)


# The output is a part of the state or is made of it, the state has one part or several, some recurrences are linear.
KINDS = ["elman", "jordan", "lstm", "leaky", "delayed", "deep", "min_gru", "hgrn", "slow_units"]


@pytest.mark.parametrize("cell", KINDS)
def test_gradients_are_those_of_finite_differences(cell):
    """The state after step t is pushed by hand, and with it the output of the step where that is a part of it."""
    layer, x, mask = recurrent(cell), inputs(), tf.constant(MASK)
    gradients, _ = gradients_of(layer, loss_of_all, x, mask)
    rng, t = np.random.default_rng(3), 1
    directions = {part: rng.normal(size=gradient[:, t].shape) for part, gradient in gradients.items()}

    def loss(push):
        outputs, state = layer(x[:, : t + 1], mask[:, : t + 1])
        pushed = {part: value + push * directions[part] for part, value in state.items()}
        last = outputs[:, -1]
        if isinstance(layer.cell, LinearCell):
            last = layer.cell.read_out(layer.cell.project(x)[:, t], pushed["hidden"])
        for part, value in state.items():
            last = pushed[part] if np.array_equal(outputs[:, -1], value) else last
        later, final = layer(x[:, t + 1 :], mask[:, t + 1 :], pushed, first_step=t + 1)
        return loss_of_all(tf.concat([outputs[:, :-1], last[:, tf.newaxis], later], axis=1), final)

    analytic = sum(np.sum(gradient[:, t] * directions[part]) for part, gradient in gradients.items())
    np.testing.assert_allclose(analytic, (loss(STEP) - loss(-STEP)) / (2 * STEP), rtol=1e-6, atol=1e-8)
    assert not any(gradient[1, 3:].numpy().any() for gradient in gradients.values())  # padding


def test_a_backward_layer_counts_its_steps_in_the_order_of_reading():
    forward, backward = recurrent("gru_after"), recurrent("gru_after", backward=True)
    x = inputs()
    expected, _ = gradients_of(forward, lambda _, state: tf.reduce_sum(state["hidden"] ** 2), tf.reverse(x, [1]))
    found, _ = gradients_of(backward, lambda _, state: tf.reduce_sum(state["hidden"] ** 2), x)
    np.testing.assert_allclose(found["hidden"], expected["hidden"], atol=1e-14)


@pytest.mark.parametrize("decoder", [RNNDecoder, ConditionalDecoder])
def test_finds_every_layer_of_a_translator_and_changes_no_gradient(decoder):
    model = tiny_model(decoder, options={"num_layers": 2}, encoder={"bidirectional": "all"}, attention="coverage")
    weights = [weight.value for weight in model.trainable_weights]

    def run(tape):
        return model.objective()(model, tiny_batch(), tf.constant([1, 2]))["loss_sum"]

    with tf.GradientTape() as tape:
        plain = run(tape)
    with tf.GradientTape(persistent=True) as probed_tape, state_probes(probed_tape) as probes:
        probed = run(probed_tape)

    np.testing.assert_array_equal(probed, plain)
    options = {"unconnected_gradients": "zero"}
    for found, expected in zip(
        probed_tape.gradient(probed, weights, **options), tape.gradient(plain, weights, **options), strict=True
    ):
        np.testing.assert_allclose(tf.convert_to_tensor(found), tf.convert_to_tensor(expected), atol=1e-12)
    names = [probe.layer.name for probe in probes]
    assert names[:2] == ["forward_0", "backward_0"]
    assert names[2:] == (["layer_0", "layer_1"] if decoder is RNNDecoder else [model.decoder.name])
    for probe in probes:
        for zeros, gradient in zip(
            tf.nest.flatten(probe.zeros), tf.nest.flatten(probed_tape.gradient(probed, probe.zeros)), strict=True
        ):
            assert gradient.shape == zeros.shape and not zeros.numpy().any()


def test_nothing_is_added_outside_the_block():
    with tf.GradientTape() as tape, state_probes(tape) as probes:
        pass
    recurrent("elman")(inputs())
    assert not probes


def test_a_call_inside_a_traced_loop_gets_none():
    layer, x = recurrent("elman"), inputs()

    @tf.function(autograph=False)
    def traced():
        with tf.GradientTape() as tape, state_probes(tape) as probes:
            tf.while_loop(lambda t: t < 2, lambda t: t + 1 + 0 * tf.size(layer(x)[0]), (0,))
            loss = tf.reduce_sum(layer(x)[0])
        assert len(probes) == 1
        return tape.gradient(loss, probes[0].zeros)["hidden"]

    assert traced().shape == (2, 5, 3)
