"""The results of the laboratory: a line of JSON for each training, a table and a picture of all."""

import dataclasses
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from long_memory.tasks import TASKS

__all__ = ["Row", "Trial", "append", "draw", "in_words", "read", "table"]

Row = dict[str, Any]
"""The fields of a `Trial`, and what `learning.learn` adds."""


@dataclasses.dataclass(frozen=True)
class Trial:
    """What is trained, and for how long.

    Attributes:
        cell: name in `CELLS`.
        task: name in `TASKS`.
        length: steps over which something has to be remembered.
        units: of the cell.
        seed: of weights and sequences.
        seconds: processor time of the training at most, building and tracing included.
        learning_rate: of Adam.
    """

    cell: str
    task: str
    length: int
    units: int
    seed: int
    seconds: float
    learning_rate: float


def read(path: Path) -> dict[Trial, Row]:
    """The rows of a file, by what was trained; no rows without a file.

    Raises:
        ValueError: a line is no result.
    """
    rows = {}
    names = [field.name for field in dataclasses.fields(Trial)]
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            rows[Trial(**{name: row[name] for name in names})] = row
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}:{number} is no result of a training. Remove the line.") from error
    return rows


def append(path: Path, row: Row) -> None:
    """Adds a row to a file."""
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def in_words(row: Row) -> str:
    """A result for a line of text, such as "accuracy 0.994, solved after 95 updates"."""
    end = f"{'solved after' if row['solved'] else 'after'} {row['updates']:,} updates, {row['used']:.0f} s"
    return f"{TASKS[row['task']].figure} {_figure(row)}, {end}"


def table(rows: Iterable[Row]) -> str:
    """The results in Markdown: a row for each cell, a column for each task and length."""
    rows = list(rows)
    cells = list(dict.fromkeys(row["cell"] for row in rows))
    columns = list(dict.fromkeys((row["task"], row["length"]) for row in rows))
    found = {(row["cell"], row["task"], row["length"]): row for row in rows}
    lines = [
        ["cell", *(f"{_name(task)} {length:,}" for task, length in columns)],
        ["---", *("---:" for _ in columns)],
        ["without memory", *(f"{TASKS[task].chance:.3f}" for task, _ in columns)],
        *([cell, *(_entry(found.get((cell, *column))) for column in columns)] for cell in cells),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def draw(rows: Iterable[Row], path: Path) -> Path:
    """A picture of the results: a panel for each task and length, with a dot for each cell."""
    from seq2seq.pictures import Panel, comparison

    rows = list(rows)
    panels: dict[str, dict[int, Panel]] = {}
    for name, length in dict.fromkeys((row["task"], row["length"]) for row in rows):
        task = TASKS[name]
        here = [row for row in rows if (row["task"], row["length"]) == (name, length)]
        panels.setdefault(name, {})[length] = Panel(
            heading=f"{_name(name)}, {length:,} steps",
            values={row["cell"]: row["figure"] for row in here if row["figure"] is not None},
            goal_met=frozenset(row["cell"] for row in here if row["solved"]),
            chance=task.chance,
            limits=(0.0, 1.0) if task.num_classes else (1.2 * task.chance, 0.0),
            label=task.figure,
        )
    title = "What each recurrence learns to remember. Further right is better; blue: solved; dashed: without memory"
    names: Sequence[str] = list(dict.fromkeys(row["cell"] for row in rows))
    rows_of_panels = [list(row.values()) for row in panels.values()]
    if len(rows_of_panels[0]) == 1:  # of a single length, side by side
        rows_of_panels = [[panel for [panel] in rows_of_panels]]
    return comparison(names, rows_of_panels, path, title=title)


def _entry(row: Row | None) -> str:
    """A cell of the table: bold with the seconds if solved."""
    if row is None:
        return ""
    return f"**{_figure(row)}** ({row['used']:.0f} s)" if row["solved"] else _figure(row)


def _figure(row: Row) -> str:
    return "diverged" if row["figure"] is None else f"{row['figure']:.3f}"


def _name(task: str) -> str:
    return task.replace("_", " ")
