import equations
import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named, variable
from tiny import randomise, rebuilt

from seq2seq.layers import TokenEmbedding
from seq2seq.layers.outputs import PredictedLength

EOS = 3
LEFT = np.array([[-1.0, 2, 1, 0], [-1, 0, 0, 0]])  # words left; -1 where the length is to be predicted
LABELS = tf.constant([[6, 5, 1, EOS], [4, EOS, 0, 0]])  # id 6 is two words, id 4 an empty target
ROWS, PLACES = [0, 0, 0, 0, 1, 1], [0, 1, 2, 3, 0, 1]


def made(tied=False, vocab_size=8, num_lengths=3):
    embedding = TokenEmbedding(vocab_size, 3, dtype="float64")
    embedding.build()
    layer = PredictedLength(vocab_size, num_lengths=num_lengths, tied=tied, dtype="float64")
    layer.connect(3, embedding)
    randomise(embedding, seed=1)
    return randomise(layer)


@pytest.fixture(params=[False, True], ids=["own", "tied"])
def output(request):
    return made(request.param)


def features():
    return np.concatenate([np.random.default_rng(2).normal(size=(2, 4, 3)), LEFT[:, :, np.newaxis]], axis=2)


def expected(output, x):
    """log P(tau) where the length is predicted; log softmax over the words; then log P(end) = 0."""
    z = x[..., :3] @ output.kernel.numpy().T + output.bias.numpy()
    log_probs = np.full(z.shape, -np.inf)
    words = [0, 1, 2, 4, 5, 6, 7]
    log_probs[..., words] = equations.log_softmax(z[..., words])
    lengths = np.full(z.shape, -np.inf)
    length_logits = x[..., :3] @ output.length_table.numpy().T + output.length_bias.numpy()
    lengths[..., 4:7] = equations.log_softmax(length_logits)
    left = x[..., 3:]
    return np.where(left < 0, lengths, np.where(left > 0, log_probs, np.where(np.arange(8) == EOS, 0, -np.inf)))


def test_the_softmax_of_the_logits_is_the_equation(output):
    x = features()
    for some in (x, x[:, 1]):
        found = equations.log_softmax(output.logits(tf.constant(some), None, {}).numpy())
        np.testing.assert_allclose(found, expected(output, some), atol=1e-14)
    shortlist = tf.constant([0, 1, 2, EOS, 4, 6])
    whole = output.logits(tf.constant(x), None, {}).numpy()
    np.testing.assert_allclose(output.logits(tf.constant(x), None, {}, shortlist), whole[..., shortlist], atol=1e-14)
    np.testing.assert_array_equal(output.logits(tf.constant(x), None, {}, shortlist[:0]), whole)


def test_losses_are_those_of_the_equation(output):
    """Label smoothing spreads over the seven words; lengths and ends have none."""
    x, labels = features(), LABELS.numpy()[ROWS, PLACES]
    log_probs = expected(output, x)[ROWS, PLACES]
    nll = -log_probs[np.arange(6), labels]
    is_word = LEFT[ROWS, PLACES] > 0
    spread = -log_probs[:, [0, 1, 2, 4, 5, 6, 7]].mean(axis=1)
    loss = np.where(is_word, 0.9 * nll + 0.1 * spread, nll)
    assert nll[3] == nll[5] == 0

    one_by_one = output.losses(tf.constant(x), None, {}, LABELS, label_smoothing=0.1)
    np.testing.assert_allclose(one_by_one.loss, loss, atol=1e-14)
    np.testing.assert_allclose(one_by_one.nll, nll, atol=1e-14)
    sums = output.loss_sums(tf.constant(x), None, {}, LABELS, label_smoothing=0.1)
    np.testing.assert_allclose(sums, [loss.sum(), nll.sum()], rtol=1e-14)
    sums = output.loss_sums(tf.constant(x), None, {}, LABELS, weights=tf.constant([[2.0], [-3.0]], tf.float64))
    np.testing.assert_allclose(sums, [(np.array([2, 2, 2, 2, -3, -3]) * nll).sum()] * 2, rtol=1e-13)


def test_gradients_are_those_of_finite_differences(output):
    x = variable(2, 4, 3)

    def loss():
        with_left = tf.concat([x, LEFT[:, :, np.newaxis]], axis=2)
        return output.loss_sums(with_left, None, {}, LABELS, label_smoothing=0.1)[0]

    check_gradients(loss, {**named(output), "features": x, "table": output.kernel})


def test_the_vocabulary_has_room_for_the_lengths():
    made(num_lengths=4)
    message = "8 target ids are enough for targets of 4 tokens, end token included, not of 5. Give --data.max-length 4"
    with pytest.raises(ValueError, match=message):
        made(num_lengths=5)
    with pytest.raises(ValueError, match="num_lengths is 0"):
        made(num_lengths=0)


def test_rebuilds_from_its_config(output):
    assert rebuilt(output).get_config() == output.get_config()
