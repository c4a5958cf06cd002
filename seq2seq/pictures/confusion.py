"""The confusion matrix of labels: which label was chosen where another one is right."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seq2seq.pictures.files import TITLE_SIZE, printable, save, wrapped

__all__ = ["confusion_matrix"]

# Lengths are in inches, sizes of letters in points.
_MAP = 5.0  # the side of a matrix, as far as the cells allow
_CELLS = (0.26, 0.7)
_LABELS = (7.0, 11.0)
_MOST = 40  # labels drawn: the most frequent ones
_LONGEST_LABEL = 24  # characters


def confusion_matrix(
    counts: np.ndarray, labels: Sequence[str], path: str | os.PathLike, *, title: str = "confusion of labels"
) -> Path:
    """Draws a confusion matrix: right labels downwards, chosen ones across.

    The shade of a cell is its share of the row; its number is a percentage, and 0 % is left blank. Of more than 40
    labels the most frequent ones are drawn.

    Args:
        counts: int (L, L). How often label j was chosen where label i is right.
        labels: the names of the L labels.
        path: of the picture; its ending (.png, .pdf, .svg) is the format.
        title: above the picture.

    Returns:
        The path.

    Raises:
        ValueError: the counts are not one for each pair of labels.
    """
    counts = np.asarray(counts)
    if counts.shape != (len(labels), len(labels)):
        raise ValueError(f"Got counts of shape {counts.shape} for {len(labels)} labels; expected one for each pair.")
    shown = _most_frequent(counts)
    totals = counts.sum(axis=1)[shown]
    percent = 100 * counts[np.ix_(shown, shown)] / np.maximum(totals, 1)[:, np.newaxis]
    side = float(np.clip(_MAP / max(len(shown), 1), *_CELLS)) * len(shown)
    figure = Figure(figsize=(side, side))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(percent, cmap="Blues", vmin=0, vmax=100, interpolation="nearest")
    _label(axes, [labels[i] for i in shown], totals, percent, size=float(np.clip(22 * side / len(shown), *_LABELS)))
    title = wrapped(f"{title}. Percent of each row", max(side, _MAP) + 1)
    axes.set_title(title, fontsize=TITLE_SIZE, pad=10, parse_math=False)
    return save(figure, path)


def _most_frequent(counts: np.ndarray) -> np.ndarray:
    """The labels to draw, in their order; one that is neither right nor chosen anywhere would have an empty cross."""
    totals = counts.sum(axis=1)
    occurring = np.flatnonzero(counts.sum(axis=0) + totals)
    return np.sort(occurring[np.argsort(-totals[occurring], kind="stable")[:_MOST]])


def _label(axes: Axes, labels: Sequence[str], totals: np.ndarray, percent: np.ndarray, size: float) -> None:
    """Names the labels on both sides, and writes each percentage into its cell."""
    for (row, column), value in np.ndenumerate(percent.round()):
        if value:
            colour = "white" if value > 55 else "black"
            axes.text(column, row, f"{value:.0f}", ha="center", va="center", color=colour, fontsize=size - 1)
    names = [printable(label)[:_LONGEST_LABEL] for label in labels]
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=size, parse_math=False)
    counted = [f"{name} ({count:,})" for name, count in zip(names, totals, strict=True)]
    axes.set_yticks(range(len(names)), counted, fontsize=size, parse_math=False)
    axes.set_xlabel("chosen", fontsize=11)
    axes.set_ylabel("right (how often)", fontsize=11)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0)
    axes.spines[:].set_color("0.8")
