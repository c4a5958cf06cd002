"""The laboratory: which recurrence remembers, over how many steps, and after how much learning.

    python recipes/laboratory.py

Tasks: the adding problem and temporal order (Hochreiter & Schmidhuber, 1997), and copying after a delay (Arjovsky et
al., 2016). The answer depends on what stood up to 1 000 steps before it. long_memory/tasks.py has the details.

Model: one recurrent layer and a linear read-out. Every cell has the same units, learning rate and sequences, and the
same processor time for each training. Each update learns from 32 new sequences. A training ends early when the task is
solved.

Expected result: a table (results.md) and a picture (results.png) in the run folder, within an hour on two cores.
docs/recurrences.md explains them.

A training that has a line in results.jsonl is not repeated. So the same command continues after Ctrl-C, and other cells
or lengths add their lines:

    python recipes/laboratory.py --cells gru lstm leaky.py:Leaky --lengths 50 100
"""

import dataclasses
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from long_memory.processes import results
from long_memory.results import Row, Trial, append, draw, in_words, read, table
from long_memory.tasks import TASKS
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from seq2seq.cli import run
from seq2seq.cli.programs import as_typed
from seq2seq.command_line import parse
from seq2seq.groups import OptionGroup
from seq2seq.registry import CELLS
from seq2seq.training.wording import count, duration


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(OptionGroup):
    """Options of the laboratory."""

    RANGES: ClassVar[dict] = {"units": (1, 4096), "seed": (0, 2**31 - 1), "jobs": (1, 256)}
    POSITIVE: ClassVar[tuple[str, ...]] = ("seconds", "learning_rate")

    run_dir: Path = Path("runs/laboratory")
    """Folder for results.jsonl, results.md and results.png."""
    cells: tuple[str, ...] = tuple(CELLS)
    """Recurrent cells: names, or classes of your own (module:Class or file.py:Class)."""
    tasks: tuple[str, ...] = tuple(TASKS)
    """What has to be learnt: adding, copying, temporal_order."""
    lengths: tuple[int, ...] = (50, 200, 1000)
    """Steps over which something has to be remembered, at least 20."""
    seconds: float = 30.0
    """Processor time of each training. A training that solves its task ends earlier."""
    units: int = 32
    """Size of the recurrent state."""
    learning_rate: float = 0.005
    """Learning rate of Adam."""
    seed: int = 1
    """Seed of weights and sequences."""
    jobs: int = 2
    """Trainings side by side, on one thread each."""

    def check(self) -> None:
        for task in self.tasks:
            if task not in TASKS:
                raise ValueError(f"--tasks has {task!r}; the tasks are {', '.join(TASKS)}.")
        for length in self.lengths:
            if length < 20:
                raise ValueError(f"--lengths has {length}; a task needs at least 20 steps.")
        for cell in self.cells:
            CELLS.check_name(cell)

    def trials(self) -> list[Trial]:
        """All trainings, the short ones first."""
        places = [(length, task, cell) for length in self.lengths for task in self.tasks for cell in self.cells]
        return [
            Trial(cell, task, length, self.units, self.seed, self.seconds, self.learning_rate)
            for length, task, cell in places
        ]


def run_recipe(config: Config) -> list[Row]:
    """Runs the trainings that have no result yet, and writes the table and the picture. Returns all results."""
    config.run_dir.mkdir(parents=True, exist_ok=True)
    file, page, picture = (config.run_dir / name for name in ("results.jsonl", "results.md", "results.png"))
    trials, known = config.trials(), read(file)
    missing = [trial for trial in trials if trial not in known]
    for row in shown(results(missing, config.jobs), missing, config.jobs):
        append(file, row)
    known = read(file)
    rows = [known[trial] for trial in sorted(trials, key=lambda trial: config.tasks.index(trial.task))]
    page.write_text(table(rows), encoding="utf-8")
    draw(rows, picture)
    print(f"\n{table(rows)}\nThe table is in {as_typed(page)}, a picture of it in {as_typed(picture)}")
    return rows


def shown(rows: Iterable[Row], trials: Sequence[Trial], jobs: int) -> Iterator[Row]:
    """Passes results on, each with a line of its own, and shows how many are left and how long they take."""
    console, begun, total = Console(soft_wrap=True), time.monotonic(), len(trials)
    longest = duration(sum(trial.seconds for trial in trials) / jobs)
    console.print(f"{count(total, 'training')} to run, in at most {longest} if the processor is free", highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(20))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("starting", total=total)
        for number, row in enumerate(rows, 1):
            yield row
            left = duration((time.monotonic() - begun) / number * (total - number))
            console.print(f"{row['task']} {row['length']:,} {row['cell']}: {in_words(row)}", highlight=False)
            progress.update(bar, completed=number, description=f"{number} of {total}  about {left} left")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the recipe with the options in `argv`, by default those of the process; returns the exit status."""
    run_recipe(parse(Config(), __doc__, argv))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, ignores_lost_output=True))
