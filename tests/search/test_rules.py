import itertools

import numpy as np
import pytest
from letters import LetterEngine, beam_search, count, forbid, greedy_search, ranked, sample_search, sequences

from seq2seq.search import Spelling, forbid_repeats, forbid_texts, force_prefixes

EOS, A, B, C = 3, 4, 5, 6
PIECES = Spelling([b"", b"", b"", b"", b"a", b"ba", b"ab"], start=b"b")  # of A, B and C
EVERYTHING = 121  # sequences of at most 5 tokens over three letters: 1 + 3 + 9 + 27 + 81


SEARCHES = [
    (beam_search, {"beam_size": 4, "n_best": 4}),
    (greedy_search, {}),
    (sample_search, {"num_samples": 20, "seed": 1}),
]


def repeats(ids, size):
    """Whether a sequence of so many words comes twice."""
    parts = [tuple(ids[start : start + size]) for start in range(len(ids) - size)]  # without the end
    return len(set(parts)) < len(parts)


RULES = {
    "prefix": (lambda: [force_prefixes([[B, A]])], lambda ids: ids[:2] == (B, A)),
    "prefix of one": (lambda: [force_prefixes([[C]])], lambda ids: ids[0] == C),
    "prefix up to the end": (lambda: [force_prefixes([[C, C, A, B]])], lambda ids: ids[:4] == (C, C, A, B)),
    "forbidden word": (lambda: [forbid([[[B]]])], lambda ids: B not in ids),
    "forbidden words": (lambda: [forbid([[[A], [C]]])], lambda ids: not {A, C} & set(ids)),
    "forbidden phrases": (
        lambda: [forbid([[[A, B], [A, C], [B, B, C]]])],
        lambda ids: not any(count(ids, phrase) for phrase in ((A, B), (A, C), (B, B, C))),
    ),
    "forbidden texts of other pieces": (
        lambda: [forbid_texts([[b"aba", b"bb"]], PIECES)],
        lambda ids: not any(text in PIECES.written(ids) for text in (b"aba", b"bb")),
    ),
    "forbidden repetition": (lambda: [forbid([[[A, A]]])], lambda ids: not count(ids, (A, A))),
    "no word twice": (lambda: [forbid_repeats(1)], lambda ids: not repeats(ids, 1)),
    "no two words twice": (lambda: [forbid_repeats(2)], lambda ids: not repeats(ids, 2)),
    "no three words twice": (lambda: [forbid_repeats(3)], lambda ids: not repeats(ids, 3)),
    "all of them": (
        lambda: [forbid_repeats(2), forbid([[[A, B]]]), force_prefixes([[A]])],
        lambda ids: not repeats(ids, 2) and not count(ids, (A, B)) and ids[0] == A,
    ),
}


@pytest.mark.parametrize("name", RULES)
def test_a_wide_beam_finds_the_best_of_all_sequences_that_a_rule_allows(letter_model, name):
    rules, is_allowed = RULES[name]
    for seed in range(3):
        model = letter_model(seed)
        truth = {ids: log_prob for ids, log_prob in model.every_sequence(5).items() if is_allowed(ids)}
        found = beam_search(model.engine(), max_lengths=[5], beam_size=EVERYTHING, n_best=EVERYTHING, rules=rules())
        expected = ranked(truth)
        assert sequences(found)[: len(expected)] == expected
        np.testing.assert_allclose(found.log_probs[0, : len(expected)], [truth[ids] for ids in expected], rtol=1e-5)
        assert not found.lengths[0, len(expected) :].any()


@pytest.mark.parametrize("name", RULES)
def test_every_search_obeys_and_its_scores_are_the_models_own(letter_model, name):
    rules, is_allowed = RULES[name]
    for (search, options), seed in itertools.product(SEARCHES, range(5)):
        model = letter_model(seed, spread=0.7)
        found = search(model.engine(), max_lengths=[6], rules=rules(), **options)
        assert found.lengths[0, 0]
        for rank, ids in enumerate(sequences(found)):
            if ids:
                assert is_allowed(ids)
                assert float(found.log_probs[0, rank]) == pytest.approx(model.read(ids)[0], abs=1e-4)


