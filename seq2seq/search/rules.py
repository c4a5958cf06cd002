"""Rules: which tokens may come next in a translation. See `Rule`.

A rule never changes the score of a token, it only forbids tokens. Phrases are sequences of token ids.
"""

from collections.abc import Sequence

import numpy as np

from seq2seq.search.loop import Rule
from seq2seq.search.spelling import Spelling

__all__ = ["Phrase", "forbid_repeats", "forbid_texts", "force_prefixes"]

Phrase = Sequence[int]


def force_prefixes(prefixes: Sequence[Phrase]) -> Rule:
    """Each translation begins with given tokens. Put this rule last: it overrides those before it.

    Args:
        prefixes: of each sentence, its first tokens, fewer than its maximum length; may be empty.
    """
    forced = np.full((len(prefixes), max(map(len, prefixes), default=0) + 1), -1, np.int32)  # -1: any token
    for sentence, prefix in enumerate(prefixes):
        forced[sentence, : len(prefix)] = prefix

    def rule(allowed: np.ndarray, prefixes: np.ndarray, sentences: np.ndarray) -> None:
        tokens = forced[sentences, min(prefixes.shape[1], forced.shape[1] - 1)]
        rows = np.flatnonzero(tokens >= 0)
        allowed[rows] = False
        allowed[rows, tokens[rows]] = True

    return rule


def forbid_texts(texts: Sequence[Sequence[bytes]], spelling: Spelling) -> Rule:
    """No translation contains one of its forbidden texts, in whatever tokens it is written.

    A token that would complete a forbidden text is never picked. The end token stays allowed, so that no
    hypothesis becomes impossible.

    Args:
        texts: of each sentence, none of them empty, as `spelling` spells them.
        spelling: the text that tokens stand for.
    """

    def rule(allowed: np.ndarray, prefixes: np.ndarray, sentences: np.ndarray) -> None:
        for row, (prefix, sentence) in enumerate(zip(prefixes.tolist(), sentences, strict=True)):
            written = spelling.written(prefix) if texts[sentence] else b""
            for text in texts[sentence]:
                allowed[row, spelling.completing(written, text)] = False

    return rule


def forbid_repeats(size: int) -> Rule:
    """No sequence of `size` tokens occurs twice in a translation (Paulus et al., 2018).

    Args:
        size: at least 1; 1 for no token twice.
    """

    def rule(allowed: np.ndarray, prefixes: np.ndarray, sentences: np.ndarray) -> None:
        num_starts = prefixes.shape[1] - size + 1  # of the sequences in a prefix
        if num_starts < 1:
            return
        is_last = np.ones((len(prefixes), num_starts), bool)  # whether it begins with the last size - 1 tokens
        for offset in range(size - 1):
            is_last &= prefixes[:, offset : offset + num_starts] == prefixes[:, [num_starts + offset]]
        rows, starts = np.nonzero(is_last)
        allowed[rows, prefixes[rows, starts + size - 1]] = False

    return rule
