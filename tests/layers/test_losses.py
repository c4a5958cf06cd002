import equations
import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, variable

from seq2seq.layers import losses
from seq2seq.layers.losses import cross_entropy, token_losses
from seq2seq.layers.precision import products

LABELS = np.array([0, 3, 3, 1, 4, 2, 0])  # 7 rows: chunks of 3 leave a last one of 1
WEIGHTS = np.array([1.0, -0.5, 0.0, 2.0, 0.3, -1.0, 0.7])


def arguments():
    return variable(7, 4), variable(5, 4, seed=1), variable(5, seed=2)


def smoothed(logits, label_smoothing):
    """Szegedy et al. (2016), section 7: cross-entropy with (1 - e) on the label plus e / V on every id."""
    log_probs = equations.log_softmax(logits)
    target = (1 - label_smoothing) * np.eye(5)[LABELS] + label_smoothing / 5
    return -(target * log_probs).sum(axis=1), -log_probs[np.arange(7), LABELS]


@pytest.mark.parametrize("chunk", [3, 7, 2048])
def test_losses_are_those_of_the_whole_softmax(monkeypatch, chunk):
    monkeypatch.setattr(losses, "CHUNK", chunk)
    features, kernel, bias = arguments()
    for label_smoothing in (0.0, 0.1):
        expected = smoothed(features.numpy() @ kernel.numpy().T + bias.numpy(), label_smoothing)
        given = (tf.convert_to_tensor(features), kernel, bias, LABELS, label_smoothing)
        np.testing.assert_allclose(token_losses(*given), expected, rtol=1e-13)
        np.testing.assert_allclose(cross_entropy(*given), np.sum(expected, axis=1), rtol=1e-13)
        np.testing.assert_allclose(cross_entropy(*given, weights=WEIGHTS), expected @ WEIGHTS, rtol=1e-13)


def test_numbers_by_hand():
    """Two ids with equal logits: each token costs ln 2, smoothed or not."""
    zeros = tf.zeros((3, 4)), tf.zeros((2, 4)), tf.zeros(2)
    np.testing.assert_allclose(cross_entropy(*zeros, [0, 1, 1], 0.1), [3 * np.log(2)] * 2, rtol=1e-6)
    np.testing.assert_allclose(token_losses(*zeros, [0, 1, 1], 0.1), np.full((2, 3), np.log(2)), rtol=1e-6)


@pytest.mark.parametrize(("chunk", "label_smoothing", "weights"), [(3, 0.1, WEIGHTS), (2048, 0.0, None)])
def test_gradients_are_those_of_finite_differences(monkeypatch, chunk, label_smoothing, weights):
    monkeypatch.setattr(losses, "CHUNK", chunk)
    features, kernel, bias = arguments()
    labels = tf.constant(LABELS)

    def loss():
        return cross_entropy(tf.convert_to_tensor(features), kernel, bias, labels, label_smoothing, weights)[0]

    check_gradients(loss, {"features": features, "kernel": kernel, "bias": bias})


def test_the_plain_likelihood_is_reported_and_not_trained_on():
    features, kernel, bias = arguments()
    with tf.GradientTape() as tape:
        _, nll = cross_entropy(tf.convert_to_tensor(features), kernel, bias, LABELS, 0.1)
    for gradient in tape.gradient(nll, [features, kernel, bias]):
        assert not gradient.numpy().any()


def test_large_logits_neither_overflow_nor_vanish():
    features = tf.constant([[1.0], [1.0]])
    kernel = tf.constant([[3000.0], [-3000.0]])
    loss, nll = cross_entropy(features, kernel, tf.zeros(2), [0, 1])
    assert loss == nll == 6000.0  # 0 for the first row, 6000 for the second


def test_a_graph_of_unknown_rows_computes_the_same(monkeypatch):
    monkeypatch.setattr(losses, "CHUNK", 3)
    features, kernel, bias = arguments()
    signature = [tf.TensorSpec((None, 4), tf.float64), tf.TensorSpec((None,), tf.int32)]

    @tf.function(input_signature=signature, autograph=False)
    def graph(rows, labels):
        with tf.GradientTape() as tape:
            tape.watch(rows)
            loss, _ = cross_entropy(rows, kernel, bias, labels, 0.1)
        return loss, tape.gradient(loss, rows)

    expected, _ = np.sum(smoothed(features.numpy() @ kernel.numpy().T + bias.numpy(), 0.1), axis=1)
    loss, gradient = graph(features, LABELS.astype("int32"))
    np.testing.assert_allclose(loss, expected, rtol=1e-13)
    assert gradient.shape == (7, 4)


def test_no_loss_is_negative_in_bfloat16():
    """Of sure predictions, whose loss is smaller than what the products are rounded by."""
    rng = np.random.default_rng(1)
    labels = np.arange(64) % 5
    kernel = 4 * np.eye(5, 8)
    features = 8 * np.eye(8)[labels] + rng.normal(size=(64, 8))
    with products("bfloat16"):
        _, nll = token_losses(*(tf.constant(x, tf.float32) for x in (features, kernel, np.zeros(5))), labels)
    assert nll.numpy().min() >= 0
