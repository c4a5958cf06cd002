import numpy as np
import pytest
from letters import LetterEngine, beam_search, count, forbid, ranked, required_search, sequences

from seq2seq.search import forbid_repeats, force_prefixes

EOS, A, B, C = 3, 4, 5, 6
EVERYTHING = 121  # sequences of at most 5 tokens over three letters

PHRASES = {
    "a word": [[A]],
    "a phrase": [[B, A]],
    "two": [[A, A], [B]],
    "overlapping": [[A, B], [B, C]],
    "a prefix of another": [[A], [A, B]],
    "the middle of another": [[B], [A, B, C]],
    "twice": [[A, B], [A, B]],
    "twice, overlapping itself": [[A, A], [A, A]],
    "four": [[A, B], [C], [B, B], [A]],
}
OVERLAPS = {
    "overlapping": 1,
    "a prefix of another": 1,
    "the middle of another": 1,
    "twice, overlapping itself": 1,
    "four": 3,
}
"""Tokens that overlaps can save: so much more room is left than the tightest translation needs."""


def has_all(ids, phrases):
    return all(count(ids, phrase) >= phrases.count(phrase) for phrase in phrases)


@pytest.mark.parametrize("name", PHRASES)
def test_a_wide_beam_finds_the_best_of_all_sequences_that_contain_the_phrases(letter_model, name):
    for seed in range(3):
        model, phrases = letter_model(seed), PHRASES[name]
        found = required_search(
            model.engine(), [phrases], max_lengths=[5], beam_size=EVERYTHING, n_best=EVERYTHING, early_stop=False
        )
        max_length = max(5, sum(map(len, phrases)) + 1)
        truth = {ids: value for ids, value in model.every_sequence(max_length).items() if has_all(ids, phrases)}
        got = [ids for ids in sequences(found) if ids]
        assert got == [ids for ids in ranked(truth) if ids in set(got)]  # in order, and nothing else
        certain = {ids for ids in truth if len(ids) <= max_length - OVERLAPS.get(name, 0)}
        assert certain <= set(got)
        np.testing.assert_allclose(found.log_probs[0, : len(got)], [truth[ids] for ids in got], rtol=1e-5)


@pytest.mark.parametrize("beam_size", [1, 2, 5])
def test_the_phrases_are_always_present_and_scores_the_models_own(letter_model, beam_size):
    for seed in range(60):
        rng = np.random.default_rng(seed)
        model = letter_model(seed, num_sentences=4, spread=rng.choice([0.5, 1.5, 4.0]))
        lengths = rng.integers(1, 4, (4, 3))
        phrases = [[rng.integers(A, C + 1, length).tolist() for length in some] for some in lengths]
        options = {"beam_size": beam_size, "early_stop": bool(seed % 2), "min_length": 1 + seed % 4}
        found = required_search(model.engine(), phrases, max_lengths=rng.integers(1, 15, 4), **options)
        for sentence, some in enumerate(phrases):
            (ids,) = sequences(found, sentence)
            assert has_all(ids, some) and ids.count(EOS) == 1 and len(ids) >= options["min_length"]
            log_prob = model.read(ids, sentence)[0]
            assert float(found.log_probs[sentence, 0]) == pytest.approx(log_prob, abs=1e-3)


@pytest.mark.parametrize("early_stop", [True, False])
def test_sentences_without_phrases_come_out_as_by_plain_beam_search(letter_model, early_stop):
    model = letter_model(seed=8, num_sentences=9, spread=1.0)
    options = {"max_lengths": [1, 6, 4] * 3, "beam_size": 4, "n_best": 3, "early_stop": early_stop, "min_length": 2}
    phrases = [[], [[A, B]], [], [[C]], [], [], [[B], [A, A]], [], []]
    found = required_search(model.engine(), phrases, **options)
    plain = beam_search(model.engine(), **options)
    for sentence, some in enumerate(phrases):
        if not some:
            assert sequences(found, sentence) == sequences(plain, sentence)
            np.testing.assert_array_equal(found.scores[sentence], plain.scores[sentence])
            width = min(found.ids.shape[-1], plain.ids.shape[-1])
            attention = (of.attention[sentence, :, :width] for of in (found, plain))
            np.testing.assert_array_equal(*attention)


def test_ties_too_are_settled_as_by_plain_beam_search(constant_model):
    engine = constant_model({EOS: 0.25, A: 0.25, B: 0.25, C: 0.25})
    options = {"max_lengths": [4], "beam_size": 5, "n_best": 5, "length_penalty": 0.0}
    assert sequences(required_search(engine, [[]], **options)) == sequences(beam_search(engine, **options))


def test_a_batch_equals_its_sentences_one_by_one(letter_model):
    model = letter_model(seed=2, num_sentences=12, spread=1.0)
    phrases = [[], [[A, B]], [[C], [C]], [[B, B, B, B, B]], [[A], [A, C]], []] * 2
    max_lengths = [1, 5, 9, 3, 7, 6] * 2
    options = {"beam_size": 3, "n_best": 2}
    batch = required_search(model.engine(), phrases, max_lengths=max_lengths, **options)
    for sentence, max_length in enumerate(max_lengths):
        alone = required_search(model.engine([sentence]), [phrases[sentence]], max_lengths=[max_length], **options)
        assert sequences(batch, sentence) == sequences(alone)
        np.testing.assert_array_equal(batch.scores[sentence], alone.scores[0])


