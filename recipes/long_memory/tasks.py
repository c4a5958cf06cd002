"""Sequences whose answer depends on what stood many steps before its end.

Every batch is new, so the error of an update is measured on sequences that the network has never seen.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["TASKS", "MemoryTask", "draw"]

Batch = dict[str, np.ndarray]
"""inputs: float32 (B, T, D). answers: float32 (B, 1), or int32 (B, A) with the classes of the last A steps."""

_DIGITS = 8  # symbols that are copied
_COPIED = 10
_BLANK, _GO = _DIGITS, _DIGITS + 1

_X, _Y, _START, _END = range(4)
_NUM_SYMBOLS = 8  # X, Y, start, end, and four distractors


class MemoryTask(NamedTuple):
    """A task, and how its results are to be read.

    Attributes:
        sequences: function (generator, number of sequences, length) -> batch.
        num_features: D of the inputs.
        num_classes: of an answer; 0 if it is a number.
        figure: what is measured: "squared error", the mean over a batch, or "accuracy", a share of the answers.
        chance: the figure without any memory.
        solved: the figure from which on the task counts as solved.
    """

    sequences: Callable[[np.random.Generator, int, int], Batch]
    num_features: int
    num_classes: int
    figure: str
    chance: float
    solved: float

    def is_solved(self, figure: float) -> bool:
        """Whether a figure is good enough."""
        return figure >= self.solved if self.num_classes else figure <= self.solved


def draw(task: str, num_rows: int, length: int, seed: int, update: int) -> Batch:
    """The batch of an update: the same seed and number give the same one.

    Args:
        task: name in `TASKS`.
        num_rows: number of sequences B.
        length: steps over which something has to be remembered, at least 20.
        seed: at least 0.
        update: at least 0.
    """
    return TASKS[task].sequences(np.random.default_rng((seed, update)), num_rows, length)


def _adding(rng: np.random.Generator, num_rows: int, length: int) -> Batch:
    """Numbers in 0..1, of which two are marked, one in each half. The answer is their sum."""
    half, rows = length // 2, np.arange(num_rows)
    numbers = rng.random((num_rows, length), np.float32)
    first = rng.integers(half, size=num_rows)
    second = rng.integers(half, length, size=num_rows)
    marks = np.zeros_like(numbers)
    marks[rows, first] = marks[rows, second] = 1
    total = numbers[rows, first] + numbers[rows, second]
    return {"inputs": np.stack([numbers, marks], axis=-1), "answers": total[:, np.newaxis]}


def _copying(rng: np.random.Generator, num_rows: int, length: int) -> Batch:
    """Ten symbols, then blanks. After `length` steps a signal asks for the symbols: the last ten steps answer."""
    ids = np.full((num_rows, length + 2 * _COPIED), _BLANK)
    ids[:, :_COPIED] = symbols = rng.integers(_DIGITS, size=(num_rows, _COPIED), dtype=np.int32)
    ids[:, -_COPIED - 1] = _GO
    return {"inputs": _one_hot(ids, _GO + 1), "answers": symbols}


def _temporal_order(rng: np.random.Generator, num_rows: int, length: int) -> Batch:
    """X or Y stands early, and again in the middle, among distractors. The answer is which two, in their order."""
    rows = np.arange(num_rows)
    ids = rng.integers(_END + 1, _NUM_SYMBOLS, size=(num_rows, length))
    ids[:, 0], ids[:, -1] = _START, _END
    first, second = rng.integers(2, size=(2, num_rows), dtype=np.int32)
    ids[rows, rng.integers(length // 10, length // 5 + 1, size=num_rows)] = first
    ids[rows, rng.integers(length // 2, 3 * length // 5 + 1, size=num_rows)] = second
    return {"inputs": _one_hot(ids, _NUM_SYMBOLS), "answers": (2 * first + second)[:, np.newaxis]}


def _one_hot(ids: np.ndarray, size: int) -> np.ndarray:
    return np.eye(size, dtype=np.float32)[ids]


TASKS = {
    "adding": MemoryTask(_adding, 2, 0, "squared error", chance=1 / 6, solved=0.01),
    "copying": MemoryTask(_copying, _GO + 1, _DIGITS, "accuracy", chance=1 / _DIGITS, solved=0.99),
    "temporal_order": MemoryTask(_temporal_order, _NUM_SYMBOLS, 4, "accuracy", chance=1 / 4, solved=0.99),
}
"""The adding problem and temporal order (Hochreiter & Schmidhuber, 1997, sections 5.4 and 5.6, task 6a), and copying
after a delay (Arjovsky et al., 2016). As in the latter paper, adding has numbers in 0..1. There the answer 1 has a
squared error of 1/6, the variance of the sum."""
