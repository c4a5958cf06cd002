import numpy as np
import pytest
import tensorflow as tf

from seq2seq.search import SpecialIds, length_penalty
from seq2seq.search.hypotheses import LOG_ZERO, next_tokens

PROBABILITIES = np.array([0.1, 0.1, 0.1, 0.2, 0.1, 0.4], "float32")  # pad unk bos eos a b


def split(logits, num_tokens=2, may_end=True, must_end=False):
    end, tokens, ids = next_tokens(
        tf.constant([logits]),
        num_tokens,
        may_end=may_end,
        must_end=tf.constant([must_end]),
        special_ids=SpecialIds(),
    )
    return end.numpy()[0], tokens.numpy()[0], ids.numpy()[0].tolist()


def test_length_penalty_is_the_one_of_wu_and_others():
    # (5 + 7) / 6 = 2 and 2 ** 2 = 4; one token is the unit
    np.testing.assert_allclose(length_penalty([1, 7], 2.0), [1.0, 4.0])
    np.testing.assert_allclose(length_penalty([1, 7], 0.0), [1.0, 1.0])


def test_tokens_are_split_into_the_end_and_the_best_words():
    end, tokens, ids = split(np.log(PROBABILITIES) + 3.0)  # logits need not be normalised
    assert end == pytest.approx(np.log(0.2))
    assert ids == [5, 4]  # never pad, unk or bos
    np.testing.assert_allclose(tokens, np.log([0.4, 0.1]), rtol=1e-6)


def test_log_probs_are_the_models_own_though_special_ids_have_some_of_the_probability():
    end, tokens, _ = split(np.log(PROBABILITIES))
    assert np.exp(end) + np.exp(tokens).sum() == pytest.approx(0.7)  # the rest went to pad, unk and bos


def test_no_end_below_the_minimum_and_nothing_else_at_the_maximum():
    assert split(np.log(PROBABILITIES), may_end=False)[0] == -np.inf
    end, tokens, _ = split(np.log(PROBABILITIES), may_end=False, must_end=True)
    assert end == pytest.approx(np.log(0.2))
    assert (tokens == -np.inf).all()


def test_a_forced_end_without_probability_is_still_an_end():
    logits = np.log(PROBABILITIES)
    logits[3] = -np.inf
    assert split(logits)[0] == -np.inf
    assert split(logits, must_end=True)[0] == np.float32(LOG_ZERO)


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_row_that_is_no_distribution_proposes_nothing(broken):
    end, tokens, _ = split(np.array([0, 0, 0, 0, broken, 0], "float32"))
    assert end == -np.inf
    assert (tokens == -np.inf).all()


def test_equal_tokens_come_in_the_order_of_their_ids():
    assert split(np.zeros(6, "float32"))[2] == [4, 5]


def test_half_precision_logits_are_normalised_in_float32():
    logits = tf.cast(tf.constant([np.log(PROBABILITIES)]), tf.bfloat16)
    end, _, _ = next_tokens(logits, 1, may_end=True, must_end=tf.constant([False]), special_ids=SpecialIds())
    assert end.dtype == tf.float32
