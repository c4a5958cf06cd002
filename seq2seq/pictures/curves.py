"""The learning curves of a run: a panel for each figure, all over the updates."""

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from matplotlib.transforms import ScaledTranslation

from seq2seq.pictures.files import TITLE_SIZE, save, wrapped

__all__ = ["learning_curves"]

_WIDTH = 8.0  # inches
_MARK_ROW = 16  # points above the first panel, for the label of the mark
_TEXT = 10  # points
_LARGEST = 1e12  # beyond which no figure of a run lies; matplotlib fails far above
_LOSSES = ("valid_loss", "valid_smoothed_loss", "valid_perplexity")
_DOTS = {"marker": "o", "markersize": 4, "clip_on": False}  # of validations

Columns = Mapping[str, np.ndarray]


class _Curve(NamedTuple):
    label: str
    updates: np.ndarray
    values: np.ndarray
    style: Mapping[str, Any]


class _Panel(NamedTuple):
    """Curves on one scale."""

    heading: str
    height: float
    """In inches."""
    curves: Sequence[_Curve]
    may_be_log: bool = False


def learning_curves(run: str | os.PathLike, path: str | os.PathLike | None = None) -> Path:
    """Draws a run over its updates: losses, validation scores, learning rate; risk and gold probability, if any.

    The dashed line is the validation whose weights were kept. The run may still be going on. In a folder without
    training.csv, written by an earlier version, training figures come from metrics.csv.

    Args:
        run: run folder with metrics.csv, or the table itself.
        path: of the picture; learning_curves.png beside the table by default.

    Returns:
        The path of the picture.

    Raises:
        FileNotFoundError: there is no table, because the run has not been validated yet.
        ValueError: a table has no rows, or not the columns to draw.
    """
    table = Path(run) / "metrics.csv" if Path(run).is_dir() else Path(run)
    if not table.is_file():
        raise FileNotFoundError(f"There is no {table}; a run writes it at its first validation.")
    validation = _read(table, ("update", "learning_rate", "train_loss", "valid_loss"))
    rows = table.with_name("training.csv")
    has_rows = rows.is_file() and rows.read_bytes().count(b"\n") > 1
    training = _read(rows, ("update", "learning_rate", "train_loss")) if has_rows else validation
    panels = _panels(training, validation)

    heights = [panel.height for panel in panels]
    figure = Figure(figsize=(_WIDTH, sum(heights) + 1), layout="constrained")
    figure.suptitle(wrapped(table.resolve().parent.name, _WIDTH), fontsize=TITLE_SIZE, parse_math=False)
    all_axes = figure.subplots(len(panels), 1, sharex=True, height_ratios=heights)
    for number, (axes, panel) in enumerate(zip(all_axes, panels, strict=True)):
        _draw(axes, panel, lift=0 if number else _MARK_ROW)
    last = np.nanmax([*training["update"], *validation["update"], 1])
    all_axes[-1].set_xlim(-0.015 * last - 0.1, 1.015 * last + 0.1)
    all_axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    all_axes[-1].xaxis.set_major_formatter("{x:,.0f}")
    all_axes[-1].set_xlabel("updates", fontsize=_TEXT)
    _mark_kept(all_axes, validation)
    return save(figure, table.parent / "learning_curves.png" if path is None else path)


