"""An ensemble of models: the mean of their probabilities, token by token."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from seq2seq.search import Proposals, best_words
from seq2seq.translator.engine import TextEngine

__all__ = ["Ensemble"]


class Ensemble(TextEngine):
    """Runs several engines as one. Memory and state are tuples with one entry for each engine.

    The probability of a token is the mean of those that the models give it (Sutskever et al., 2014). Attention is the
    mean over the models that have attention.

    Args:
        engines: at least one, all with the same vocabularies.

    Raises:
        ValueError: their vocabularies differ.
    """

    def __init__(self, engines: Sequence[TextEngine]):
        self.engines = list(engines)
        first = self.engines[0]
        for other in self.engines[1:]:
            for side in ("source", "target"):
                if getattr(first, f"{side}_tokenizer") != getattr(other, f"{side}_tokenizer"):
                    raise ValueError(
                        f"{first.name} and {other.name} have different {side} vocabularies, so no ensemble can be made "
                        "of them. Train them with one vocabulary, or fine-tune them from the same parent."
                    )
        if len({engine.num_lengths for engine in self.engines}) > 1:
            raise ValueError(
                f"The models of an ensemble have to end in the same way, but {self._endings()}. Leave some out."
            )
        self.num_lengths = first.num_lengths
        self.special_ids = first.special_ids
        self.source_tokenizer, self.target_tokenizer = first.source_tokenizer, first.target_tokenizer
        self.max_source_length = min(engine.max_source_length for engine in self.engines)
        self.attends = any(engine.attends for engine in self.engines)
        self.precision = first.precision
        self.num_workers = first.num_workers
        self.name = " + ".join(engine.name for engine in self.engines)

    def _endings(self) -> str:
        """Which of the models predict lengths, in words."""
        each = (f"{one.name} predicts {one.num_lengths or 'no'} lengths" for one in self.engines)
        return ", ".join(each)

    def encode(self, source_ids: np.ndarray, shortlist: np.ndarray | None = None) -> tuple[Any, Any]:
        memories, states = zip(*(engine.encode(source_ids, shortlist) for engine in self.engines), strict=True)
        return memories, states

    def step(
        self, ids: np.ndarray, rows: np.ndarray, state: Any, memory: Any, num_best: int | None
    ) -> tuple[Proposals | np.ndarray, np.ndarray | None, Any]:
        log_probs, attentions, states = zip(
            *(
                engine.step(ids, rows, one_state, one_memory, None)
                for engine, one_state, one_memory in zip(self.engines, state, memory, strict=True)
            ),
            strict=True,
        )
        mean = np.logaddexp.reduce(np.stack(log_probs), axis=0) - np.float32(np.log(len(log_probs)))
        given = [attention for attention in attentions if attention is not None]
        attention = np.mean(given, axis=0) if given else None
        return mean if num_best is None else best_words(mean, num_best, self.special_ids), attention, states

    def keep(self, memory: Any, sentences: np.ndarray) -> Any:
        return tuple(engine.keep(one, sentences) for engine, one in zip(self.engines, memory, strict=True))
