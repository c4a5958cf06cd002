"""What tokens write, to tell which of them would complete a text."""

import bisect
import functools
from collections.abc import Sequence

import numpy as np

__all__ = ["Spelling"]


class Spelling:
    """What each token of a vocabulary writes.

    Args:
        texts: of each id, in UTF-8, or a part of a character where a token is one byte; empty if it writes nothing.
        start: what stands before the first token.
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
        """The tokens after which `text` would stand in what has been written, although it does not end before them.

        Args:
            written: the text so far.
            text: not empty.

        Returns:
            int (n,). Ids, some perhaps twice.
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
