"""Required phrases: which of them a hypothesis contains already, and which it has begun."""

import functools
from collections import Counter
from collections.abc import Sequence

__all__ = ["NO_WORD", "Phrases", "Progress"]

NO_WORD = -1
"""Stands for a token that is in no phrase."""

Progress = tuple[tuple[int, int], ...]
"""For each phrase: how many more times it must occur, and how many of its first tokens the hypothesis ends with."""


class Phrases:
    """The required phrases of one sentence (the string matching of Knuth, Morris and Pratt, 1977, for each phrase).

    A phrase is met when its tokens stand side by side in the hypothesis. Phrases may overlap: with "a b" and "b c"
    required, "a b c" meets both. A phrase given twice has to occur twice.

    Args:
        phrases: token ids of each phrase; at least one token each.
    """

    def __init__(self, phrases: Sequence[Sequence[int]]):
        times = Counter(tuple(phrase) for phrase in phrases)
        self.start: Progress = tuple((count, 0) for count in times.values())
        self.words = frozenset(token for phrase in times for token in phrase)
        self._borders = {phrase: _borders(phrase) for phrase in times}
        self._after = functools.cache(self._find_after)
        self.next_words = functools.cache(self._find_next_words)
        self.num_missing = functools.cache(self._count_missing)

    def after(self, progress: Progress, token: int) -> Progress:
        """The progress of a hypothesis that goes on with a token."""
        return self._after(progress, token if token in self.words else NO_WORD)

    def _find_after(self, progress: Progress, token: int) -> Progress:
        pairs = zip(self._borders.items(), progress, strict=True)
        return tuple(_step(phrase, borders, token, *of_phrase) for (phrase, borders), of_phrase in pairs)

    def _find_next_words(self, progress: Progress) -> tuple[int, ...]:
        """The next token of each phrase that is not met; of one that has begun, the token after those present."""
        pairs = zip(self._borders, progress, strict=True)
        return tuple(dict.fromkeys(phrase[matched] for phrase, (missing, matched) in pairs if missing))

    def _count_missing(self, progress: Progress) -> int:
        """Number of tokens that meet all phrases: those of the phrase furthest in progress, then the other phrases.

        Fewer may be enough where phrases overlap.
        """
        pairs = zip(self._borders, progress, strict=True)
        missing = sum(len(phrase) * count for phrase, (count, _) in pairs)
        return missing - max((matched for _, matched in progress), default=0)


def _step(phrase: Sequence[int], borders: Sequence[int], token: int, missing: int, matched: int) -> tuple[int, int]:
    """The progress of one phrase after a token."""
    if not missing:
        return 0, 0
    while matched and phrase[matched] != token:
        matched = borders[matched]
    matched += phrase[matched] == token
    if matched < len(phrase):
        return missing, matched
    return missing - 1, borders[matched] if missing > 1 else 0


def _borders(phrase: Sequence[int]) -> list[int]:
    """For each number of first tokens, how many of these are also their last ones, though not all: "abab" -> 2."""
    borders = [0, 0]
    for token in phrase[1:]:
        border = borders[-1]
        while border and phrase[border] != token:
            border = borders[border]
        borders.append(border + (phrase[border] == token))
    return borders
