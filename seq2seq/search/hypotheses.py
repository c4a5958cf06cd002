"""What a search returns, and how it scores tokens and whole hypotheses.

Dimension letters: B sentences, K beams, N = B * K rows, n returned hypotheses, T target positions,
S source positions, V vocabulary.
"""

from typing import NamedTuple

import tensorflow as tf

from seq2seq.search.top_k import top_k

NOWHERE = float("-inf")  # the score of a hypothesis that does not exist
LOG_ZERO = -1e9  # an end that is forced although the model gives it no probability at all


class SpecialIds(NamedTuple):
    """The token ids that are not words. Only `eos` is ever generated; it ends a hypothesis."""

    pad: int = 0
    unk: int = 1
    bos: int = 2
    eos: int = 3


class Hypotheses(NamedTuple):
    """The n best hypotheses of each sentence, best first.

    Where fewer than n exist, the rest have length 0 and scores of minus infinity. A model whose logits
    are not finite has no hypotheses at all.
    """

    ids: tf.Tensor  # int32 (B, n, T). The end token is kept, then padding; no start token
    lengths: tf.Tensor  # int32 (B, n). Tokens, end token included
    scores: tf.Tensor  # float32 (B, n). log_probs divided by `length_penalty`
    log_probs: tf.Tensor  # float32 (B, n). Natural log of the model's probability, end token included
    attention: tf.Tensor | None  # float32 (B, n, T, S). Zero after the end; None if the model gives none


def length_penalty(lengths, alpha):
    """Divisor that keeps beam search from favouring short hypotheses (Wu et al., 2016, eq. 14).

    `((5 + length) / 6) ** alpha`: like `length ** alpha`, but gentler on the first few words, so that a
    one-word sentence is not judged by a single token.

    Args:
        lengths: int, any shape. Tokens in each hypothesis, end token included.
        alpha: float, at least 0. 0 turns the penalty off; 0.6 to 1 is usual.

    Returns:
        float32, shape of `lengths`; never below 1 for a non-empty hypothesis.
    """
    return tf.pow((5.0 + tf.cast(lengths, tf.float32)) / 6.0, alpha)


def next_tokens(logits, num_tokens, *, may_end, must_end, special_ids):
    """Splits what a hypothesis can do next into its end and its best continuations.

    Log-probabilities are normalised over the whole vocabulary, before any token is ruled out: they
    remain the model's own.

    Args:
        logits: float (N, V). Where V is not known when traced, it is at least num_tokens + 4.
        num_tokens: int. How many continuations to give for each row.
        may_end: bool scalar tensor. False below the minimum length.
        must_end: bool (N,). True at the maximum length: no continuation is possible. Overrules `may_end`.
        special_ids: `SpecialIds`.

    Returns:
        (end_log_probs (N,), token_log_probs (N, num_tokens) best first, token_ids (N, num_tokens) int32);
        what is impossible is minus infinity, and so is everything in a row that holds a NaN. Equal
        tokens come in the order of their ids.
    """
    logits = tf.cast(logits, tf.float32)
    # The best tokens of all, among which there are at most four that are not words: no pass over (N, V) to rule
    # those out. The first of them gives the normaliser, for log p = logit - log_total.
    values, token_ids = top_k(logits, at_most(num_tokens + len(special_ids), logits))
    probabilities = tf.gather(tf.nn.softmax(logits), token_ids[:, 0], batch_dims=1)
    log_total = values[:, 0] - tf.math.log(probabilities)  # (N, V) -> (N,)

    end = logits[:, special_ids.eos] - log_total
    end = tf.where(must_end, tf.maximum(end, LOG_ZERO), tf.where(may_end, end, NOWHERE))

    not_a_word = tf.reduce_any(token_ids[:, :, tf.newaxis] == tf.constant(special_ids), axis=-1)
    values, choice = tf.math.top_k(tf.where(not_a_word, NOWHERE, values), num_tokens)
    token_ids = tf.gather(token_ids, choice, batch_dims=1)
    tokens = tf.where(must_end[:, tf.newaxis], NOWHERE, values - log_total[:, tf.newaxis])
    return _nan_to_nowhere(end), _nan_to_nowhere(tokens), token_ids


def at_most(number, logits):
    """`number`, or the size V of the vocabulary if that is known to be smaller."""
    return number if logits.shape[-1] is None else min(number, logits.shape[-1])


def _nan_to_nowhere(scores):
    return tf.where(tf.math.is_nan(scores), NOWHERE, scores)