def _read(table: Path, needed: Sequence[str]) -> Columns:
    """The columns of a table that can be drawn; NaN where a cell is empty or infinite."""
    try:
        with open(table, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{table} is not the table of a run: {error}.") from error
    if not rows:
        raise ValueError(f"{table} has no rows: the run has only begun.")
    missing = [name for name in needed if name not in rows[0]]
    if missing:
        raise ValueError(f"{table} has no column {', '.join(missing)}; its columns are {', '.join(rows[0])}.")
    others = ("gold_probability", "replaced", "train_risk", "best")
    known = filter(None, rows[0])  # None stands for cells beyond the last column
    names = [*needed, *(name for name in known if name in others or name.startswith("valid_"))]
    return {name: np.array([_number(table, line, row[name]) for line, row in enumerate(rows, 2)]) for name in names}


def _number(table: Path, line: int, text: str | None) -> float:
    try:
        number = float(text or "nan")
    except ValueError:
        raise ValueError(f"{table}:{line} has {text[:40]!r} where a number should stand.") from None
    return number if abs(number) < _LARGEST else np.nan  # and NaN for NaN


def _panels(training: Columns, validation: Columns) -> list[_Panel]:
    """What is drawn, from top to bottom."""

    def trained(column: str, label: str = "", **style: Any) -> _Curve:
        return _Curve(label, training["update"], training[column], style)

    def validated(column: str, label: str = "", **style: Any) -> _Curve:
        return _Curve(label, validation["update"], validation[column], _DOTS | style)

    losses = (trained("train_loss", "training"), validated("valid_loss", "validation", color="C1"))
    unit = "label" if "valid_accuracy" in validation else "target token"
    panels = [_Panel(f"loss in nats per {unit}", 2.6, losses, may_be_log=True)]
    for column in _scores(validation):
        curve = validated(column, color="C2")
        panels.append(_Panel(f"validation {_name(column)}", 1.4, (curve,)))
    if "train_risk" in training:
        panels.append(_Panel("risk in training", 1.2, (trained("train_risk", color="C4"),)))
    panels.append(_Panel("learning rate", 1.0, (trained("learning_rate", color="0.4"),)))
    if (training.get("gold_probability", np.ones(1)) < 1).any():
        shares = [trained("gold_probability", "gold probability", color="C3")]
        shares += [trained("replaced", "share replaced", color="C9")] if "replaced" in training else []
        panels.append(_Panel("scheduled sampling", 1.2, shares))
    return panels


def _scores(validation: Columns) -> list[str]:
    """The validation scores: all figures of validation but the losses."""
    return [name for name in validation if name.startswith("valid_") and name not in _LOSSES]


def _name(column: str) -> str:
    name = column.removeprefix("valid_")
    names = {"bleu": "BLEU", "chrf": "chrF", "bits": "bits a token", "macro_f1": "macro F1"}
    return names.get(name, name.replace("_", " "))


def _draw(axes: Axes, panel: _Panel, lift: float) -> None:
    """Draws a panel. Its heading and legend are above it, where no curve is; `lift` points higher."""
    for curve in panel.curves:
        is_one = np.isfinite(curve.values).sum() == 1  # of which a line would show nothing
        style = {"linewidth": 1.2} | ({"marker": "."} if is_one else {}) | dict(curve.style)
        axes.plot(curve.updates, curve.values, label=curve.label, **style)
    remark = _scale(axes, panel)
    axes.set_title(panel.heading + remark, loc="left", fontsize=_TEXT, pad=5 + lift)
    if len(panel.curves) > 1:
        above = axes.transAxes + ScaledTranslation(0, lift / 72, axes.figure.dpi_scale_trans)
        place = {"loc": "lower right", "bbox_to_anchor": (1, 1), "bbox_transform": above, "borderaxespad": 0}
        axes.legend(ncols=len(panel.curves), frameon=False, fontsize=_TEXT, **place)
    axes.grid(color="0.9")
    axes.tick_params(labelsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def _scale(axes: Axes, panel: _Panel) -> str:
    """Chooses the scale of the values. Returns what the heading has to say about it.

    - A loss that ends below a third of where it began is on a log scale; above 0 its later part would look flat.
    - Values that differ, but by less than 15 % of the largest, would look flat above 0: only their range is drawn.
    - All others are drawn from 0.
    """
    curves = [curve.values[np.isfinite(curve.values)] for curve in panel.curves]
    curves = [values for values in curves if len(values)]
    low = min((values.min() for values in curves), default=0)
    high = max((values.max() for values in curves), default=0)
    if panel.may_be_log and low > 0 and any(values[0] > 3 * values[-1] for values in curves):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high > 10 * low else (1, 1.5, 2, 3, 4, 5, 7)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter("{x:g}")
        return " (log scale)"
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter("{x:g}")
    if 0.85 * high < low < high:
        return " (axis does not start at 0)"
    if low >= 0:
        axes.set_ylim(0, 1.08 * high or 1)
    return ""


def _mark_kept(all_axes: Sequence[Axes], validation: Columns) -> None:
    """A line through all panels at the validation whose weights were kept, with its figures above the first."""
    kept = np.flatnonzero(validation.get("best", np.zeros(1)))
    if not len(kept):  # the table of an earlier version
        return
    row = {name: values[kept[-1]] for name, values in validation.items()}
    figures = [f"loss {row['valid_loss']:.3f}", *(f"{_name(name)} {row[name]:.2f}" for name in _scores(validation)[:1])]
    for axes in all_axes:
        axes.axvline(row["update"], color="0.35", linestyle="--", linewidth=1, zorder=1.5)
    left, right = all_axes[0].get_xlim()
    position = (row["update"] - left) / (right - left)
    all_axes[0].annotate(
        f"weights kept: update {row['update']:,.0f}, {', '.join(figures)}",
        (row["update"], 1),
        xycoords=all_axes[0].get_xaxis_transform(),
        xytext=(0, 4),
        textcoords="offset points",
        ha="left" if position < 0.3 else "right" if position > 0.7 else "center",
        fontsize=9,
        color="0.35",
    )
