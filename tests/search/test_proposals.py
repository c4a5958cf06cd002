import itertools

import numpy as np

from seq2seq.search import SpecialIds, best_words

SPECIAL_IDS = SpecialIds()


def sorted_words(row, num_best):
    """Words by falling log-probability, equal ones by id, found by sorting in Python."""
    words = [
        (-value, token) for token, value in enumerate(row.tolist()) if token not in SPECIAL_IDS and value > -np.inf
    ]
    return [token for _, token in sorted(words)][:num_best]


def test_the_best_words_are_those_of_a_sort_ties_included():
    for vocab_size, num_best, levels in itertools.product([5, 7, 64, 65, 1000, 8000], [1, 5, 70], [2, 50, None]):
        rng = np.random.default_rng(vocab_size + num_best)
        shape = 6, vocab_size
        log_probs = rng.normal(size=shape) if levels is None else -rng.integers(levels, size=shape)
        log_probs = np.where(rng.random(shape) < 0.1, -np.inf, log_probs).astype("float32")
        ends, best, ids, _ = best_words(log_probs, num_best, SPECIAL_IDS)
        np.testing.assert_array_equal(ends, log_probs[:, SPECIAL_IDS.eos])
        assert ids.shape == best.shape == (6, min(num_best, vocab_size)) and ids.max() < vocab_size
        for row, of_row, values in zip(log_probs, ids, best, strict=True):
            expected = sorted_words(row, num_best)
            assert of_row[: len(expected)].tolist() == expected
            np.testing.assert_array_equal(values[: len(expected)], row[expected])
            assert (values[len(expected) :] == -np.inf).all()


def test_all_words_come_in_the_order_of_their_ids():
    log_probs = np.log(np.full((2, 9), 1 / 9, "float32"))
    ends, words, ids, _ = best_words(log_probs, None, SPECIAL_IDS)
    np.testing.assert_array_equal(ids, [range(9)] * 2)
    np.testing.assert_array_equal(words[:, 4:], log_probs[:, 4:])
    assert (words[:, :4] == -np.inf).all() and (ends == log_probs[:, 3]).all()


def test_nan_is_no_word_and_does_not_affect_other_rows():
    log_probs = np.zeros((3, 200), "float32")
    log_probs[0], log_probs[1, 5] = np.nan, np.nan
    ends, best, ids, _ = best_words(log_probs, 3, SPECIAL_IDS)
    assert np.isnan(ends[0]) and (best[0] == -np.inf).all()
    assert ids[1:].tolist() == [[4, 6, 7], [4, 5, 6]] and not best[1:].any()


def test_the_arguments_are_not_changed():
    log_probs = np.zeros((1, 70), "float32")
    best_words(log_probs, 2, SPECIAL_IDS)
    assert not log_probs.any()
