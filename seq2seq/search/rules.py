"""Rules: what may not come next in a translation, or has to. See `Rule`.

A rule never changes the score of a token: it only strikes tokens out. Phrases are sequences of token ids.
"""

from collections.abc import Sequence

import numpy as np

from seq2seq.search.loop import Rule

__all__ = ["Phrase", "forbid_phrases", "force_prefixes", "forbid_repeats"]

Phrase = Sequence[int]


def force_prefixes(prefixes: Sequence[Phrase]) -> Rule:
    """Each translation begins with given tokens. Put this rule last: it overrides those before it.

    Args:
        prefixes: of each sentence, its first words, fewer than its most tokens; may be empty.
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


def forbid_phrases(phrases: Sequence[Sequence[Phrase]]) -> Rule:
    """No translation contains one of its forbidden phrases, whose tokens stand side by side.

    A phrase of one token is never picked; of a longer one, the last token is not picked after the others. The end
    remains, so that no hypothesis becomes impossible.

    Args:
        phrases: of each sentence. A phrase that the tokenizer can spell in several ways is given once for each.
            The end is in none.
    """
    tables = {id(some): _last_tokens(some) for some in phrases}  # sentences often share one list
    of_sentence = [tables[id(some)] for some in phrases]

    def rule(allowed: np.ndarray, prefixes: np.ndarray, sentences: np.ndarray) -> None:
        for row, (prefix, sentence) in enumerate(zip(prefixes.tolist(), sentences, strict=True)):
            for length, last_tokens in of_sentence[sentence].items():
                context = tuple(prefix[len(prefix) - length :])
                if context in last_tokens:
                    allowed[row, last_tokens[context]] = False

    return rule


def forbid_repeats(size: int) -> Rule:
    """No sequence of `size` tokens comes twice in a translation (Paulus et al., 2018).

    Args:
        size: at least 1; 1 for no token twice.
    """

    def rule(allowed: np.ndarray, prefixes: np.ndarray, sentences: np.ndarray) -> None:
        num_starts = prefixes.shape[1] - size + 1  # of the sequences that stand in a prefix
        if num_starts < 1:
            return
        is_last = np.ones((len(prefixes), num_starts), bool)  # whether it begins with the last size - 1 tokens
        for offset in range(size - 1):
            is_last &= prefixes[:, offset : offset + num_starts] == prefixes[:, [num_starts + offset]]
        rows, starts = np.nonzero(is_last)
        allowed[rows, prefixes[rows, starts + size - 1]] = False

    return rule


def _last_tokens(phrases: Sequence[Phrase]) -> dict[int, dict[Phrase, np.ndarray]]:
    """By the number of tokens before the last, and by these tokens: the last tokens of phrases."""
    table: dict[int, dict[Phrase, list[int]]] = {}
    for *context, last in phrases:
        table.setdefault(len(context), {}).setdefault(tuple(context), []).append(last)
    return {length: {context: np.array(ids) for context, ids in some.items()} for length, some in table.items()}
