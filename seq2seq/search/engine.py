"""The contract between a search and a model."""

from typing import Any, Protocol

import numpy as np

from seq2seq.search.hypotheses import SpecialIds
from seq2seq.search.proposals import Proposals

__all__ = ["Engine"]


class Engine(Protocol):
    """A model that reads sentences and then one token after the other.

    Memory and state are nests of arrays that only the engine interprets. Every call gets all that it depends on, so
    threads may share an engine.
    """

    special_ids: SpecialIds

    def encode(self, source_ids: np.ndarray, shortlist: np.ndarray | None = None) -> tuple[Any, Any]:
        """Reads sentences.

        Args:
            source_ids: int32 (B, S), right-padded.
            shortlist: int32 (v,). The target ids that the steps choose from, rising, special ids first; None for all.

        Returns:
            (memory of B sentences, state of B rows).
        """

    def step(
        self, ids: np.ndarray, rows: np.ndarray, state: Any, memory: Any, num_best: int | None
    ) -> tuple[Proposals | np.ndarray, np.ndarray | None, Any]:
        """Reads one token in each row.

        Args:
            ids: int32 (N,). The token; N is B or B * K, the K rows of a sentence adjacent.
            rows: int32 (N,). Which row of `state` each row continues.
            state: of any number of rows, from `encode` or the step before.
            memory: of B sentences.
            num_best: how many words of each row are wanted; None for the log-probabilities of all tokens.

        Returns:
            (`Proposals`, or float32 (N, V) for None; attention float32 (N, S) or None; state of N rows).
        """

    def keep(self, memory: Any, sentences: np.ndarray) -> Any:
        """The memory of some of its sentences, int (R,)."""
