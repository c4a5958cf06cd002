"""How far a gradient reaches back in time: its norm over the steps, one line for each cell or layer."""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from seq2seq.pictures.files import TITLE_SIZE, printable, save, wrapped

__all__ = ["GradientCurve", "gradient_norms"]

_TOGETHER = 6  # lines that one panel shows with a legend; more get a panel each
_COLUMNS = 5
_PANEL = (2.1, 1.7)  # inches
_RANGE = (1e-16, 1e16)  # of norms; what lies beyond has vanished or exploded
_DISTANCE = "steps back from the last one"
_NORM = "norm of the gradient, relative to the last step"
_TEXT = 10  # points


class GradientCurve(NamedTuple):
    """One line.

    Attributes:
        label: of the legend or the panel.
        norms: float (steps,), the norm at 0, 1, 2, ... steps before the last one, relative to that at the last one.
        before: the same of the untrained layer, dashed; or None.
    """

    label: str
    norms: np.ndarray
    before: np.ndarray | None = None


def gradient_norms(curves: Sequence[GradientCurve], path: str | os.PathLike, title: str) -> Path:
    """Draws the norm of a gradient over its way back in time, on a log scale.

    Up to six lines share a panel. More get a panel each, in which the others are grey.

    Args:
        curves: at least one.
        path: of the picture; its ending (.png, .pdf, .svg) is the format.
        title: of the picture.

    Returns:
        The path.
    """
    together = len(curves) <= _TOGETHER
    figure = _one_panel(curves) if together else _panel_each(curves)
    width = figure.get_size_inches()[0]
    figure.suptitle(wrapped(title, width), fontsize=TITLE_SIZE, parse_math=False)
    return save(figure, path)


def _one_panel(curves: Sequence[GradientCurve]) -> Figure:
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for number, curve in enumerate(curves):
        _line(axes, curve, f"C{number}", label=printable(curve.label))
    if any(curve.before is not None for curve in curves):
        axes.plot([], [], color="0.4", linestyle="--", label="before training")
    axes.legend(frameon=False, fontsize=_TEXT, loc="upper left", bbox_to_anchor=(1, 1)).set_in_layout(True)
    for text in axes.get_legend().get_texts():
        text.set_parse_math(False)
    _scale(axes, curves)
    axes.set_xlabel(_DISTANCE, fontsize=_TEXT)
    axes.set_ylabel(_NORM, fontsize=_TEXT)
    return figure


def _panel_each(curves: Sequence[GradientCurve]) -> Figure:
    rows = math.ceil(len(curves) / _COLUMNS)
    size = (_COLUMNS * _PANEL[0], rows * _PANEL[1] + 0.8)
    figure = Figure(figsize=size, layout="constrained")
    panels = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True).ravel()
    for axes, curve in zip(panels, curves, strict=False):
        for other in curves:
            _line(axes, other._replace(before=None), "0.87", linewidth=0.8)
        _line(axes, curve, "C0", linewidth=2)
        axes.set_title(printable(curve.label), fontsize=_TEXT, loc="left", parse_math=False)
        _scale(axes, curves)
    for axes in panels[len(curves) :]:
        axes.set_axis_off()
    for axes in panels[len(curves) - _COLUMNS : len(curves)]:  # the lowest of each column
        axes.tick_params(labelbottom=True)
    figure.supxlabel(_DISTANCE, fontsize=_TEXT)
    figure.supylabel(_NORM, fontsize=_TEXT)
    return figure


def _line(axes: Axes, curve: GradientCurve, color: str, label: str | None = None, linewidth: float = 1.5) -> None:
    for norms, style in ((curve.before, "--"), (curve.norms, "-")):
        if norms is not None:
            shown = np.where(norms > 0, norms, np.nan)  # a gradient of zero has no place on a log scale
            axes.plot(shown, color=color, linestyle=style, linewidth=linewidth, label=label if style == "-" else None)


def _scale(axes: Axes, curves: Sequence[GradientCurve]) -> None:
    """Axes wide enough for all curves, and a line at 1, the norm at the last step."""
    all_norms = [norms for curve in curves for norms in (curve.norms, curve.before) if norms is not None]
    values = np.concatenate(all_norms)
    values = values[np.isfinite(values) & (values > 0)]
    low, high = np.clip((values.min(initial=1), values.max(initial=1)), *_RANGE)
    axes.set_yscale("log")
    axes.set_ylim(low / 2, high * 2)
    axes.yaxis.set_major_locator(LogLocator(numticks=7))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlim(0, max(1, max(map(len, all_norms)) - 1))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.axhline(1, color="0.6", linewidth=0.8, zorder=0)
    axes.grid(color="0.93")
    axes.tick_params(labelsize=9)
    axes.spines[["top", "right"]].set_visible(False)
