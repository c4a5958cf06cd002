"""Which sentences make a batch: pairs of like length under a token budget, the same for every run of a
seed."""

import operator
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

# Pairs of equal longer side are sorted by which side is longer and by how much, give or take this many
# tokens (more than 0: chance must break ties). More mixes them better from epoch to epoch and pads the
# shorter side more: on Multi30k, 4096 tokens a batch, 1 / 3 / 10 tokens leave 38 / 22 / 15 % of a batch
# together in the next epoch, and 6.5 / 7.8 / 9.2 % of both sides are padding.
_SPREAD = 3.0


class Batch(NamedTuple):
    """Sentence pairs that are trained on together.

    Attributes:
        indices: int64 (B,). The pairs, by their number in the encoded corpus.
        source_length, target_length: what each side is padded to, in tokens, end of sentence included.
    """

    indices: np.ndarray
    source_length: int
    target_length: int


class BatchPlan:
    """The batches of every epoch, a pure function of lengths, seed and epoch number.

    Pairs are laid out by falling length of their longer side, and the row is cut into batches wherever the
    budget is full. Each epoch shuffles pairs of equal length among themselves, so the batches differ but
    the cuts do not: every epoch has the same number of batches and each pair exactly once. Batches come in
    random order.

    With `weights` a pair comes so many times an epoch: one of weight 2 twice; of those of one length and weight 0.3
    a random three tenths, others each epoch.

    Args:
        source_lengths, target_lengths: int (pairs,). Tokens, end of sentence included.
        batch_tokens: the budget; sentences x longer padded side of a batch never exceed it, unless one
            sentence does.
        seed: int. Another seed, other batches.
        length_multiple: sides are padded to a multiple of this many tokens. More makes fewer distinct
            shapes and more padding (1 / 2 / 4: 0.8 / 3.7 / 8.9 % of the longer side on Multi30k, in 80 /
            46 / 21 shapes).
        weights: float (pairs,), 0 or more: how often each pair comes in an epoch. None: once.
        curriculum: (difficulty, competence), or None. Difficulty: float (pairs,), more is harder. Competence: function
            of the updates made -> share of the pairs, which never falls and comes to 1.

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
        source_lengths,
        target_lengths,
        *,
        batch_tokens: int,
        seed: int,
        length_multiple: int = 2,
        weights=None,
        curriculum: tuple[np.ndarray, Callable[[int], float]] | None = None,
    ):
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
        chosen = self._chosen(np.random.default_rng(0))  # which ones does not matter, for their lengths
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
        """Of an epoch of all pairs."""
        return len(self._cuts) - 1

    @property
    def has_curriculum(self) -> bool:
        """Whether the first epochs are of some pairs only."""
        return self._competence is not None

    @property
    def smallest_batch(self) -> int:
        """Sentences of the smallest batch of such an epoch: at most so many workers can share the work."""
        return int(np.diff(self._cuts).min())

    def epoch(self, number: int) -> list[Batch]:
        """The batches of epoch `number`, counted from 0, in the order of training; of all pairs."""
        return self._epoch(number, share=1.0)

    def _epoch(self, number: int, share: float) -> list[Batch]:
        """The same, of the easiest share of pairs."""
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
        """Epoch, number in it and batch of each update, after `start` updates have been made; without end."""
        epoch = made = 0
        while True:
            share = min(1.0, self._competence(made)) if self.has_curriculum else 1.0
            if share == 1.0 and start - made >= self.batches_per_epoch:  # all epochs from here on are of one length
                epochs = (start - made) // self.batches_per_epoch
                epoch, made = epoch + epochs, made + epochs * self.batches_per_epoch
            batches = self._epoch(epoch, share)
            for number in range(max(0, start - made), len(batches)):
                yield epoch, number, batches[number]
            epoch, made = epoch + 1, made + len(batches)

    def worker(self, batch: Batch, worker: int, num_workers: int) -> np.ndarray:
        """The share of `batch` that worker number `worker`, from 0, trains on: every `num_workers`-th
        sentence.

        Raises:
            ValueError: there are fewer sentences than workers, so that one would have none.
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

    def _chosen(self, random: np.random.Generator):
        """The pairs of an epoch: int (n,), or a slice of all. There are always as many of each length."""
        if not self._strata:
            return self._repeated
        drawn = (random.choice(pairs, count, replace=False, shuffle=False) for pairs, count in self._strata)
        return np.concatenate([self._repeated, *drawn])

    def _shuffled(self, random: np.random.Generator, share: float) -> np.ndarray:
        """The pairs of an epoch, by falling longer side, pairs alike on both sides near each other, their order
        random."""
        chosen = self._chosen(random)
        if share < 1:
            ranks = self._rank[chosen]
            chosen = np.arange(len(self._longer))[chosen][ranks <= max(share, ranks.min())]
        longer = self._longer[chosen]
        difference = random.random(len(longer), np.float32)  # in place: these are as long as the corpus
        difference *= _SPREAD
        difference += self._source[chosen]
        difference -= self._target[chosen]
        # Up in one length, down in the next, so that a batch across two lengths is of one kind too.
        downwards = longer // self.length_multiple % 2 == 1
        np.negative(difference, out=difference, where=downwards)
        order = np.lexsort((difference, -longer))
        return order if isinstance(chosen, slice) else chosen[order]


def _shares(longer: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, list[tuple[np.ndarray, int]]]:
    """What weights (pairs,) come to: the pairs of every epoch, repeated; and for each length and fraction of a weight
    the pairs (n,) from which so many are drawn."""
    if weights.shape != longer.shape or not np.all((weights >= 0) & np.isfinite(weights)) or not weights.any():
        raise ValueError(f"Got weights of shape {weights.shape}; expected one a pair, 0 or more, and one above 0.")
    whole = np.floor(weights)
    fractions, strata = weights - whole, []
    for fraction in np.unique(fractions[fractions > 0]):
        due = 0.0  # carried from length to length, so that the sum is right to one pair
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
    """Where batches begin in a row of padded lengths (pairs,), longest first; and where the last one
    ends."""
    cuts = [0]
    while cuts[-1] < len(longer):
        cuts.append(cuts[-1] + max(1, batch_tokens // int(longer[cuts[-1]])))
    cuts[-1] = len(longer)
    if len(cuts) > 2 and cuts[-1] - cuts[-2] < (cuts[-2] - cuts[-3]) // 2:
        # A few short sentences are left over: share them and the batch before them out evenly.
        cuts[-2] = (cuts[-3] + cuts[-1] + 1) // 2
    return np.array(cuts)
