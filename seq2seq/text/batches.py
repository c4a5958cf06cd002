"""Batches of sentence pairs of similar length under a token budget; the same seed gives the same batches."""

import operator
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

# Pairs whose longer sides are equal are sorted by the difference of their two lengths plus a random number of tokens
# below this one. It must be above 0, so that chance breaks ties. A larger number mixes pairs better from epoch to epoch
# and pads the shorter side more. On Multi30k with 4096 tokens a batch, 1 / 3 / 10 tokens leave 38 / 22 / 15 % of a
# batch together in the next epoch, and 6.5 / 7.8 / 9.2 % of both sides are padding.
_SPREAD = 3.0


class Batch(NamedTuple):
    """Sentence pairs that one update trains on.

    Attributes:
        indices: int64 (B,). Numbers of the pairs in the encoded corpus.
        source_length, target_length: padded length of each side, in tokens, end of sentence included.
    """

    indices: np.ndarray
    source_length: int
    target_length: int


class BatchPlan:
    """The batches of every epoch, a pure function of lengths, seed and epoch number.

    Pairs are sorted by the length of their longer side, longest first, and cut into batches wherever the budget is
    full. Each epoch shuffles pairs of equal length among themselves, so the batches differ but the cuts do not: every
    epoch has the same number of batches, and each pair exactly once. The batches of an epoch come in random order.

    `weights` say how often a pair comes in an epoch: a pair of weight 2 comes twice. Of all pairs of weight 0.3 and
    equal length, each epoch draws a fresh 30 %.

    Args:
        source_lengths, target_lengths: int (pairs,). Tokens, end of sentence included.
        batch_tokens: the budget, at least 1. Sentences x longer padded side of a batch is at most this; only a batch
            of one sentence may exceed it.
        seed: int. Another seed gives other batches.
        length_multiple: sides are padded to a multiple of this many tokens. A larger number makes fewer distinct
            shapes and more padding (1 / 2 / 4: 0.8 / 3.7 / 8.9 % of the longer side on Multi30k, in 80 / 46 / 21
            shapes).
        weights: float (pairs,), 0 or more. None: every pair comes once.
        curriculum: (difficulty, competence), or None. Difficulty: float (pairs,), more is harder. Competence: function
            from updates made to the share of pairs that training may draw from; it never falls, and reaches 1.

    Raises:
        ValueError: no pairs, lengths or weights that do not fit together, or a budget below 1.

    Example:
        >>> plan = BatchPlan([3, 5, 3], [4, 5, 4], batch_tokens=8, seed=1)
        >>> plan.batches_per_epoch
        2
        >>> sorted(batch.indices.tolist() for batch in plan.epoch(0))[-1]
        [1]
    """

    def __init__(
        self,
        source_lengths: ArrayLike,
        target_lengths: ArrayLike,
        *,
        batch_tokens: int,
        seed: int,
        length_multiple: int = 2,
        weights: ArrayLike | None = None,
        curriculum: tuple[ArrayLike, Callable[[int], float]] | None = None,
    ) -> None:
        self._source = np.asarray(source_lengths, np.int32)
        self._target = np.asarray(target_lengths, np.int32)
        if self._source.shape != self._target.shape or self._source.ndim != 1 or not self._source.size:
            raise ValueError(
                f"Got source lengths of shape {self._source.shape} and target lengths of shape "
                f"{self._target.shape}; expected one length a pair on both sides, and at least one pair."
            )
        if batch_tokens < 1 or length_multiple < 1:
            raise ValueError(f"batch_tokens={batch_tokens} and length_multiple={length_multiple} must be at least 1.")
        self.seed, self.length_multiple = operator.index(seed), length_multiple
        self._longer = self._padded(np.maximum(self._source, self._target))
        self._repeated, self._strata = slice(None), []
        if weights is not None:
            self._repeated, self._strata = _shares(self._longer, np.asarray(weights, np.float64))
        chosen = self._chosen(np.random.default_rng(0))  # any draw has the same lengths
        self._batch_tokens = batch_tokens
        self._cuts = _cuts(np.sort(self._longer[chosen])[::-1], batch_tokens)
        self._competence = None
        if curriculum is not None:
            difficulty, self._competence = curriculum
            if np.shape(difficulty) != self._longer.shape:
                raise ValueError(f"Got difficulties of shape {np.shape(difficulty)}; expected one a pair.")
            self._rank = np.empty(len(self._longer))  # (0, 1]: place among the pairs, the easiest first
            self._rank[np.argsort(difficulty, kind="stable")] = np.arange(1, len(self._rank) + 1) / len(self._rank)

    @property
    def batches_per_epoch(self) -> int:
        """Number of batches of an epoch of all pairs."""
        return len(self._cuts) - 1

    @property
    def has_curriculum(self) -> bool:
        """Whether the first epochs leave out the harder pairs."""
        return self._competence is not None

    def epoch(self, number: int) -> list[Batch]:
        """The batches of epoch `number`, counted from 0, of all pairs, in the order of training."""
        return self._epoch(number, share=1.0)

    def _epoch(self, number: int, share: float) -> list[Batch]:
        """The batches of an epoch of the easiest `share` of the pairs."""
        random = np.random.Generator(np.random.PCG64([self.seed % 2**64, number]))
        order, cuts = self._shuffled(random, share), self._cuts
        if share < 1:
            cuts = _cuts(self._longer[order], self._batch_tokens)
        sources = self._padded(np.maximum.reduceat(self._source[order], cuts[:-1]))
        targets = self._padded(np.maximum.reduceat(self._target[order], cuts[:-1]))
        rows = np.split(order, cuts[1:-1])
        batches = [Batch(*row) for row in zip(rows, sources.tolist(), targets.tolist(), strict=True)]
        return [batches[i] for i in np.argsort(random.random(len(batches)))]

    def batches(self, start: int = 0) -> Iterator[tuple[int, int, Batch]]:
        """Yields (epoch, number of the batch in it, batch) of each update after the first `start` ones, without end."""
        epoch = made = 0
        while True:
            share = min(1.0, self._competence(made)) if self.has_curriculum else 1.0
            if share == 1.0 and start - made >= self.batches_per_epoch:  # all later epochs have equally many batches
                epochs = (start - made) // self.batches_per_epoch
                epoch, made = epoch + epochs, made + epochs * self.batches_per_epoch
            batches = self._epoch(epoch, share)
            for number in range(max(0, start - made), len(batches)):
                yield epoch, number, batches[number]
            epoch, made = epoch + 1, made + len(batches)

    def worker(self, batch: Batch, worker: int, num_workers: int) -> np.ndarray:
        """The pairs of `batch` that worker number `worker`, counted from 0, trains on: every `num_workers`-th.

        Raises:
            ValueError: there are fewer sentences than workers, so one worker would have none.
        """
        if not 0 <= worker < num_workers:
            raise ValueError(f"There is no worker {worker} among {num_workers}; they are counted from 0.")
        if len(batch.indices) < num_workers:
            raise ValueError(
                f"A batch of {len(batch.indices)} sentences of up to {max(batch[1:])} tokens "
                f"cannot be shared by {num_workers} workers. Raise batch_tokens, or lower max_length."
            )
        return batch.indices[worker::num_workers]

    def _padded(self, lengths: np.ndarray) -> np.ndarray:
        return -(-lengths // self.length_multiple) * self.length_multiple

    def _chosen(self, random: np.random.Generator) -> np.ndarray | slice:
        """The pairs of an epoch: int (n,), or a slice of all. Every epoch has equally many of each length."""
        if not self._strata:
            return self._repeated
        drawn = (random.choice(pairs, count, replace=False, shuffle=False) for pairs, count in self._strata)
        return np.concatenate([self._repeated, *drawn])

    def _shuffled(self, random: np.random.Generator, share: float) -> np.ndarray:
        """The pairs of an epoch, longest first; pairs alike on both sides are neighbours, in random order."""
        chosen = self._chosen(random)
        if share < 1:
            ranks = self._rank[chosen]
            chosen = np.arange(len(self._longer))[chosen][ranks <= max(share, ranks.min())]
        longer = self._longer[chosen]
        difference = random.random(len(longer), np.float32)  # changed in place, because it is as long as the corpus
        difference *= _SPREAD
        difference += self._source[chosen]
        difference -= self._target[chosen]
        # Differences rise in one length and fall in the next, so pairs are alike also where a batch spans two lengths.
        downwards = longer // self.length_multiple % 2 == 1
        np.negative(difference, out=difference, where=downwards)
        order = np.lexsort((difference, -longer))
        return order if isinstance(chosen, slice) else chosen[order]


def _shares(longer: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, list[tuple[np.ndarray, int]]]:
    """What weights (pairs,) mean for an epoch.

    Returns:
        (the pairs that every epoch has, each as often as the whole part of its weight;
        for each length and fraction of a weight: its pairs (n,), and how many of them an epoch draws)
    """
    if weights.shape != longer.shape or not np.all((weights >= 0) & np.isfinite(weights)) or not weights.any():
        raise ValueError(f"Got weights of shape {weights.shape}; expected one a pair, 0 or more, and one above 0.")
    whole = np.floor(weights)
    fractions, strata = weights - whole, []
    for fraction in np.unique(fractions[fractions > 0]):
        due = 0.0  # carried from length to length, so that the total is right to one pair
        pairs = np.flatnonzero(fractions == fraction)
        pairs = pairs[np.argsort(longer[pairs], kind="stable")]
        for stratum in np.split(pairs, np.flatnonzero(np.diff(longer[pairs])) + 1):
            due += fraction * len(stratum)
            count = min(round(due), len(stratum))
            due -= count
            strata.append((stratum, count))
    repeated = np.repeat(np.arange(len(weights)), whole.astype(np.int64))
    if not len(repeated) and not any(count for _, count in strata):
        raise ValueError("These weights leave no pair for an epoch. Give larger ones.")
    return repeated, strata


def _cuts(longer: np.ndarray, batch_tokens: int) -> np.ndarray:
    """Where batches begin in a row of padded lengths (pairs,), longest first; last, where the last batch ends."""
    cuts = [0]
    while cuts[-1] < len(longer):
        cuts.append(cuts[-1] + max(1, batch_tokens // int(longer[cuts[-1]])))
    cuts[-1] = len(longer)
    if len(cuts) > 2 and cuts[-1] - cuts[-2] < (cuts[-2] - cuts[-3]) // 2:
        # A few short sentences are left over: divide them and the batch before evenly.
        cuts[-2] = (cuts[-3] + cuts[-1] + 1) // 2
    return np.array(cuts)
