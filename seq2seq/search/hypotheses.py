"""The hypotheses that a search returns, and the length penalty of their scores.

Dimension letters: B sentences, R sentences still in the batch, K hypotheses of a sentence, N rows that an engine
steps, n returned hypotheses, T target positions, S source positions, V vocabulary.
"""

from typing import NamedTuple

import numpy as np

NEG_INF = np.float32("-inf")  # the log-probability of an impossible token or hypothesis
LOG_ZERO = np.float32(-1e9)  # the log-probability of a token that is forced although the model rules it out


class SpecialIds(NamedTuple):
    """The token ids that are not words. Only `eos` is ever generated; it ends a hypothesis."""

    pad: int = 0
    unk: int = 1
    bos: int = 2
    eos: int = 3


class Hypotheses(NamedTuple):
    """The n best hypotheses of each sentence, best first.

    Where fewer than n exist, the rest have length 0 and scores of minus infinity. A model whose log-probabilities are
    not finite has no hypotheses at all.
    """

    ids: np.ndarray  # int32 (B, n, T). The end token is kept, then padding; no start token
    lengths: np.ndarray  # int32 (B, n). Tokens, end token included
    scores: np.ndarray  # float32 (B, n). log_probs divided by `length_penalty`
    log_probs: np.ndarray  # float32 (B, n). Natural log of the model's probability, end token included
    attention: np.ndarray | None  # float32 (B, n, T, S). Zero after the end; None if the model gives none


def length_penalty(lengths: np.ndarray | int, alpha: float) -> np.ndarray:
    """Divisor that keeps beam search from favouring short hypotheses (Wu et al., 2016, eq. 14).

    `((5 + length) / 6) ** alpha`: like `length ** alpha`, but gentler on the first few words, so that a
    one-word sentence is not judged by a single token.

    Args:
        lengths: int, any shape. Tokens in each hypothesis, end token included.
        alpha: float, at least 0. 0 turns the penalty off; 0.6 to 1 is usual.

    Returns:
        float32, shape of `lengths`; never below 1 for a non-empty hypothesis.
    """
    return np.power((np.float32(5) + np.asarray(lengths, np.float32)) / np.float32(6), np.float32(alpha))