def test_each_sentence_has_its_own_phrases_and_a_batch_equals_one_by_one(letter_model):
    model = letter_model(seed=4, num_sentences=12, spread=0.8)
    shared = [[A, B], [C]]
    forbidden = [shared, [], [[B]], shared, [[A]], [[C, C]]] * 2
    prefixes = [[], [C, C], [A], [A, A], [], [B]] * 2
    max_lengths = [2, 4, 3, 6, 5, 4] * 2  # the short ones leave the batch early

    def rules(which):
        return [
            forbid_repeats(3),
            forbid([forbidden[sentence] for sentence in which]),
            force_prefixes([prefixes[sentence] for sentence in which]),
        ]

    options = {"beam_size": 3, "n_best": 3}
    batch = beam_search(model.engine(), max_lengths=max_lengths, rules=rules(range(12)), **options)
    for sentence, max_length in enumerate(max_lengths):
        alone = beam_search(model.engine([sentence]), max_lengths=[max_length], rules=rules([sentence]), **options)
        assert sequences(batch, sentence) == sequences(alone)
        np.testing.assert_array_equal(batch.scores[sentence], alone.scores[0])
        for ids in sequences(batch, sentence):
            assert not any(count(ids, phrase) for phrase in forbidden[sentence])
            assert list(ids[: len(prefixes[sentence])]) == (prefixes[sentence] if ids else [])


def test_rules_that_forbid_nothing_change_nothing(letter_model):
    model = letter_model(seed=5, num_sentences=4)
    options = {"max_lengths": [2, 5, 6, 3], "beam_size": 3, "n_best": 2}
    plain = beam_search(model.engine(), **options)
    rules = [forbid_repeats(9), forbid([[]] * 4), force_prefixes([[]] * 4)]
    for one, other in zip(plain, beam_search(model.engine(), rules=rules, **options), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_end_stays_allowed_when_rules_forbid_all_words(letter_model):
    everything = [forbid([[[A], [B], [C]]])]
    for search, options in SEARCHES:
        found = search(letter_model(0).engine(), max_lengths=[5], rules=everything, **options)
        assert sequences(found)[0] == (EOS,)
        for min_length in (4, 6):  # three letters and the end are the most
            found = search(
                letter_model(0).engine(),
                max_lengths=[8],
                min_length=min_length,
                rules=[forbid_repeats(1)],
                **options,
            )
            assert set(found.lengths[0].tolist()) == {4}
            assert all(set(ids) == {A, B, C, EOS} for ids in sequences(found))


def test_a_rule_that_allows_nothing_leaves_the_end(letter_model):
    found = beam_search(
        letter_model(0).engine(), max_lengths=[5], beam_size=2, rules=[lambda allowed, *_: allowed.fill(0)]
    )
    assert sequences(found) == [(EOS,)]
    assert float(found.log_probs[0, 0]) == pytest.approx(letter_model(0).read((EOS,))[0], abs=1e-5)


def test_a_hypothesis_without_a_word_does_not_end_below_the_minimum_while_others_go_on(constant_model):
    # After "a" nothing is allowed but the end; "b b" goes on.
    rules = [forbid([[[A, A], [A, B], [C], [B, A]]])]
    engine = constant_model({EOS: 0.1, A: 0.6, B: 0.3})
    found = beam_search(engine, max_lengths=[5], min_length=3, beam_size=3, n_best=3, rules=rules)
    assert set(sequences(found)) == {(B, B, EOS), (B, B, B, EOS), (B, B, B, B, EOS)}


def test_a_prefix_overrides_the_other_rules(letter_model):
    rules = [forbid_repeats(1), forbid([[[B]]]), force_prefixes([[B, B]])]
    found = beam_search(letter_model(0).engine(), max_lengths=[6], beam_size=3, n_best=3, rules=rules)
    assert all(ids[:2] == (B, B) and B not in ids[2:] for ids in sequences(found))


def test_a_prefix_that_the_model_thinks_impossible_is_kept(constant_model):
    engine = constant_model({EOS: 0.5, A: 0.5})
    found = beam_search(engine, max_lengths=[4], beam_size=2, rules=[force_prefixes([[C, A]])])
    assert sequences(found)[0][:2] == (C, A)
    assert np.isfinite(found.log_probs[0, 0]) and found.log_probs[0, 0] <= -1e9


def test_nan_from_the_model_gives_no_hypothesis():
    engine = LetterEngine(lambda ids, state, memory: (np.full((len(ids), 7), np.float32(np.nan)), None, state))
    for rules, _ in RULES.values():
        found = beam_search(engine, max_lengths=[6], beam_size=2, n_best=2, rules=rules())
        assert not found.lengths.any() and not found.ids.any()
