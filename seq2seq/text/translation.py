"""The translation of a line, and the joining of the translations of its parts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seq2seq.text.segments import join_segments


@dataclass(frozen=True)
class Translation:
    """One translation of a line.

    A line translated in parts has the mean of their scores, the sum of their log-probabilities, and their pieces one
    after the other.
    """

    text: str
    score: float
    """Log-probability divided by the length penalty; translations are ranked by it."""
    log_prob: float
    """Natural logarithm of the model's probability of the target pieces, end included."""
    source_pieces: tuple[str, ...] = ()
    target_pieces: tuple[str, ...] = ()
    alignment: np.ndarray | None = None
    """Attention weights, float32 (target pieces, source pieces). None if they were not asked for, if the model gives
    none, and for a line translated in parts whose matrix would have more than 2**24 numbers."""


_LARGEST_ALIGNMENT = 1 << 24  # most numbers, 64 MB; a matrix grows with the square of its line's length


BLANK = Translation(text="", score=0.0, log_prob=0.0)


def join_translations(glues: Sequence[str], choices: Sequence[Sequence[Translation]]) -> Sequence[Translation]:
    """The translations of a line, best first, from those of its parts.

    The r-th translation joins the r-th of each part; a part with fewer gives its last.

    Args:
        glues: for each part the text between it and the part before it.
        choices: for each part its translations, best first, at least one.
    """
    if len(choices) == 1:
        return choices[0]
    return [
        _join(glues, [translations[min(rank, len(translations) - 1)] for translations in choices])
        for rank in range(max(map(len, choices)))
    ]


def _join(glues: Sequence[str], parts: Sequence[Translation]) -> Translation:
    return Translation(
        text=join_segments([part.text for part in parts], glues),
        score=sum(part.score for part in parts) / len(parts),
        log_prob=sum(part.log_prob for part in parts),
        source_pieces=tuple(piece for part in parts for piece in part.source_pieces),
        target_pieces=tuple(piece for part in parts for piece in part.target_pieces),
        alignment=_block_diagonal([part.alignment for part in parts]),
    )


def _block_diagonal(alignments: Sequence[np.ndarray | None]) -> np.ndarray | None:
    """The alignments of the parts along the diagonal of one matrix, 0 elsewhere; None if it would be too large."""
    if any(alignment is None for alignment in alignments):
        return None
    height, width = (sum(sizes) for sizes in zip(*(alignment.shape for alignment in alignments), strict=True))
    if height * width > _LARGEST_ALIGNMENT:
        return None
    whole = np.zeros((height, width), np.float32)
    row, column = 0, 0
    for alignment in alignments:
        height, width = alignment.shape
        whole[row : row + height, column : column + width] = alignment
        row, column = row + height, column + width
    return whole
