"""Scheduled sampling is a choice of what the decoder reads; the update then learns from that as if it were gold."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny import BOS, PAD, UNK, VOCAB_SIZE, rows, tiny_batch, tiny_model

from seq2seq.model import ConditionalDecoder, InputFeedingDecoder, RNNDecoder, SamplingOptions, ScheduledSampling
from seq2seq.model.objectives.scheduled_sampling import mixed_ids

SEED = tf.constant([3, 4])
DROPOUT = {"num_layers": 2, "dropout": 0.3, "recurrent_dropout": 0.3, "word_dropout": 0.2}
decoders = pytest.mark.parametrize("decoder", [RNNDecoder, InputFeedingDecoder, ConditionalDecoder])


def gold(batch=None):
    return (batch or tiny_batch())["target_ids"][:, :-1]


def mixed(model, probability, batch=None, seed=SEED, **sampling):
    """What the decoder reads, under the dropout masks of an update."""
    batch = batch or tiny_batch()
    memory, state = model.memory(batch["source_ids"])
    masks = model.decoder.dropout_masks(SEED, *gold(batch).shape)
    return mixed_ids(
        model.decoder,
        gold(batch),
        state,
        memory,
        masks,
        gold_probability=probability,
        seed=seed,
        sampling=SamplingOptions(**{"way": "parallel", **sampling}),
    ).numpy()


def many_sentences(count=400):
    """Copies of one pair, so that shares can be counted."""
    batch = {"source_ids": rows([4, 5, 6, 3]), "target_ids": rows([BOS, 5, 4, 8, 6, 3])}
    return {name: tf.repeat(ids, count, axis=0) for name, ids in batch.items()}


@pytest.mark.parametrize("way", ["sequential", "parallel"])
def test_at_probability_one_everything_is_gold(way):
    np.testing.assert_array_equal(mixed(tiny_model(), 1.0, way=way), gold())


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
        logits = model.decoder.output_layer.logits(features, None, memory).numpy()
        logits[:, [PAD, UNK, BOS]] = -np.inf
        ids = tf.constant(logits.argmax(axis=1), tf.int32)


@decoders
@pytest.mark.parametrize(
    "refinement",
    [{}, {"choice": "sample", "position_scale": 2.0, "confidence": 0.1, "random_confidence": 0.12}],
    ids=["plain", "refined"],
)
def test_enough_parallel_passes_agree_with_the_sequential_way(decoder, refinement):
    """T - 1 of them, with the same coins, draws and dropout."""
    model = tiny_model(decoder, options=DROPOUT)
    one_by_one = mixed(model, 0.4, way="sequential", **refinement)
    passes = gold().shape[1] - 1
    np.testing.assert_array_equal(mixed(model, 0.4, way="parallel", passes=passes, **refinement), one_by_one)
    assert np.any(one_by_one != gold())


def test_after_k_passes_the_first_positions_agree():
    """Positions 0 .. k; those after them need not."""
    batch, differ = many_sentences(), 0
    model = tiny_model(options=DROPOUT)
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


@pytest.mark.parametrize("way", ["sequential", "parallel"])
def test_a_length_is_never_replaced(way):
    """Nor is it drawn as a random word: every word of these targets is an 8."""
    model = tiny_model(options={"ending": "length", "num_lengths": 5})
    batch = {"source_ids": rows([4, 3], [5, 3]), "target_ids": rows([BOS, 8, 8, 8, 3], [BOS, 3])}
    coded = {**batch, "target_ids": model.decoder.coded(batch["target_ids"])}
    for refinement in ({}, {"random_confidence": 0.0}):
        found = mixed(model, 0.0, coded, way=way, **refinement)
        np.testing.assert_array_equal(found[:, :2], [[BOS, 7], [BOS, 4]])
        assert (found[0, 2:] >= 4).all() and (not refinement or (found[0, 2:] == 8).all())
    sums = ScheduledSampling(SamplingOptions(way=way))(model, {**batch, "gold_probability": 0.0}, SEED)
    assert sums["tokens"] == 5 and sums["replaced"] <= 3


@pytest.mark.parametrize("coins, alike", [("token", ()), ("sentence", 1), ("batch", (0, 1))])
def test_a_coin_decides_about_its_token_sentence_or_batch(coins, alike):
    batch = many_sentences()
    model = tiny_model()
    model.decoder.output_layer.bias.assign(tf.one_hot(7, VOCAB_SIZE) * 1e3)  # says nothing but 7, which gold never has
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
    model.decoder.output_layer.bias.assign(tf.one_hot(7, VOCAB_SIZE) * 1e3)  # says nothing but 7, which gold never has
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


@pytest.mark.parametrize(
    "decoder, way", [(RNNDecoder, "parallel"), (InputFeedingDecoder, "sequential"), (ConditionalDecoder, "parallel")]
)
def test_an_update_learns_from_the_mixed_words_as_if_they_were_gold(decoder, way):
    """Its gradient is that of reading them with the labels as they were; none flows through the choice."""
    model, batch = tiny_model(decoder), tiny_batch()
    read = tf.constant(mixed(model, 0.0, way=way))
    with tf.GradientTape() as tape:
        memory, state = model.memory(batch["source_ids"])
        features, _, _ = model.decoder(read, state, memory)
        labels = batch["target_ids"][:, 1:]
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels, model.decoder.output_layer.logits(features, None, memory)
        )
        loss = tf.reduce_sum(losses[labels != PAD]) / 7  # tokens
    variables = [variable.value for variable in model.trainable_variables]
    expected = tape.gradient(loss, variables, unconnected_gradients="zero")

    model.compile(keras.optimizers.SGD(1.0), clip=None)
    objective = ScheduledSampling(SamplingOptions(way=way, floor=0.0, schedule="constant", warmup=0))
    before = [variable.numpy() for variable in model.trainable_variables]
    sums = model.update(objective.inputs(model, batch), objective)
    np.testing.assert_allclose(sums["loss_sum"] / 7, loss, rtol=1e-12)
    gold = batch["target_ids"][:, :-1]
    assert sums["replaced"] == np.sum((read != gold) & (labels != PAD)) > 0
    for old, variable, gradient in zip(before, model.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(old - variable.numpy(), tf.convert_to_tensor(gradient), atol=1e-12)


def test_the_gold_probability_is_that_of_the_next_update():
    model = tiny_model()
    model.compile(keras.optimizers.SGD(1.0))
    options = SamplingOptions(way="parallel", schedule="linear", floor=0.5, warmup=2, decay=4)
    objective, found = ScheduledSampling(options), []
    for update in range(1, 8):
        found.append(float(objective.inputs(model, {})["gold_probability"]))
        assert objective.schedule(update) == {"gold_probability": found[-1]}
        assert (objective.at(update) is objective) == (found[-1] < 1)  # before that, teacher forcing is the same
        model.optimizer.iterations.assign(update)
    assert found == [1.0, 1.0, 0.875, 0.75, 0.625, 0.5, 0.5]


def test_it_reports_the_share_of_its_own_words():
    objective = ScheduledSampling(SamplingOptions(way="parallel"))
    figures = objective.report({"loss_sum": 30.0, "nll_sum": 20.0, "tokens": 10, "replaced": 3})
    assert figures == {"replaced": 0.3, "train_loss": 2.0, "train_smoothed_loss": 3.0}
    assert objective.summary(figures) == ["train loss 2.000", "replaced 30.0%"]
