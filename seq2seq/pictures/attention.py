"""The attention of a translation as a map: which source pieces each target piece looked at."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from seq2seq.pictures.files import TITLE_SIZE, printable, save, wrapped

__all__ = ["attention_map"]

# Lengths are in inches, sizes of letters in points.
_MAP = 5.0  # the longer side of a map, as far as the cells allow
_CELLS = (0.24, 0.5)  # the smallest has room for a label of 8 points
_LABELS = (8.0, 11.0)
_BAR = (1.3, 2.5)  # length of the colour bar
_MOST_LABELS = 300  # on a side; of a longer line only every n-th piece has a label
_LONGEST_LABEL = 30  # characters; an unknown word may be as long as a line


def attention_map(translation: Any, path: str | os.PathLike) -> Path:
    """Draws the attention of one translation: source pieces on x, target pieces on y, larger weights darker.

    The picture grows with the sentence, so that each label stays readable. A dot is the space before a word.

    Args:
        translation: `Translation` from `Translator.search(..., alignments=True)`.
        path: of the picture; its ending (.png, .pdf, .svg) is the format.

    Returns:
        The path.

    Raises:
        ValueError: the translation has no alignment.
    """
    if translation.alignment is None or not translation.alignment.size:
        raise ValueError(
            "The translation has no alignment. Search with alignments=True and a model that has attention."
        )
    shown = [min(size, _MOST_LABELS) for size in translation.alignment.shape]
    cell = float(np.clip(_MAP / max(shown), *_CELLS))
    height, width = (cell * size for size in shown)
    # The map fills the figure; what lies around it makes the saved picture larger. So labels never shrink the map.
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    image = axes.imshow(translation.alignment, cmap="Blues", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    size = float(np.clip(30 * cell, *_LABELS))
    _label(axes.xaxis, "source", translation.source_pieces, size, rotation=90)
    _label(axes.yaxis, "translation", translation.target_pieces, size)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.grid(which="minor", color="0.9", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    title = wrapped(f"Attention: {translation.text}", max(width, _MAP) + 1)
    axes.set_title(title, fontsize=TITLE_SIZE, pad=10, parse_math=False)
    _add_bar(axes, image, width, height)
    return save(figure, path)


def _label(axis: Axis, name: str, pieces: Sequence[str], size: float, rotation: int = 0) -> None:
    """Names an axis and its pieces, and draws lines between them."""
    axis.set_label_text(name, fontsize=11)
    step = -(-len(pieces) // _MOST_LABELS)
    labels = [printable(_shortened(piece)).replace("▁", "·") for piece in pieces[::step]]
    # Without parse_math, a dollar in a label would start a formula.
    axis.set_ticks(range(0, len(pieces), step), labels, rotation=rotation, fontsize=size, parse_math=False)
    if step == 1:
        axis.set_ticks(np.arange(0.5, len(pieces) - 1), minor=True)


def _shortened(piece: str) -> str:
    return piece if len(piece) <= _LONGEST_LABEL else piece[: _LONGEST_LABEL - 1] + "…"


def _add_bar(axes: Axes, image: AxesImage, width: float, height: float) -> None:
    """The scale of the colours, at the right of a map of this size."""
    length = float(np.clip(height, *_BAR))
    bar = axes.figure.add_axes((1 + 0.25 / width, 1 - length / height, 0.15 / width, length / height))
    axes.figure.colorbar(image, cax=bar, label="attention weight", ticks=(0, 0.5, 1))
