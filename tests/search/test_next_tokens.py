import numpy as np
import pytest
import tensorflow as tf

from seq2seq.search import SpecialIds
from seq2seq.search.hypotheses import LOG_ZERO
from seq2seq.search.next_tokens import next_tokens

PROBABILITIES = np.array([0.1, 0.1, 0.1, 0.2, 0.1, 0.4], "float32")  # pad unk bos eos a b
OTHERS = np.array([0.1, 0.1, 0.1, 0.1, 0.35, 0.25], "float32")


def propose(logits, log_probs=(0.0, 0.0), may_end=True, must_end=False, special_ids=SpecialIds()):  # noqa: B008
    """What the hypotheses of one sentence propose: ends, tokens, ids, parents, each (K,)."""
    limits = {"may_end": may_end, "must_end": tf.constant([must_end]), "special_ids": special_ids}
    return [found.numpy()[0] for found in next_tokens(tf.constant(logits), tf.constant([log_probs]), **limits)]


def sorted_by_hand(logits, log_probs):
    """(log-probabilities, ids, hypotheses) of the K best words after K hypotheses, in float64."""
    logits = np.asarray(logits, "float64")
    scores = log_probs[:, np.newaxis] + logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    scores[:, list(SpecialIds())] = -np.inf
    best = np.argsort(-scores, axis=None, kind="stable")[: len(log_probs)]
    return scores.ravel()[best], best % scores.shape[1], best // scores.shape[1]


def test_the_end_of_each_hypothesis_and_the_best_words_of_all():
    ends, tokens, ids, parents = propose(np.log([PROBABILITIES, OTHERS]) + 3.0)  # logits need not be normalised
    np.testing.assert_allclose(ends, np.log([0.2, 0.1]), rtol=1e-6)
    np.testing.assert_allclose(tokens, np.log([0.4, 0.35]), rtol=1e-6)
    assert (ids.tolist(), parents.tolist()) == ([5, 4], [0, 1])  # never pad, unk or bos


def test_a_probable_hypothesis_may_be_continued_twice():
    ends, tokens, ids, parents = propose(np.log([PROBABILITIES, OTHERS]), log_probs=np.log([0.1, 0.9], dtype="float32"))
    np.testing.assert_allclose(ends, np.log([0.1 * 0.2, 0.9 * 0.1]), rtol=1e-6)
    np.testing.assert_allclose(tokens, np.log([0.9 * 0.35, 0.9 * 0.25]), rtol=1e-6)
    assert (ids.tolist(), parents.tolist()) == ([4, 5], [1, 1])


@pytest.mark.parametrize("vocab_size", [20, 640, 2563])  # part of a group, whole groups, and a part after them
def test_the_best_of_a_large_vocabulary_are_those_that_sorting_finds(vocab_size):
    logits = 3 * np.random.default_rng(vocab_size).standard_normal((5, vocab_size), "float32")
    log_probs = np.array([-1.0, -1.5, -2.0, -4.0, -np.inf], "float32")
    words, ids, parents = sorted_by_hand(logits, log_probs)

    of_any_size = tf.function(
        lambda *inputs: next_tokens(*inputs, may_end=True, must_end=tf.constant([False]), special_ids=SpecialIds()),
        input_signature=[tf.TensorSpec([None, None]), tf.TensorSpec([1, 5])],
    )
    for found in (propose(logits, log_probs), [part[0].numpy() for part in of_any_size(logits, [log_probs])]):
        np.testing.assert_allclose(found[1], words, rtol=1e-5)
        np.testing.assert_array_equal(found[2], ids)
        np.testing.assert_array_equal(found[3], parents)


def test_log_probs_are_the_models_own_though_special_ids_have_some_of_the_probability():
    ends, tokens, _, _ = propose(np.log([PROBABILITIES, PROBABILITIES]), log_probs=(0.0, -np.inf))
    assert np.exp(ends[0]) + np.exp(tokens).sum() == pytest.approx(0.7)  # the rest went to pad, unk and bos


