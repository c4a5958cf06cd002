"""Greedy search, which picks the most probable token, and the base class that it shares with sampling."""

from collections.abc import Sequence

import numpy as np

from seq2seq.search.hypotheses import LOG_ZERO, NEG_INF, length_penalty
from seq2seq.search.loop import Chosen, Rule
from seq2seq.search.proposals import Proposals

__all__ = ["Greedy", "Independent"]


class Independent:
    """Base of the choosers whose K rows of a sentence are independent of each other. Subclasses implement `pick`.

    Args:
        max_lengths: int (B,). Most tokens for each sentence, end token included; at least 1. A row that gets there
            ends there, and the probability of this end is counted.
        num_rows: K, at least 1. Rows of a sentence.
        length_penalty: alpha, at least 0. Turns `log_probs` into `scores`; the choice of tokens ignores it.
        min_length: at least 1. Fewest tokens, end token included; fewer where a row can only end.
    """

    num_best: int | None = None
    rules: Sequence[Rule] = ()

    def __init__(self, max_lengths: np.ndarray, *, num_rows: int = 1, length_penalty: float = 1.0, min_length: int = 1):
        self.max_lengths = np.asarray(max_lengths)
        self.num_rows = num_rows
        self.length_penalty = length_penalty
        self.min_length = min_length
        self._log_probs = np.zeros((len(self.max_lengths), num_rows), np.float32)
        self._lengths = np.zeros(self._log_probs.shape, np.int32)  # 0 for a row that has not ended
        self._rows = np.zeros(self._log_probs.shape, np.int32)

    def pick(
        self, length: int, sentences: np.ndarray, ends: np.ndarray, words: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Chooses for each row its end or a word.

        Args:
            length: tokens of a row that ends now.
            sentences: int (R,), those in the batch.
            ends: float32 (R, K), minus infinity where a row may not end.
            words: float32 (R, K, k), minus infinity where a row has to end.

        Returns:
            (bool (R, K), whether a row ends; int (R, K), the place of its word among the k).
        """
        raise NotImplementedError(f"{type(self).__name__} has no pick.")

    def choose(self, length: int, sentences: np.ndarray, proposals: Proposals) -> Chosen:
        shape = (len(sentences), self.num_rows)
        is_first = len(proposals.ends) < shape[0] * shape[1]  # one row stands for all rows of its sentence
        if is_first:
            proposals = Proposals(*(np.repeat(field, self.num_rows, axis=0) for field in proposals[:3]))
        words, ids = (field.reshape(*shape, -1) for field in (proposals.log_probs, proposals.ids))
        ends, words = self._possible(length, sentences, proposals.ends.reshape(shape), words)
        is_end, place = self.pick(length, sentences, ends, words)
        place = place[:, :, np.newaxis]
        picked = np.where(is_end, ends, np.take_along_axis(words, place, axis=2)[:, :, 0])
        before, lengths = self._log_probs[sentences], self._lengths[sentences]
        was_live = (lengths == 0) & (before > NEG_INF)
        after = np.where(was_live, np.fmax(before + picked, NEG_INF), before)  # NaN -> -inf
        is_live = was_live & (after > NEG_INF)
        self._log_probs[sentences] = after
        parents = np.zeros(shape, np.int32) if is_first else np.broadcast_to(np.arange(shape[1], dtype=np.int32), shape)
        self._lengths[sentences] = np.where(is_live & is_end, length, lengths)
        self._rows[sentences] = np.where(is_live & is_end, parents, self._rows[sentences])
        return Chosen(np.take_along_axis(ids, place, axis=2)[:, :, 0], parents, (is_live & ~is_end).any(axis=1))

    def ended(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        has_ended = self._lengths > 0
        log_probs = np.where(has_ended, self._log_probs, NEG_INF)
        scores = np.where(has_ended, log_probs / length_penalty(self._lengths, self.length_penalty), NEG_INF)
        return scores, log_probs, self._lengths, self._rows

    def _possible(
        self, length: int, sentences: np.ndarray, ends: np.ndarray, words: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Ends and words, with minus infinity where the lengths forbid them or the model gave NaN."""
        must_end = (length >= self.max_lengths[sentences])[:, np.newaxis]
        is_broken = np.isnan(ends)
        if length < self.min_length:
            ends = np.where((words.max(axis=2) > NEG_INF) & ~must_end, NEG_INF, ends)
        if must_end.any():
            ends = np.where(must_end, np.maximum(ends, LOG_ZERO), ends)
            words = np.where(must_end[:, :, np.newaxis], NEG_INF, words)
        if is_broken.any():
            ends = np.where(is_broken, NEG_INF, ends)
            words = np.where(is_broken[:, :, np.newaxis], NEG_INF, words)
        return ends, words


class Greedy(Independent):
    """Picks the most probable token of each row. The end wins over an equal word, then the smaller id."""

    num_best = 1

    def pick(
        self, length: int, sentences: np.ndarray, ends: np.ndarray, words: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        return ends >= words[:, :, 0], np.zeros(ends.shape, np.int64)
