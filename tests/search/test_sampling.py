import itertools

import numpy as np
import pytest
from letters import LetterEngine, reading_memory, sample_search

EOS, A, B = 3, 4, 5


def draw(engine, *, seed=(1, 2), **options):
    return sample_search(engine, seed=seed, **options)


def test_sequences_come_as_often_as_the_model_says(constant_model):
    """ "a" has 0.5, "b" 0.3, the end 0.2; at the third token the end is forced."""
    found = draw(constant_model({EOS: 0.2, A: 0.5, B: 0.3}), max_lengths=[3], num_samples=20_000)
    shares = {}
    for ids, length in zip(found.ids[0], found.lengths[0], strict=True):
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
    found = draw(model.engine(), max_lengths=[6, 3, 5], num_samples=7, temperature=2.0)
    assert found.ids.shape[:2] == (3, 7)
    for sentence, sample in itertools.product(range(3), range(7)):
        length = int(found.lengths[sentence, sample])
        ids = found.ids[sentence, sample].tolist()
        assert ids[length - 1] == EOS and not any(ids[length:])
        expected = model.read(ids[:length], sentence)[0]
        assert float(found.log_probs[sentence, sample]) == pytest.approx(expected, abs=1e-5)


def test_memory_is_that_of_the_sentence_also_when_others_have_left(letter_model):
    """The model reads from memory which sentence it is at; twelve short ones leave before the long ones end."""
    model = letter_model(seed=3, num_sentences=16)
    found = draw(reading_memory(letter_model), max_lengths=[1] * 12 + [7] * 4, num_samples=3)
    for sentence, sample in itertools.product(range(16), range(3)):
        ids = found.ids[sentence, sample, : found.lengths[sentence, sample]].tolist()
        assert float(found.log_probs[sentence, sample]) == pytest.approx(model.read(ids, sentence)[0], abs=1e-5)


def test_samples_do_not_depend_on_later_sentences(letter_model):
    model = letter_model(seed=6, num_sentences=5)
    alone = draw(model.engine([0]), max_lengths=[6], num_samples=4)
    together = draw(model.engine(), max_lengths=[6] * 5, num_samples=4)
    np.testing.assert_array_equal(alone.log_probs[0], together.log_probs[0])


@pytest.mark.parametrize(
    ("options", "share"),
    [
        ({"top_k": 2}, {A: 5 / 8, B: 3 / 8}),
        ({"top_k": 1}, {A: 1.0}),
        ({"top_p": 0.75}, {A: 5 / 8, B: 3 / 8}),
        ({"top_p": 0.5}, {A: 1.0}),
        ({"top_p": 0.81}, {A: 0.5, B: 0.3, EOS: 0.2}),
        ({"temperature": 0.5}, {A: 25 / 38, B: 9 / 38, EOS: 4 / 38}),
    ],
)
def test_only_the_likeliest_are_drawn(constant_model, options, share):
    found = draw(constant_model({EOS: 0.2, A: 0.5, B: 0.3}), max_lengths=[2], num_samples=20_000, **options)
    firsts, counts = np.unique(found.ids[0, :, 0], return_counts=True)
    assert set(firsts.tolist()) == set(share)
    for token, count in zip(firsts.tolist(), counts, strict=True):
        assert count / 20_000 == pytest.approx(share[token], abs=0.015)


def test_the_score_is_the_penalised_log_prob(constant_model):
    found = draw(constant_model({EOS: 0.25, A: 0.75}), max_lengths=[7], num_samples=9, length_penalty=1.0)
    np.testing.assert_allclose(found.scores, found.log_probs / ((5 + found.lengths) / 6), rtol=1e-6)


def test_a_low_temperature_comes_close_to_the_likeliest(constant_model):
    step = constant_model({EOS: 0.2, A: 0.45, B: 0.35})
    found = draw(step, max_lengths=[4], num_samples=50, temperature=0.02)
    assert (found.ids == [A, A, A, EOS]).all()


def test_the_same_seed_draws_the_same_and_another_one_others(letter_model):
    model = letter_model(seed=2, num_sentences=2)

    def ids(seed):
        found = draw(model.engine(), max_lengths=[5, 5], num_samples=20, seed=seed)
        return found.ids.tolist()

    assert ids((1, 2)) == ids((1, 2)) != ids((1, 3))


def test_numbers_that_failed_end_a_sample():
    engine = LetterEngine(lambda ids, state, memory: (np.full((len(ids), 6), np.float32(np.nan)), None, state))
    found = draw(engine, max_lengths=[4], num_samples=2)
    assert found.lengths.tolist() == [[0, 0]] and not found.ids.any()
