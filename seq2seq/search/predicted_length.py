"""Search with models that predict the number of words first.

The first token of such a hypothesis is its length: the id NUM_SPECIAL + n stands for n words. The model then lets the
end come after exactly n words, so that beams of different lengths compete, and the log-probability of the length
counts. `plan_search` adapts rules and limits, and `without_lengths` takes the lengths out of the result.
"""

from collections.abc import Sequence

import numpy as np

from seq2seq.search.hypotheses import Hypotheses, SpecialIds
from seq2seq.search.loop import Rule

__all__ = ["after_length", "allow_lengths", "length_ids", "without_lengths"]

NUM_SPECIAL = len(SpecialIds())  # they are the first ids


def length_ids(num_lengths: int) -> np.ndarray:
    """The ids of the lengths 0 .. num_lengths - 1, int32 (num_lengths,)."""
    return np.arange(NUM_SPECIAL, NUM_SPECIAL + num_lengths, dtype=np.int32)


def after_length(rule: Rule) -> Rule:
    """The rule for the words after the length."""

    def shifted(allowed: np.ndarray, prefixes: np.ndarray, sentences: np.ndarray) -> None:
        if prefixes.shape[1]:
            rule(allowed, prefixes[:, 1:], sentences)

    return shifted


def allow_lengths(fewest: Sequence[int], most: Sequence[int]) -> Rule:
    """The length of each translation lies within limits.

    Args:
        fewest, most: of each sentence, words.
    """
    fewest, most = np.asarray(fewest), np.asarray(most)

    def rule(allowed: np.ndarray, prefixes: np.ndarray, sentences: np.ndarray) -> None:
        if prefixes.shape[1]:
            return
        lengths = np.arange(allowed.shape[1]) - NUM_SPECIAL
        allowed &= (lengths >= fewest[sentences, np.newaxis]) & (lengths <= most[sentences, np.newaxis])

    return rule


def without_lengths(found: Hypotheses) -> Hypotheses:
    """The hypotheses without their first tokens, the lengths. Scores stay: they are those of length and words."""
    return found._replace(
        ids=found.ids[:, :, 1:],
        lengths=np.maximum(found.lengths - 1, 0),
        attention=None if found.attention is None else found.attention[:, :, 1:],
    )
