"""Sampling: sequences drawn from the model's own distribution."""

from collections.abc import Sequence

import numpy as np

from seq2seq.search.greedy import Independent

__all__ = ["Sampling"]


class Sampling(Independent):
    """Draws sequences of every sentence, token by token (ancestral sampling). A sequence may be drawn twice.

    Their log-probabilities are the model's own, whatever the temperature, top_k and top_p.

    Args:
        max_lengths: int (B,). Most tokens for each sentence, end token included; at least 1.
        num_samples: K, at least 1. Sequences of a sentence, in the order of the draws.
        seed: int, or several. The draws for a sentence depend on it and on the sentence's place, not on the other
            sentences of the batch.
        places: int (B,). The place of each sentence in the text that the batch is part of; None for 0, 1, ...
        temperature: above 0. Log-probabilities are divided by it: below 1, probable tokens become more probable.
        top_k: draw among the k most probable tokens only (Fan et al., 2018); 0 for all.
        top_p: draw among the fewest most probable tokens whose probabilities add up to this (Holtzman et al., 2020);
            1 for all.
        options: `length_penalty` and `min_length`, as for `Greedy`.
    """

    def __init__(
        self,
        max_lengths: np.ndarray,
        *,
        num_samples: int,
        seed: int | Sequence[int],
        places: Sequence[int] | None = None,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        **options: float,
    ):
        super().__init__(max_lengths, num_rows=num_samples, **options)
        self.temperature = temperature
        self.top_k = top_k
        self.top_p = top_p
        places = range(len(self.max_lengths)) if places is None else places
        seeds = [np.random.SeedSequence(seed, spawn_key=(int(place),)) for place in places]
        self._generators = [np.random.default_rng(one) for one in seeds]

    def pick(
        self, length: int, sentences: np.ndarray, ends: np.ndarray, words: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        both = np.concatenate([ends[:, :, np.newaxis], words], axis=2).astype(np.float64)  # (R, K, 1 + V)
        weights = self._weights(np.fmax(both, -np.inf))  # NaN -> -inf
        uniform = np.stack([self._generators[sentence].random(self.num_rows) for sentence in sentences])
        cumulated = np.cumsum(weights, axis=2)
        target = uniform[:, :, np.newaxis] * cumulated[:, :, -1:]
        place = np.minimum(np.count_nonzero(cumulated <= target, axis=2), both.shape[2] - 1)
        return place == 0, np.maximum(place - 1, 0)

    def _weights(self, log_probs: np.ndarray) -> np.ndarray:
        """Unnormalised probabilities to draw with, (R, K, 1 + V); zero for what top_k and top_p leave out."""
        log_probs = log_probs / self.temperature
        weights = np.exp(log_probs - np.maximum(log_probs.max(axis=2, keepdims=True), np.finfo(np.float64).min))
        if not (0 < self.top_k < weights.shape[2] or self.top_p < 1):
            return weights
        order = np.argsort(-weights, axis=2, kind="stable")
        ranked = np.take_along_axis(weights, order, axis=2)
        before = np.cumsum(ranked, axis=2) - ranked  # the weight of more probable tokens
        kept = before < self.top_p * ranked.sum(axis=2, keepdims=True)
        kept &= np.arange(weights.shape[2]) < (self.top_k or weights.shape[2])
        np.put_along_axis(weights, order, np.where(kept, ranked, 0.0), axis=2)
        return weights
