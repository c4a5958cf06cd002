import equations
import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named, variable
from tiny import randomise, rebuilt

from seq2seq.layers import TokenEmbedding
from seq2seq.layers.outputs import Halting

EOS = 3
LABELS = tf.constant([[5, 1, 4, EOS], [EOS, 0, 0, 0]])  # an empty target too
ROWS, PLACES = [0, 0, 0, 0, 1], [0, 1, 2, 3, 0]


@pytest.fixture(params=[False, True], ids=["own", "tied"])
def output(request):
    embedding = TokenEmbedding(6, 3, dtype="float64")
    embedding.build()
    layer = Halting(6, tied=request.param, dtype="float64")
    layer.connect(3, embedding)
    randomise(embedding, seed=1)
    return randomise(layer)


def features(*shape):
    return np.random.default_rng(2).normal(size=shape)


def expected(output, x, words=(0, 1, 2, 4, 5)):
    """log P(end) = log sigmoid(h); log P(w) = log(1 - sigmoid(h)) + log softmax over the words."""
    z = x @ output.kernel.numpy().T + output.bias.numpy()
    halt = equations.sigmoid(z[..., [EOS]])
    log_probs = np.full(z.shape, -np.inf)
    log_probs[..., words] = np.log(1 - halt) + equations.log_softmax(z[..., words])
    log_probs[..., [EOS]] = np.log(halt)
    return log_probs


def test_the_softmax_of_the_logits_is_the_equation(output):
    for x in (features(2, 3), features(2, 4, 3)):
        logits = output.logits(x, None, {})
        np.testing.assert_allclose(equations.log_softmax(logits.numpy()), expected(output, x), atol=1e-14)
        logits = output.logits(x, None, {}, tf.constant([0, 1, 2, EOS, 5]))
        shortened = expected(output, x, words=(0, 1, 2, 5))[..., [0, 1, 2, EOS, 5]]
        np.testing.assert_allclose(equations.log_softmax(logits.numpy()), shortened, atol=1e-14)


def test_losses_are_those_of_the_equation(output):
    """Label smoothing spreads over the five words, and leaves the halt unit alone."""
    x = features(2, 4, 3)
    log_probs = expected(output, x)[ROWS, PLACES]
    labels = LABELS.numpy()[ROWS, PLACES]
    nll = -log_probs[np.arange(5), labels]
    z = (x @ output.kernel.numpy().T + output.bias.numpy())[ROWS, PLACES][:, [0, 1, 2, 4, 5]]
    goes_on = np.log(1 - equations.sigmoid(x @ output.kernel[EOS].numpy() + output.bias[EOS].numpy()))[ROWS, PLACES]
    spread = -goes_on - equations.log_softmax(z).mean(axis=1)
    loss = np.where(labels == EOS, nll, 0.9 * nll + 0.1 * spread)

    one_by_one = output.losses(tf.constant(x), None, {}, LABELS, label_smoothing=0.1)
    np.testing.assert_allclose(one_by_one.loss, loss, atol=1e-14)
    np.testing.assert_allclose(one_by_one.nll, nll, atol=1e-14)
    assert one_by_one.rows.numpy().tolist() == ROWS
    sums = output.loss_sums(tf.constant(x), None, {}, LABELS, label_smoothing=0.1)
    np.testing.assert_allclose(sums, [loss.sum(), nll.sum()], rtol=1e-14)
    sums = output.loss_sums(tf.constant(x), None, {}, LABELS, weights=tf.constant([[2.0], [-3.0]], tf.float64))
    np.testing.assert_allclose(sums, [(np.array([2, 2, 2, 2, -3]) * nll).sum()] * 2, rtol=1e-13)


def test_gradients_are_those_of_finite_differences(output):
    x = variable(2, 4, 3)
    variables = {**named(output), "features": x, "table": output.kernel}
    check_gradients(lambda: output.loss_sums(x, None, {}, LABELS, label_smoothing=0.1)[0], variables)


def test_has_the_weights_of_a_linear_layer(output):
    assert [weight.name for weight in output.weights] == (["bias"] if output.tied else ["bias", "table"])
    assert type(rebuilt(output)) is Halting and rebuilt(output).get_config() == output.get_config()
