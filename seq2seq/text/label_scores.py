"""Scores of labels: accuracy, F1 of each label, and their mean (macro F1)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["LabelScores", "label_scores"]


class LabelScores(NamedTuple):
    """How well labels were chosen.

    Attributes:
        confusion: int64 (L, L). How often label j was chosen where label i is right.
        accuracy: share of the right choices, 0 to 1.
        f1: float64 (L,). F1 = 2 TP / (2 TP + FP + FN) of each label (van Rijsbergen, 1979); NaN for a label that is
            neither right nor chosen anywhere.
        macro_f1: mean of `f1` over the labels that have one, each label counting alike, 0 to 1.
    """

    confusion: np.ndarray
    accuracy: float
    f1: np.ndarray
    macro_f1: float


def label_scores(chosen: Sequence[int], right: Sequence[int], num_labels: int) -> LabelScores:
    """Compares chosen with right labels.

    Args:
        chosen, right: ids from 0 to num_labels - 1, as many of both, at least one.
        num_labels: int L.

    Raises:
        ValueError: different numbers of ids, or none.

    Example:
        >>> scores = label_scores([0, 0, 1, 1], [0, 1, 1, 1], 2)
        >>> scores.accuracy, scores.f1.round(2).tolist()  # label 0: 2 / 3; label 1: 4 / 5
        (0.75, [0.67, 0.8])
    """
    chosen, right = np.asarray(chosen, np.int64), np.asarray(right, np.int64)
    if chosen.shape != right.shape or not right.size:
        raise ValueError(f"Got {chosen.size} chosen and {right.size} right labels; expected as many of both.")
    confusion = np.bincount(right * num_labels + chosen, minlength=num_labels**2).reshape(num_labels, num_labels)
    hits, both = np.diag(confusion), confusion.sum(axis=0) + confusion.sum(axis=1)  # TP, 2 TP + FP + FN
    f1 = np.where(both > 0, 2 * hits / np.maximum(both, 1), np.nan)
    return LabelScores(confusion, float(hits.sum() / right.size), f1, float(np.nanmean(f1)))
