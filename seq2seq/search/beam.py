"""Beam search: K live hypotheses of every sentence; the finished ones are kept apart."""

from collections.abc import Sequence

import numpy as np

from seq2seq.search.hypotheses import LOG_ZERO, NEG_INF, length_penalty
from seq2seq.search.loop import Chosen, Rule
from seq2seq.search.proposals import Proposals

__all__ = ["Beam", "largest"]


class Beam:
    """Picks the K best continuations of each sentence (Wu et al., 2016, section 7).

    At each position the K live hypotheses propose their end and their best continuations. An end among the K best
    proposals joins the finished hypotheses; the K best continuations live on, so that an end never costs a beam. A
    sentence is closed as soon as no live hypothesis could still enter its n best under the length penalty, even if all
    that follows cost nothing: this never changes the result.

    On equal scores the hypothesis that finished earlier wins, then the end, then the better beam, then the smaller id.
    A beam of one is greedy search.

    Args:
        max_lengths: int (B,). Most tokens for each sentence, end token included; at least 1. A hypothesis that gets
            there ends there, and the probability of this end is counted.
        beam_size: K, at least 1.
        n_best: 1 to `beam_size`. Hypotheses to return for each sentence.
        length_penalty: alpha, at least 0. See the function of this name.
        min_length: at least 1. Fewest tokens, end token included; fewer where no hypothesis can go on.
        early_stop: also close a sentence when K of its hypotheses have ended and no live one, at its present length,
            scores better than the n-th best of them: the usual compromise. (If only ended ones were counted, K
            improbable early ends could close a sentence.) False searches until the n best are certain.
    """

    rules: Sequence[Rule] = ()

    def __init__(
        self,
        max_lengths: np.ndarray,
        *,
        beam_size: int,
        n_best: int = 1,
        length_penalty: float = 1.0,
        min_length: int = 1,
        early_stop: bool = True,
    ):
        self.num_best = self.beam_size = beam_size
        self.n_best = n_best
        self.max_lengths = np.asarray(max_lengths)
        self.min_length = min_length
        self.length_penalty = length_penalty
        self.early_stop = early_stop
        shape = (len(self.max_lengths), beam_size)
        self._live = np.full(shape, NEG_INF)  # log-probabilities, best first; one empty hypothesis at the beginning
        self._live[:, 0] = 0
        self._scores, self._log_probs = np.full(shape, NEG_INF), np.full(shape, NEG_INF)
        self._lengths, self._rows = np.zeros(shape, np.int32), np.zeros(shape, np.int32)

    def choose(self, length: int, sentences: np.ndarray, proposals: Proposals) -> Chosen:
        if proposals.ids.shape[1] < self.beam_size:
            proposals = _padded(proposals, self.beam_size)
        num_rows = len(proposals.ends) // len(sentences)
        ends, words = self._totals(length, sentences, num_rows, proposals)  # (R, L), (R, L, k)
        places, rivals = self._best(sentences, words, proposals.ids)  # of L * k; of the ends
        sentence, num_words = np.arange(len(sentences))[:, np.newaxis], words.shape[2]
        log_probs = words.reshape(len(sentences), -1)[sentence, places]  # (R, K)
        ids = proposals.ids.reshape(len(sentences), -1)[sentence, places]
        self._finish(length, sentences, ends, rivals)
        is_open = self._is_open(length, sentences, log_probs[:, 0])
        self._live[sentences] = np.where(is_open[:, np.newaxis], log_probs, NEG_INF)
        return Chosen(ids, places // num_words, is_open)

    def ended(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        fields = self._scores, self._log_probs, self._lengths, self._rows
        return tuple(field[:, : self.n_best].copy() for field in fields)

    def _totals(
        self, length: int, sentences: np.ndarray, num_rows: int, proposals: Proposals
    ) -> tuple[np.ndarray, np.ndarray]:
        """Log-probabilities of hypotheses that end now and of those that go on; minus infinity where impossible."""
        ends = proposals.ends.reshape(-1, num_rows)
        words = proposals.log_probs.reshape(*ends.shape, -1)
        live = self._live[sentences, :num_rows]
        live = np.where(np.isnan(ends), NEG_INF, live)  # the logits of this row are no distribution
        must_end = (length >= self.max_lengths[sentences])[:, np.newaxis]
        if length < self.min_length:
            goes_on = (live + words[:, :, 0] > NEG_INF).any(axis=1, keepdims=True)
            ends = np.where(goes_on & ~must_end, NEG_INF, ends)
        if must_end.any():
            ends = np.where(must_end, np.maximum(ends, LOG_ZERO), ends)
            words = np.where(must_end[:, :, np.newaxis], NEG_INF, words)
        return np.fmax(live + ends, NEG_INF), np.fmax(live[:, :, np.newaxis] + words, NEG_INF)  # NaN -> -inf

    def _best(self, sentences: np.ndarray, words: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Picks the continuations that live on.

        Args:
            sentences: int (R,), those in the batch.
            words: float32 (R, L, k), log-probabilities of the continuations.
            ids: int32 (R * L, k), their last tokens.

        Returns:
            (int (R, K), the places of the K best among the L * k, best first; float32 (R, K), the log-probabilities
            of the continuations that an end has to beat, best first).
        """
        words = words.reshape(len(sentences), -1)
        places = largest(words, self.beam_size)
        return places, words[np.arange(len(sentences))[:, np.newaxis], places]

    def _finish(self, length: int, sentences: np.ndarray, ends: np.ndarray, rivals: np.ndarray) -> None:
        """Keeps the best K of the finished hypotheses and of the ends (R, L) that are among the K best proposals."""
        some = np.flatnonzero(((ends >= rivals[:, -1:]) & (ends > NEG_INF)).any(axis=1))  # sentences that may gain one
        if not len(some):
            return
        sentences, ends, row = sentences[some], ends[some], np.arange(len(some))[:, np.newaxis]
        admitted = np.zeros((len(some), ends.shape[1] + rivals.shape[1]), bool)
        admitted[row, largest(np.concatenate([ends, rivals[some]], axis=1), self.beam_size)] = True  # ends win ties
        ends = np.where(admitted[:, : ends.shape[1]], ends, NEG_INF)
        new = (
            ends / length_penalty(length, self.length_penalty),
            ends,
            np.where(ends > NEG_INF, np.int32(length), np.int32(0)),
            np.broadcast_to(np.arange(ends.shape[1], dtype=np.int32), ends.shape),
        )
        fields = self._scores, self._log_probs, self._lengths, self._rows
        both = [np.concatenate([field[sentences], now], axis=1) for field, now in zip(fields, new, strict=True)]
        best = largest(both[0], self.beam_size)  # on equal scores the one that finished earlier
        for field, values in zip(fields, both, strict=True):
            field[sentences] = values[row, best]

    def _is_open(self, length: int, sentences: np.ndarray, best_live: np.ndarray) -> np.ndarray:
        """bool (R,): whether a live hypothesis may still enter the n best."""
        n_th = self._scores[sentences, self.n_best - 1]
        is_open = best_live / length_penalty(self.max_lengths[sentences], self.length_penalty) > n_th
        if self.early_stop:
            is_promising = best_live / length_penalty(length, self.length_penalty) > n_th
            is_open &= is_promising | (self._scores[sentences, -1] == NEG_INF)
        return is_open


def largest(values: np.ndarray, count: int) -> np.ndarray:
    """The places of the largest values of each row, int (R, count), largest first, of equal ones the first."""
    return np.argsort(-values, axis=1, kind="stable")[:, :count]


def _padded(proposals: Proposals, num_words: int) -> Proposals:
    """Fills each row up to `num_words` with impossible words, where the vocabulary has fewer."""
    missing = [(0, 0), (0, num_words - proposals.ids.shape[1])]
    return proposals._replace(
        log_probs=np.pad(proposals.log_probs, missing, constant_values=NEG_INF), ids=np.pad(proposals.ids, missing)
    )
