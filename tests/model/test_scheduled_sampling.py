"""Scheduled sampling is a choice of what the decoder reads; the update then learns from that as if it were gold."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny import BOS, PAD, UNK, VOCAB_SIZE, rows, tiny_batch, tiny_model

from seq2seq.model import ConditionalDecoder, InputFeedingDecoder, RNNDecoder, ScheduledSampling
from seq2seq.model.objectives import scheduled_sampling, teacher_forcing
from seq2seq.model.scheduled_sampling import mixed_ids

SEED = tf.constant([3, 4])
NOISY = {"num_layers": 2, "dropout": 0.3, "recurrent_dropout": 0.3, "word_dropout": 0.2}
decoders = pytest.mark.parametrize("decoder", [RNNDecoder, InputFeedingDecoder, ConditionalDecoder])


def gold(batch=None):
    return (batch or tiny_batch())["target_ids"][:, :-1]


def mixed(model, probability, batch=None, seed=SEED, **sampling):
    """What the decoder reads, under the noise of an update."""
    batch = batch or tiny_batch()
    memory, state = model.memory(batch["source_ids"])
    noise = model.decoder.noise(SEED, *gold(batch).shape)
    return mixed_ids(
        model.decoder,
        gold(batch),
        state,
        memory,
        noise,
        gold_probability=probability,
        seed=seed,
        sampling=ScheduledSampling(**sampling),
    ).numpy()


def many_sentences(count=400):
    """Copies of one pair, so that shares can be counted."""
    batch = {"source_ids": rows([4, 5, 6, 3]), "target_ids": rows([BOS, 5, 4, 8, 6, 3])}
    return {name: tf.repeat(ids, count, axis=0) for name, ids in batch.items()}


@decoders
@pytest.mark.parametrize("way", ["sequential", "parallel"])
def test_at_probability_one_everything_is_gold(decoder, way):
    np.testing.assert_array_equal(mixed(tiny_model(decoder), 1.0, way=way), gold())


@decoders
def test_free_running_reads_what_greedy_steps_say(decoder):
    """Probability 0 and argmax: every word but BOS is the likeliest after those before it."""
    model = tiny_model(decoder)
    found = mixed(model, 0.0, way="sequential")
    memory, state = model.memory(tiny_batch()["source_ids"])
    ids = tf.constant([BOS, BOS])
    for t in range(found.shape[1]):
        real = gold().numpy()[:, t] != PAD
        np.testing.assert_array_equal(found[real, t], ids.numpy()[real])
        features, _, state = model.decoder.step(tf.constant(found[:, t]), state, memory)
        logits = model.decoder.logits(features).numpy()
        logits[:, [PAD, UNK, BOS]] = -np.inf
        ids = tf.constant(logits.argmax(axis=1), tf.int32)


@decoders
@pytest.mark.parametrize(
    "refinement", [{}, {"choice": "sample"}, {"position_scale": 2.0}, {"confidence": 0.1, "random_confidence": 0.12}]
)
def test_enough_parallel_passes_agree_with_the_sequential_way(decoder, refinement):
    """T - 1 of them, with the same coins, draws and dropout."""
    model = tiny_model(decoder, options=NOISY)
    one_by_one = mixed(model, 0.4, way="sequential", **refinement)
    passes = gold().shape[1] - 1
    np.testing.assert_array_equal(mixed(model, 0.4, way="parallel", passes=passes, **refinement), one_by_one)
    assert np.any(one_by_one != gold())


@decoders
def test_after_k_passes_the_first_positions_agree(decoder):
    """Positions 0 .. k; those after them need not."""
    batch, differ = many_sentences(), 0
    model = tiny_model(decoder, options=NOISY)
    one_by_one = mixed(model, 0.0, batch, way="sequential")
    for passes in (1, 2, 3):
        found = mixed(model, 0.0, batch, way="parallel", passes=passes)
        np.testing.assert_array_equal(found[:, : passes + 1], one_by_one[:, : passes + 1])
        differ += (found != one_by_one).sum()
    assert differ > 0


def test_one_parallel_pass_is_predicted_from_gold():
    model = tiny_model()
    logits = model(tiny_batch()).numpy()  # teacher forcing
    logits[..., [PAD, BOS]] = -np.inf
    predicted = np.concatenate([[[BOS], [BOS]], logits.argmax(axis=2)[:, :-1]], axis=1)
    np.testing.assert_array_equal(mixed(model, 0.0), np.where(gold() == PAD, PAD, predicted))


@pytest.mark.parametrize("coins, alike", [("token", ()), ("sentence", 1), ("batch", (0, 1))])
def test_a_coin_decides_about_its_token_sentence_or_batch(coins, alike):
    batch = many_sentences()
    model = tiny_model()
    model.decoder.output_bias.assign(tf.one_hot(7, VOCAB_SIZE) * 1e3)  # says nothing but 7, which gold never has
    own = np.stack([mixed(model, 0.5, batch, seed=[seed, 0], coins=coins)[:, 1:] == 7 for seed in range(40)])
    assert own.mean() == pytest.approx(0.5, abs=0.25 if coins == "batch" else 0.02)
    for one in own:
        np.testing.assert_array_equal(one, np.broadcast_to(one.min(axis=alike, keepdims=True), one.shape))
    shares = {"token": own.mean(axis=2), "sentence": own.mean(axis=1), "batch": own.mean(axis=(1, 2))}[coins]
    assert np.var(shares) > 0  # and not about more than that


def test_later_tokens_are_sampled_more():
    """Token t stays gold with probability p^(t / scale); with a coin for each sentence, its own words come last."""
    batch = many_sentences(4_000)
    model = tiny_model()
    model.decoder.output_bias.assign(tf.one_hot(7, VOCAB_SIZE) * 1e3)  # says nothing but 7, which gold never has
    own = mixed(model, 0.5, batch, position_scale=2.0) == 7
    np.testing.assert_allclose(own.mean(axis=0), 1 - 0.5 ** (np.arange(own.shape[1]) / 2), atol=0.03)
    own = mixed(model, 0.5, batch, position_scale=2.0, coins="sentence") == 7
    np.testing.assert_allclose(own.mean(axis=0), 1 - 0.5 ** (np.arange(own.shape[1]) / 2), atol=0.03)
    assert np.all(own[:, 1:] >= own[:, :-1])


def test_only_tokens_the_model_is_sure_of_are_sampled():
    """Between the two limits they are its own; above both, random ones of the same target; below, gold."""
    batch = many_sentences()
    model, targets = tiny_model(), gold(batch).numpy()
    logits = model(batch).numpy()[0, :-1]  # of the tokens 1 .. under teacher forcing
    logits[:, [PAD, UNK, BOS]] = -np.inf
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    confidence = probabilities[range(len(logits)), targets[0, 1:]]
    low, high = np.quantile(confidence, (0.3, 0.7))
    found = mixed(model, 0.0, batch, confidence=low, random_confidence=high)[:, 1:]
    expected = np.where(confidence < low, targets[0, 1:], logits.argmax(axis=1))
    assert np.any(confidence < low) and np.any(confidence > high) and np.any((low <= confidence) & (confidence <= high))
    for t in range(len(confidence)):
        if confidence[t] <= high:
            assert set(found[:, t]) == {expected[t]}
        else:
            counts = np.bincount(found[:, t], minlength=VOCAB_SIZE)[targets[0, 1:]]
            assert counts.sum() == len(found) and counts.min() > len(found) / len(confidence) / 2


def test_draws_follow_the_distribution_at_its_temperature():
    batch, temperature = many_sentences(20_000), 0.7
    model = tiny_model(dtype="float32")
    drawn = mixed(model, 0.0, batch, choice="sample", temperature=temperature)[:, 1]
    logits = model({name: ids[:1] for name, ids in batch.items()}).numpy()[0, 0] / temperature
    logits[[PAD, UNK, BOS]] = -np.inf
    expected = np.exp(logits - logits.max())
    shares = np.bincount(drawn, minlength=VOCAB_SIZE) / len(drawn)
    np.testing.assert_allclose(shares, expected / expected.sum(), atol=0.015)


def test_an_update_samples_by_position_too():
    """The gold probability is then a variable of the model: at 0 all but BOS is its own."""
    model, batch = tiny_model(), tiny_batch()
    model.compile(keras.optimizers.SGD(1.0), sampling=ScheduledSampling(position_scale=10.0))
    losses = []
    for probability in (0.0, 1.0):
        model.gold_probability.assign(probability)
        losses.append(float(scheduled_sampling(model, batch, SEED)["loss_sum"]))
    assert losses[1] == pytest.approx(float(teacher_forcing(model, batch, SEED)["loss_sum"])) and losses[0] != losses[1]


@decoders
@pytest.mark.parametrize("way", ["sequential", "parallel"])
def test_an_update_learns_from_the_mixed_words_as_if_they_were_gold(decoder, way):
    """Its gradient is that of reading them with the labels as they were; none flows through the choice."""
    model, batch = tiny_model(decoder), tiny_batch()
    read = tf.constant(mixed(model, 0.0, way=way))
    with tf.GradientTape() as tape:
        memory, state = model.memory(batch["source_ids"])
        features, _, _ = model.decoder(read, state, memory)
        labels = batch["target_ids"][:, 1:]
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, model.decoder.logits(features))
        loss = tf.reduce_sum(losses[labels != PAD]) / 7  # tokens
    variables = [variable.value for variable in model.trainable_variables]
    expected = tape.gradient(loss, variables, unconnected_gradients="zero")

    model.compile(keras.optimizers.SGD(1.0), clip=None, sampling=ScheduledSampling(way=way))
    model.gold_probability.assign(0.0)
    before = [variable.numpy() for variable in model.trainable_variables]
    sums = model.update(batch, objective=scheduled_sampling)
    np.testing.assert_allclose(sums["loss_sum"] / 7, loss, rtol=1e-12)
    gold = batch["target_ids"][:, :-1]
    assert sums["replaced"] == np.sum((read != gold) & (labels != PAD)) > 0
    for old, variable, gradient in zip(before, model.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(old - variable.numpy(), tf.convert_to_tensor(gradient), atol=1e-12)


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"way": "paralell"}, "`way` is one of 'sequential', 'parallel', not 'paralell'"),
        ({"choice": "beam"}, "`choice` is one of 'argmax', 'sample', not 'beam'"),
        ({"coins": "word"}, "`coins` is one of 'token', 'sentence', 'batch', not 'word'"),
        ({"passes": 0}, "`passes` is 0; it has to be between 1 and 100"),
        ({"temperature": 0.0}, "`temperature` is 0.0; it has to be above 0 and at most 1,000,000"),
        ({"temperature": 0.5}, "`temperature` is 0.5, but argmax draws nothing. Give `choice` sample"),
        ({"temperature": float("inf")}, "`temperature` is inf; it has to be above 0 and at most 1,000,000"),
        ({"way": "sequential", "passes": 2}, "`passes` is 2, but the sequential way has none"),
        ({"confidence": 0.9, "random_confidence": 0.5}, "`random_confidence` is 0.5, below `confidence` 0.9"),
        ({"position_scale": 0.0}, "`position_scale` is 0.0; it has to be above 0 and at most 1,000,000"),
        ({"confidence": 1.5}, "`confidence` is 1.5; it has to be between 0 and 1"),
        ({"confidence": 0.9}, "`confidence` 0.9 would sample nothing"),
        ({"random_confidence": -0.5}, "`random_confidence` is -0.5; it has to be between 0 and 1"),
    ],
)
def test_a_wrong_setting_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        ScheduledSampling(**wrong)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"way": "sequential"}, "sequential sampling (likeliest words, a coin for each token)"),
        (
            {"passes": 2, "choice": "sample", "temperature": 0.5, "coins": "sentence", "position_scale": 10.0},
            "parallel sampling (words drawn at temperature 0.5, a coin for each sentence, 2 passes, later tokens "
            "more often, scale 10)",
        ),
        (
            {"confidence": 0.25, "random_confidence": 0.95},
            "parallel sampling (likeliest words, a coin for each token, where gold has a probability of 0.25 or more, "
            "random tokens where it has more than 0.95)",
        ),
    ],
)
def test_it_says_in_words_what_it_does(options, words):
    assert ScheduledSampling(**options).in_words() == words
