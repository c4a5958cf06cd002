"""Hypotheses of a search, read back as text."""

from collections.abc import Sequence

import numpy as np

from seq2seq.search import Hypotheses
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.text.translation import Translation

__all__ = ["read_hypotheses"]


def read_hypotheses(
    found: Hypotheses, sources: Sequence[Sequence[int]], source_tokenizer: Tokenizer, target_tokenizer: Tokenizer
) -> list[list[Translation]]:
    """The translations of each sentence, best first.

    Args:
        found: the hypotheses of a batch. Those of length 0 do not exist and are left out.
        sources: the ids of each sentence, end token included.
        source_tokenizer, target_tokenizer: the vocabularies.
    """
    source_pieces = [tuple(source_tokenizer.pieces(source)) for source in sources]
    kept = [(int(number), int(rank)) for number, rank in np.argwhere(found.lengths)]
    targets = [found.ids[number, rank, : found.lengths[number, rank]] for number, rank in kept]
    rows = [[] for _ in sources]
    for (number, rank), target, text in zip(kept, targets, target_tokenizer.decode(targets), strict=True):
        alignment = None
        if found.attention is not None:
            alignment = found.attention[number, rank, : len(target), : len(sources[number])].copy()
        rows[number].append(
            Translation(
                text=text,
                score=float(found.scores[number, rank]),
                log_prob=float(found.log_probs[number, rank]),
                source_pieces=source_pieces[number],
                target_pieces=tuple(target_tokenizer.pieces(target)),
                alignment=alignment,
            )
        )
    return rows
