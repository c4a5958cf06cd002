"""Pictures: the attention of a translation, and the learning curves of a run. No other module imports matplotlib."""

import csv
import math
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["attention_map", "learning_curves"]

_DPI = 120
_LOSSES = ("valid_loss", "valid_smoothed_loss", "valid_perplexity")
_INCHES_PER_PIECE = 0.24  # room for a label of 8 points
_MOST_LABELS = 300  # on a side; of a longer line only every n-th piece has a label


def attention_map(translation: Any, path: str | os.PathLike) -> Path:
    """Draws the attention of one translation: source pieces on x, target pieces on y, larger weights darker.

    The picture grows with the sentence, so that each label stays readable. "▁" is the space before a word.

    Args:
        translation: `Translation` from `Translator.search(..., alignments=True)`.
        path: of the picture; its ending (.png, .pdf, .svg) is the format.

    Returns:
        The path.

    Raises:
        ValueError: the translation has no alignment.
    """
    if translation.alignment is None:
        raise ValueError(
            "The translation has no alignment. Search with alignments=True and a model that has attention."
        )
    num_targets, num_sources = translation.alignment.shape
    width, height = (_INCHES_PER_PIECE * min(size, _MOST_LABELS) for size in (num_sources, num_targets))
    figure = Figure(figsize=(1.6 + width, 1.4 + height), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(translation.alignment, cmap="Blues", vmin=0.0, vmax=1.0, aspect="auto", interpolation="nearest")
    for axis, pieces, rotation in (
        (axes.xaxis, translation.source_pieces, 90),
        (axes.yaxis, translation.target_pieces, 0),
    ):
        step = math.ceil(len(pieces) / _MOST_LABELS)
        # Without parse_math, a dollar in a label would start a formula.
        axis.set_ticks(range(0, len(pieces), step), pieces[::step], rotation=rotation, fontsize=8, parse_math=False)
        if step == 1:
            axis.set_ticks(np.arange(0.5, len(pieces) - 1), minor=True)  # lines between the pieces
    axes.xaxis.tick_top()
    axes.grid(which="minor", color="0.9", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    return _save(figure, path)


def learning_curves(run: str | os.PathLike, path: str | os.PathLike | None = None) -> Path:
    """Draws losses, validation scores and learning rate of a run over its updates; risk and gold probability, if any.

    Args:
        run: run folder with metrics.csv, or the table itself.
        path: of the picture; learning_curves.png beside the table by default.

    Returns:
        The path of the picture.

    Raises:
        FileNotFoundError: there is no table, because the run has not been validated yet.
        ValueError: the table has no rows, or not the columns to draw.
    """
    table = Path(run) / "metrics.csv" if Path(run).is_dir() else Path(run)
    if not table.is_file():
        raise FileNotFoundError(f"There is no {table}; a run writes it at its first validation.")
    columns = _read_columns(table)
    figure = Figure(figsize=(7, 8), layout="constrained")
    updates, scores = columns["update"], _scores(columns)
    panels = figure.subplots(3 if scores else 2, 1, sharex=True, height_ratios=(3, 3, 1.5) if scores else (3, 1.5))
    loss, *others, rate = panels

    for name, label, colour in (("train_loss", "training", "C0"), ("valid_loss", "validation", "C1")):
        loss.plot(updates, columns[name], ".-", label=label, color=colour, linewidth=1, markersize=4)
    _mark_best(loss, updates, columns["valid_loss"], columns["valid_loss"], "C1", "{:.3f}")
    loss.set_ylabel("loss (nats per target token)")
    loss.legend(frameon=False)
    for axes in others:
        _draw_scores(axes, columns, scores)
    rate.plot(updates, columns["learning_rate"], ".-", color="0.4", linewidth=1, markersize=4)
    rate.set_ylabel("learning rate")
    rate.set_ylim(bottom=0)
    rate.set_xlabel("updates")
    if "train_risk" in columns:
        _dashed(loss, updates, columns["train_risk"], "risk in training", "C4")
    if "gold_probability" in columns and columns["gold_probability"].min() < 1:
        _dashed(rate, updates, columns["gold_probability"], "gold probability", "C3").set_ylim(0, 1.05)
    for axes in panels:
        axes.grid(color="0.9")
        axes.spines[["top", "right"]].set_visible(False)
    return _save(figure, table.parent / "learning_curves.png" if path is None else path)


def _read_columns(table: Path) -> Mapping[str, np.ndarray]:
    try:
        with open(table, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{table} is not the table of a run: {error}.") from error
    if not rows:
        raise ValueError(f"{table} has no rows: the run has not been validated yet.")
    needed = ("update", "learning_rate", "train_loss", "valid_loss")
    missing = [name for name in needed if name not in rows[0]]
    if missing:
        raise ValueError(f"{table} has no column {', '.join(missing)}; its columns are {', '.join(rows[0])}.")
    drawn = [*needed, *(name for name in ("gold_probability", "train_risk") if name in rows[0]), *_scores(rows[0])]
    return {name: np.array([_number(table, line, row[name]) for line, row in enumerate(rows, 2)]) for name in drawn}


def _scores(columns: Iterable[str]) -> list[str]:
    """The names of the validation scores, the higher the better: all figures of validation but the losses."""
    return [name for name in columns if name.startswith("valid_") and name not in _LOSSES]


def _number(table: Path, line: int, text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        raise ValueError(f"{table}:{line} has {text[:40]!r} where a number should stand.") from None


def _draw_scores(axes: Axes, columns: Mapping[str, np.ndarray], names: Sequence[str]) -> None:
    """Draws the first score with its best value, others as thin lines, and the legend above the panel."""
    updates, (first, *others) = columns["update"], names
    score = columns[first]
    axes.plot(updates, score, ".-", label=_label(first), color="C2", linewidth=1, markersize=4)
    # Of equal scores the one with the lowest loss is the best, as in training.
    equal = score == np.nanmax(score, initial=0)
    _mark_best(axes, updates, score, np.where(equal, columns["valid_loss"], np.nan), "C2", "{:.2f}")
    for number, name in enumerate(others, start=5):
        axes.plot(updates, columns[name], ".-", label=_label(name), color=f"C{number}", linewidth=0.7, markersize=2)
    axes.set_ylabel("validation score")
    axes.margins(y=0.15)  # room for the number at the best BLEU, below the legend
    axes.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0)


def _label(column: str) -> str:
    name = column.removeprefix("valid_")
    return {"bleu": "BLEU", "chrf": "chrF"}.get(name, name.replace("_", " "))


def _dashed(axes: Axes, updates: np.ndarray, values: np.ndarray, name: str, colour: str) -> Axes:
    """A curve on a scale of its own, at the right."""
    other = axes.twinx()
    other.plot(updates, values, ".--", color=colour, linewidth=1, markersize=4)
    other.set_ylabel(f"{name} (dashed)")
    other.spines["top"].set_visible(False)
    return other


def _mark_best(
    axes: Axes, updates: np.ndarray, values: np.ndarray, losses: np.ndarray, colour: str, number: str
) -> None:
    """A circle and the value where the loss is the lowest; NaN leaves a row out."""
    if np.isnan(losses).all():
        return
    index = np.nanargmin(losses)
    axes.plot(updates[index], values[index], "o", color=colour, markersize=8, fillstyle="none")
    axes.annotate(
        number.format(values[index]),
        (updates[index], values[index]),
        xytext=(0, 9),
        textcoords="offset points",
        ha="center",
        fontsize=9,
        color=colour,
    )


def _save(figure: Figure, path: str | os.PathLike) -> Path:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        # matplotlib draws scripts that its font lacks as boxes, and would warn of each character.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(path, dpi=_DPI)
    return path
