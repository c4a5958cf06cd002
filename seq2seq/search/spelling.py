"""The text that tokens stand for, and which tokens would complete a given text."""

import bisect
import functools
from collections.abc import Sequence

import numpy as np

__all__ = ["Spelling"]


class Spelling:
    """The text that each token of a vocabulary stands for.

    Args:
        texts: of each id, in UTF-8; a part of a character if the token is one byte; empty if it has no text.
        start: text before the first token.
    """

    def __init__(self, texts: Sequence[bytes], start: bytes = b""):
        self._texts, self._start = texts, start
        self._by_text = sorted((text, token) for token, text in enumerate(texts))
        self._beginning_with = functools.cache(self._find_beginning_with)
        self._containing = functools.cache(self._find_containing)

    def written(self, ids: Sequence[int]) -> bytes:
        """The text of a sequence of tokens."""
        return self._start + b"".join([self._texts[token] for token in ids])

    def completing(self, written: bytes, text: bytes) -> np.ndarray:
        """The tokens that complete `text`: it ends in them, or in the middle of them.

        Args:
            written: the text so far.
            text: not empty.

        Returns:
            int (n,). Ids; some may occur twice.
        """
        begun = [length for length in range(1, len(text)) if written.endswith(text[:length])]
        return np.concatenate([self._containing(text), *(self._beginning_with(text[length:]) for length in begun)])

    def _find_beginning_with(self, text: bytes) -> np.ndarray:
        tokens = []
        for other, token in self._by_text[bisect.bisect_left(self._by_text, (text,)) :]:
            if not other.startswith(text):
                break
            tokens.append(token)
        return np.array(tokens, int)

    def _find_containing(self, text: bytes) -> np.ndarray:
        return np.array([token for token, other in enumerate(self._texts) if text in other], int)
