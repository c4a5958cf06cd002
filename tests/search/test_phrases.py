import numpy as np
from letters import count

from seq2seq.search.phrases import NO_WORD, Phrases

A, B, C = 4, 5, 6


def progress_of(phrases, ids):
    progress = phrases.start
    for token in ids:
        progress = phrases.after(progress, token)
    return progress


def test_phrases_are_met_where_a_sequence_contains_them():
    for seed in range(200):
        rng = np.random.default_rng(seed)
        some = [tuple(rng.integers(A, C, rng.integers(1, 5)).tolist()) for _ in range(rng.integers(1, 4))]
        phrases, ids = Phrases(some), rng.integers(A, C + 1, 12).tolist()
        for length in range(len(ids) + 1):
            progress = progress_of(phrases, ids[:length])
            is_met = all(count(ids[:length], phrase) >= some.count(phrase) for phrase in some)
            assert (phrases.num_missing(progress) == 0) == is_met


def test_so_many_tokens_as_are_missing_always_suffice():
    """The invariant that leaves room for all phrases: one of the next words brings each hypothesis closer."""
    for seed in range(50):
        rng = np.random.default_rng(seed)
        some = [rng.integers(A, C, rng.integers(1, 5)).tolist() for _ in range(rng.integers(1, 4))]
        phrases = Phrases(some)
        progress = progress_of(phrases, rng.integers(A, C + 1, 6).tolist())
        while phrases.num_missing(progress):
            after = [phrases.after(progress, word) for word in phrases.next_words(progress)]
            closest = min(after, key=phrases.num_missing)
            assert phrases.num_missing(closest) < phrases.num_missing(progress)
            progress = closest


def test_an_unfinished_phrase_starts_again_and_keeps_what_still_fits():
    phrases = Phrases([[A, A, B]])
    assert phrases.num_missing(progress_of(phrases, [A])) == 2
    assert phrases.num_missing(progress_of(phrases, [A, C])) == 3
    assert phrases.num_missing(progress_of(phrases, [A, A, A])) == 1  # the last two of three
    assert phrases.num_missing(progress_of(phrases, [A, A, NO_WORD])) == 3


def test_the_next_words_are_one_of_each_phrase_that_is_not_met():
    phrases = Phrases([[A, B], [C], [A, C]])
    assert phrases.next_words(phrases.start) == (A, C)
    assert phrases.next_words(progress_of(phrases, [A])) == (B, C)
    assert phrases.next_words(progress_of(phrases, [A, B])) == (C, A)
    assert phrases.next_words(progress_of(phrases, [A, B, A, C])) == ()


def test_no_phrases_are_met_at_once():
    phrases = Phrases([])
    assert phrases.num_missing(progress_of(phrases, [A, B])) == 0 and phrases.next_words(()) == ()
