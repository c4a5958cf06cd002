"""What a search returns, and how it scores hypotheses.

Dimension letters: B sentences, K beams, N = B * K rows, n returned hypotheses, T target positions,
S source positions, V vocabulary.
"""

from typing import NamedTuple

import tensorflow as tf

NOWHERE = float("-inf")  # the score of a hypothesis that does not exist
LOG_ZERO = -1e9  # an end that is forced although the model gives it no probability at all


class SpecialIds(NamedTuple):
    """The token ids that are not words, each in the vocabulary. Only `eos` is ever generated; it ends a hypothesis."""

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
