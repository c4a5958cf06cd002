import itertools

import numpy as np
import pytest
import tensorflow as tf

from seq2seq.search import sample_search

EOS, A, B = 3, 4, 5


def draw(step, state=(), *, seed=(1, 2), **options):
    return sample_search(step, state, seed=seed, **options)


def test_sequences_come_as_often_as_the_model_says(constant_model):
    """ "a" has 0.5, "b" 0.3, the end 0.2; at the third token the end is forced."""
    found = draw(constant_model({EOS: 0.2, A: 0.5, B: 0.3}), max_lengths=[3], num_samples=20_000)
    shares = {}
    for ids, length in zip(found.ids[0].numpy(), found.lengths[0].numpy(), strict=True):
        key = tuple(ids[: length - 1])
        shares[key] = shares.get(key, 0) + 1 / 20_000
    words = {A: 0.5, B: 0.3}
    expected = {(): 0.2} | {(word,): share * 0.2 for word, share in words.items()}
    expected |= {(one, two): words[one] * words[two] for one, two in itertools.product(words, words)}
    assert shares.keys() == expected.keys()
    for key, share in expected.items():
        assert shares[key] == pytest.approx(share, abs=4 * np.sqrt(share / 20_000))  # four standard deviations


def test_log_probs_are_the_models_own(letter_model):
    model = letter_model(seed=1, num_sentences=3)
    found = draw(model.step, model.start(), max_lengths=[6, 3, 5], num_samples=7, temperature=2.0)
    assert found.ids.shape[:2] == (3, 7)
    for sentence, sample in itertools.product(range(3), range(7)):
        length = int(found.lengths[sentence, sample])
        ids = found.ids[sentence, sample].numpy().tolist()
        assert ids[length - 1] == EOS and not any(ids[length:])
        expected = model.read(ids[:length], sentence)[0]
        assert float(found.log_probs[sentence, sample]) == pytest.approx(expected, abs=1e-5)


def test_memory_is_that_of_the_sentence_also_when_others_have_left(letter_model):
    """The model reads from memory which sentence it is at; twelve short ones leave before the long ones end."""
    model = letter_model(seed=3, num_sentences=16)

    def step(ids, state, memory):
        per_sentence = tf.size(ids) // tf.size(memory)
        logits, _, state = model.step(ids, {"code": state, "sentence": tf.repeat(memory, per_sentence)})
        return logits, None, state["code"]

    longest = [1] * 12 + [7] * 4
    found = draw(step, tf.zeros(16, tf.int32), memory=tf.range(16), max_lengths=longest, num_samples=3)
    for sentence, sample in itertools.product(range(16), range(3)):
        ids = found.ids[sentence, sample, : found.lengths[sentence, sample]].numpy().tolist()
        assert float(found.log_probs[sentence, sample]) == pytest.approx(model.read(ids, sentence)[0], abs=1e-5)


def test_the_score_is_the_penalised_log_prob(constant_model):
    found = draw(constant_model({EOS: 0.25, A: 0.75}), max_lengths=[7], num_samples=9, length_penalty=1.0)
    np.testing.assert_allclose(found.scores, found.log_probs / ((5 + found.lengths.numpy()) / 6), rtol=1e-6)


def test_a_low_temperature_comes_close_to_the_likeliest(constant_model):
    step = constant_model({EOS: 0.2, A: 0.45, B: 0.35})
    found = draw(step, max_lengths=[4], num_samples=50, temperature=0.02)
    assert (found.ids.numpy() == [A, A, A, EOS]).all()


def test_the_same_seed_draws_the_same_and_another_one_others(letter_model):
    model = letter_model(seed=2, num_sentences=2)

    def ids(seed):
        found = draw(model.step, model.start(), max_lengths=[5, 5], num_samples=20, seed=seed)
        return found.ids.numpy().tolist()

    assert ids((1, 2)) == ids((1, 2)) != ids((1, 3))


def test_eagerly_and_in_graph_alike(letter_model):
    model = letter_model(seed=5, num_sentences=4)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32)])
    def in_graph(max_lengths):
        return draw(model.step, model.start(), max_lengths=max_lengths, num_samples=3)

    eager = draw(model.step, model.start(), max_lengths=[2, 4, 6, 6], num_samples=3)
    found = in_graph([2, 4, 6, 6])
    np.testing.assert_array_equal(found.ids, eager.ids)
    np.testing.assert_allclose(found.log_probs, eager.log_probs, rtol=1e-6)


def test_numbers_that_failed_end_a_sample():
    def step(ids, state, memory):
        return tf.fill([tf.size(ids), 6], float("nan")), None, state

    found = draw(step, max_lengths=[4], num_samples=2)
    assert found.lengths.numpy().tolist() == [[0, 0]] and not found.ids.numpy().any()


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"num_samples": 0}, "num_samples is 0; it has to be 1 or more"),
        ({"temperature": 0.0}, "temperature is 0.0; it has to be above 0"),
    ],
)
def test_a_wrong_option_is_refused(constant_model, wrong, message):
    with pytest.raises(ValueError, match=message):
        draw(constant_model({EOS: 1.0}), max_lengths=[4], **{"num_samples": 2, **wrong})
