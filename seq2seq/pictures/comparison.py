"""Results of several candidates side by side: a panel for each test, a row for each candidate."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seq2seq.pictures.files import TITLE_SIZE, save, wrapped

__all__ = ["Panel", "comparison"]

_PANEL_WIDTH, _ROW_HEIGHT = 2.9, 0.21  # inches
_TEXT = 9  # points
_DONE, _OPEN = "C0", "0.6"  # colours


class Panel(NamedTuple):
    """One test.

    Attributes:
        heading: what was tested.
        values: name of a candidate -> its figure. A candidate without one has an empty row.
        goal_met: names of the candidates that met the goal. Their dots are blue.
        chance: figure without any skill, a dashed line, from which a line leads to each dot.
        limits: left and right end of the axis. A dot beyond them stands on the edge.
        label: what the figure is.
    """

    heading: str
    values: Mapping[str, float]
    goal_met: frozenset[str]
    chance: float
    limits: tuple[float, float]
    label: str


def comparison(names: Sequence[str], rows: Sequence[Sequence[Panel]], path: str | os.PathLike, *, title: str) -> Path:
    """Draws panels as small multiples. In each, a dot for each candidate stands at its figure.

    Args:
        names: the candidates, from top to bottom.
        rows: the panels, row by row, as many in each.
        path: of the picture; its ending (.png, .pdf, .svg) is the format.
        title: of the picture.

    Returns:
        The path.
    """
    num_columns = len(rows[0])
    width = _PANEL_WIDTH * num_columns + 1.2
    height = len(rows) * (_ROW_HEIGHT * len(names) + 0.75) + 0.5
    figure = Figure(figsize=(width, height), layout="constrained")
    figure.suptitle(wrapped(title, width), fontsize=TITLE_SIZE, parse_math=False)
    all_axes = figure.subplots(len(rows), num_columns, squeeze=False, sharey=True)
    for row_of_axes, panels in zip(all_axes, rows, strict=True):
        for axes, panel in zip(row_of_axes, panels, strict=True):
            _draw(axes, names, panel)
    return save(figure, path)


def _draw(axes: Axes, names: Sequence[str], panel: Panel) -> None:
    low, high = sorted(panel.limits)
    for place, name in enumerate(names):
        if name in panel.values:
            value = min(max(panel.values[name], low), high)
            colour = _DONE if name in panel.goal_met else _OPEN
            axes.plot([panel.chance, value], [place, place], color=colour, linewidth=1.2, zorder=2)
            axes.plot([value], [place], "o", color=colour, markersize=5, clip_on=False, zorder=3)
    axes.axvline(panel.chance, color="0.35", linestyle="--", linewidth=1, zorder=1)
    axes.set_title(panel.heading, loc="left", fontsize=_TEXT + 1)
    axes.set_xlim(*panel.limits)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel(panel.label, fontsize=_TEXT)
    axes.set_yticks(range(len(names)), names, fontsize=_TEXT, parse_math=False)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="x", color="0.92")
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=_TEXT - 1)
    axes.spines[["top", "right"]].set_visible(False)
