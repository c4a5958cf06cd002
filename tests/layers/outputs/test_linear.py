import equations
import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named, variable
from tiny import randomise, rebuilt

from seq2seq.layers import Linear, TokenEmbedding

LABELS = tf.constant([[3, 1, 4, 0], [2, 0, 0, 0]])  # 4 tokens, then padding
ROWS, PLACES = [0, 0, 0, 1], [0, 1, 2, 0]  # where they stand


@pytest.fixture(params=[False, True], ids=["own", "tied"])
def output(request):
    embedding = TokenEmbedding(5, 3, dtype="float64")
    embedding.build()
    layer = Linear(5, tied=request.param, dtype="float64")
    layer.connect(3, embedding)
    randomise(embedding, seed=1)
    return randomise(layer)


def features(*shape):
    return np.random.default_rng(2).normal(size=shape)


def expected_losses(output, x, label_smoothing):
    """Losses (smoothed, plain) of the four tokens, from the whole softmax."""
    log_probs = equations.log_softmax(x @ output.kernel.numpy().T + output.bias.numpy())[ROWS, PLACES]
    nll = -log_probs[np.arange(4), LABELS.numpy()[ROWS, PLACES]]
    return (1 - label_smoothing) * nll - label_smoothing * log_probs.mean(axis=1), nll


def test_logits_of_all_tokens_or_of_a_shortlist(output):
    """For one step (N, D) and for whole targets (N, T, D); an empty shortlist stands for all tokens."""
    for x in (features(2, 3), features(2, 4, 3)):
        expected = x @ output.kernel.numpy().T + output.bias.numpy()
        np.testing.assert_allclose(output.logits(x, None, {}), expected, atol=1e-14)
        for shortlist, picked in (([4, 1], expected[..., [4, 1]]), ([], expected)):
            logits = output.logits(x, None, {}, tf.constant(shortlist, tf.int32))
            np.testing.assert_allclose(logits, picked, atol=1e-14)


def test_losses_are_those_of_the_real_tokens(output):
    x = features(2, 4, 3)
    loss, nll = expected_losses(output, x, 0.1)

    one_by_one = output.losses(tf.constant(x), None, {}, LABELS, label_smoothing=0.1)
    sums = output.loss_sums(tf.constant(x), None, {}, LABELS, label_smoothing=0.1)

    np.testing.assert_allclose(one_by_one.loss, loss, atol=1e-14)
    np.testing.assert_allclose(one_by_one.nll, nll, atol=1e-14)
    assert one_by_one.rows.numpy().tolist() == ROWS
    np.testing.assert_allclose(sums, [loss.sum(), nll.sum()], rtol=1e-14)


def test_weights_count_targets_or_tokens(output):
    """Of shape (N, 1) or (N, T); the weights of padding count for nothing."""
    x = features(2, 4, 3)
    losses = expected_losses(output, x, 0.0)
    each = np.array([[0.5, 2.0, -1.0, 9.0], [3.0, 9.0, 9.0, 9.0]])
    for weights in (each, each[:, :1]):
        picked = np.broadcast_to(weights, (2, 4))[ROWS, PLACES]
        sums = output.loss_sums(tf.constant(x), None, {}, LABELS, weights=tf.constant(weights))
        np.testing.assert_allclose(sums, losses @ picked, rtol=1e-13)


def test_gradients_are_those_of_finite_differences(output):
    x = variable(2, 4, 3)
    variables = {**named(output), "features": x, "table": output.kernel}
    check_gradients(lambda: output.loss_sums(x, None, {}, LABELS, label_smoothing=0.1)[0], variables)


def test_a_tied_table_belongs_to_the_embedding_alone(output):
    names = [weight.name for weight in output.weights]
    assert names == (["bias"] if output.tied else ["bias", "table"])


def test_rebuilds_from_its_config(output):
    assert rebuilt(output).get_config() == output.get_config()