def test_special_ids_do_not_hide_words_however_probable_they_are():
    logits = np.zeros((2, 64), "float32")
    logits[:, 3] = 200.0  # the end: the probability of words is too small for a float32
    logits[:, 40] = 1.0
    ends, tokens, ids, _ = propose(logits)
    np.testing.assert_allclose(ends, [0.0, 0.0])
    np.testing.assert_allclose(tokens, [-199.0, -199.0])
    assert ids.tolist() == [40, 40]


def test_no_end_below_the_minimum_and_nothing_else_at_the_maximum():
    logits = np.log([PROBABILITIES, OTHERS])
    assert (propose(logits, may_end=False)[0] == -np.inf).all()
    ends, tokens, _, _ = propose(logits, may_end=False, must_end=True)
    np.testing.assert_allclose(ends, np.log([0.2, 0.1]), rtol=1e-6)
    assert (tokens == -np.inf).all()


def test_a_forced_end_without_probability_is_still_an_end():
    logits = np.log([PROBABILITIES, OTHERS])
    logits[0, 3] = -np.inf
    assert propose(logits)[0][0] == -np.inf
    assert propose(logits, must_end=True)[0][0] == np.float32(LOG_ZERO)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_hypothesis_whose_logits_are_no_distribution_proposes_nothing(broken):
    logits = np.log([PROBABILITIES, OTHERS])
    logits[0, 4] = broken
    ends, tokens, ids, parents = propose(logits)
    assert ends[0] == -np.inf
    np.testing.assert_allclose(tokens, np.log([0.35, 0.25]), rtol=1e-6)  # those of the other
    assert (ids.tolist(), parents.tolist()) == ([4, 5], [1, 1])


def test_what_is_impossible_still_has_an_id_of_the_vocabulary():
    logits = np.log(np.tile(PROBABILITIES, (8, 1)))
    _, tokens, ids, _ = propose(logits, log_probs=np.array([0.0] + 7 * [-np.inf], "float32"))
    assert (tokens > -np.inf).sum() == 2  # words
    assert ids.max() < len(PROBABILITIES)


def test_equal_words_come_in_the_order_of_the_hypotheses_and_then_of_the_ids():
    logits = np.random.default_rng(0).integers(4, size=2563).astype("float32")  # most groups of 32 have a 3
    _, _, ids, parents = propose(np.tile(logits, (5, 1)), log_probs=(0.0,) * 5)
    largest = np.flatnonzero(logits == 3)
    assert (ids.tolist(), parents.tolist()) == (largest[largest > 3][:5].tolist(), [0] * 5)


def test_a_word_of_an_earlier_group_comes_before_its_equal_beside_a_better_one():
    logits = np.zeros((2, 64), "float32")
    logits[0, 40], logits[0, [10, 41]] = 2.0, 1.0
    assert propose(logits, log_probs=(0.0, -9.0))[2].tolist() == [40, 10]


def test_special_ids_may_stand_anywhere():
    special_ids = SpecialIds(pad=70, unk=40, bos=2, eos=99)
    logits = np.zeros((2, 100), "float32")
    logits[:, list(special_ids)] = 5.0, 5.0, 5.0, 4.0
    logits[:, [71, 41, 3]] = 3.0, 2.0, 1.0
    ends, tokens, ids, parents = propose(logits, log_probs=(0.0, -1.5), special_ids=special_ids)
    assert (ids.tolist(), parents.tolist()) == ([71, 41], [0, 0])
    np.testing.assert_allclose(ends - tokens[0], [4.0 - 3.0, 4.0 - 3.0 - 1.5], rtol=1e-5)


def test_half_precision_logits_are_normalised_in_float32():
    logits = tf.cast(np.log([PROBABILITIES]), tf.bfloat16)
    assert all(found.dtype == np.float32 for found in propose(logits, log_probs=(0.0,))[:2])