def test_a_phrase_survives_an_improbable_token_in_its_middle(constant_model):
    # "c" has 0.001: as one of the two best continuations it never comes; "a c b" is required all the same.
    engine = constant_model({EOS: 0.5, A: 0.3, B: 0.199, C: 0.001})
    found = required_search(engine, [[[A, C, B]]], max_lengths=[9], beam_size=2, length_penalty=0.0)
    assert sequences(found) == [(A, C, B, EOS)]
    assert float(found.log_probs[0, 0]) == pytest.approx(np.log(0.3 * 0.001 * 0.199 * 0.5), rel=1e-5)


def test_an_end_competes_with_those_hypotheses_alone_that_contain_the_phrases(constant_model):
    # "c end" has 0.0005; the best two without "c" have more up to the sixth token.
    engine = constant_model({EOS: 0.5, A: 0.3, B: 0.199, C: 0.001})
    found = required_search(engine, [[[C]]], max_lengths=[9], beam_size=2, length_penalty=0.0)
    assert sequences(found) == [(C, EOS)]


def test_overlapping_phrases_share_their_words(constant_model):
    engine = constant_model({EOS: 0.4, A: 0.2, B: 0.2, C: 0.2})
    found = required_search(engine, [[[A, B], [B, C]]], max_lengths=[9], beam_size=5)
    assert sequences(found) == [(A, B, C, EOS)]


def test_the_maximum_is_raised_where_the_phrases_need_it(letter_model):
    phrase = [A, B, C, C, B, A, A]
    found = required_search(letter_model(0).engine(), [[phrase]], max_lengths=[3], beam_size=2)
    assert sequences(found) == [(*phrase, EOS)]
    rules, prefix = [force_prefixes([[B, B]])], {"prefix_lengths": np.array([2])}
    found = required_search(letter_model(0).engine(), [[phrase]], max_lengths=[3], beam_size=2, rules=rules, **prefix)
    assert sequences(found) == [(B, B, *phrase, EOS)]


def test_a_prefix_counts_for_the_phrases(constant_model):
    engine = constant_model({EOS: 0.4, A: 0.2, B: 0.2, C: 0.2})
    rules, prefix = [force_prefixes([[C, A]])], {"prefix_lengths": np.array([2])}
    found = required_search(engine, [[[A, B], [C]]], max_lengths=[9], beam_size=3, rules=rules, **prefix)
    assert sequences(found) == [(C, A, B, EOS)]


def test_forbidden_phrases_are_avoided_between_required_ones_while_there_is_room(letter_model):
    rules = [forbid([[[A, B], [B, A]]])]
    for seed in range(20):
        found = required_search(
            letter_model(seed).engine(), [[[A], [B]]], max_lengths=[6], beam_size=4, n_best=2, rules=rules
        )
        for ids in sequences(found):
            assert has_all(ids, [[A], [B]]) and not count(ids, (A, B)) + count(ids, (B, A))


@pytest.mark.parametrize("forbidden", [[(A, B)], [(A, B), (B, C), (C, A)]])
def test_of_all_orders_of_the_phrases_one_that_is_allowed_is_taken(letter_model, forbidden):
    options = {"max_lengths": [4], "beam_size": 6, "rules": [forbid([forbidden])]}
    for seed in range(10):
        (ids,) = sequences(required_search(letter_model(seed).engine(), [[[A], [B], [C]]], **options))
        assert set(ids) == {A, B, C, EOS} and not any(count(ids, phrase) for phrase in forbidden)


@pytest.mark.parametrize(
    ("phrases", "rule", "max_length"),
    [
        ([[A], [B]], forbid([[[A, B], [B, A]]]), 3),
        ([[A, A]], forbid_repeats(1), 3),
        ([[A, A]], forbid_repeats(1), 12),  # after three words none is left
        ([[B, C], [B, C]], forbid_repeats(2), 5),
        ([[B, C], [B, C]], forbid_repeats(2), 12),
    ],
)
def test_a_phrase_wins_over_a_rule_that_leaves_no_other_way(letter_model, phrases, rule, max_length):
    model = letter_model(1)
    found = required_search(model.engine(), [phrases], max_lengths=[max_length], beam_size=4, rules=[rule])
    (ids,) = sequences(found)
    assert has_all(ids, phrases)
    assert float(found.log_probs[0, 0]) == pytest.approx(model.read(ids)[0], abs=1e-4)


def test_a_required_word_may_have_probability_zero(constant_model):
    found = required_search(constant_model({EOS: 0.5, A: 0.5}), [[[C, B]]], max_lengths=[6], beam_size=3)
    assert has_all(sequences(found)[0], [[C, B]]) and np.isfinite(found.log_probs[0, 0])


def test_nan_from_the_model_gives_no_hypothesis():
    engine = LetterEngine(lambda ids, state, memory: (np.full((len(ids), 7), np.float32(np.nan)), None, state))
    found = required_search(engine, [[[A, B]], []], max_lengths=[6, 6], beam_size=2, n_best=2)
    assert not found.lengths.any() and not found.ids.any()
