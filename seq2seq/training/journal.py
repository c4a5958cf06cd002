"""training.csv, metrics.csv, speed.csv and samples.txt: what is added to them, and how a checkpoint restores them."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seq2seq.model.objectives.objective import Objective
from seq2seq.text.files import naming, written_beside
from seq2seq.training.run_folder import RunFolder
from seq2seq.training.state import TrainingState
from seq2seq.training.watchers import Validated, Watcher

__all__ = ["Journal"]

logger = logging.getLogger("seq2seq")


class Journal(Watcher):
    """The tables and samples of a run folder.

    training.csv and metrics.csv hold only what follows from options and data, so that two runs of the same command
    write the same bytes; times are in speed.csv.

    Args:
        run: the run folder.
        objective: what is minimised; it words the training figures for the log.
    """

    def __init__(self, run: RunFolder, objective: Objective):
        self.run = run
        self.objective = objective

    def interval_over(self, state: TrainingState, row: Mapping[str, float | str]) -> None:
        """Adds a row to training.csv."""
        _add_row(self.run.training, row)

    def validated(self, state: TrainingState, validated: Validated) -> None:
        """Adds a validation to the files and to the log."""
        window, figures = state.window, validated.figures
        tokens = window.sums.get("tokens", 0)
        speed = {
            "update": state.update,
            "seconds": state.seconds,
            "train_seconds": window.seconds,
            "target_tokens": tokens,
            "tokens_per_second": tokens / max(window.seconds, 1e-9),
            "validation_seconds": validated.seconds,
        }
        samples = "".join(f"\n{sample}" for sample in figures.samples)
        _add_row(self.run.metrics, validated.row)
        _add_row(self.run.speed, speed)
        _append(self.run.samples, f"== update {state.update}{samples}\n")
        line = [f"update {state.update}", f"epoch {validated.row['epoch']:.2f}"]
        line += self.objective.summary(validated.row)
        is_first = state.validated < 0  # and the best, but there is nothing to compare it with
        line += [figures.summary + (" (best so far)" if validated.is_best and not is_first else "")]
        line += [f"{speed['tokens_per_second']:,.0f} tokens/s"] if tokens else []
        logger.info("  ".join(line) + samples)

    @property
    def files(self) -> list[Path]:
        """The tables and samples, whose contents belong to a checkpoint."""
        return [self.run.training, self.run.metrics, self.run.speed, self.run.samples]

    def restore(self, contents: Mapping[str, bytes]) -> None:
        """Restores what the files held at a checkpoint.

        What was written after it is removed without a message. A file that was changed otherwise is restored with a
        warning.

        Args:
            contents: name -> bytes, from the checkpoint, of the files that existed.
        """
        for path in self.files:
            then = contents.get(path.name, b"")
            now = path.read_bytes() if path.exists() else b""
            if not now.startswith(then):
                logger.warning(f"{path} is not as the run left it; it is restored from the checkpoint")
            if now != then and then:
                with written_beside(path) as beside:
                    beside.write_bytes(then)
            elif now != then:
                path.unlink()


def _add_row(path: Path, row: Mapping[str, Any]) -> None:
    """Adds a row to a table, below a header if it is the first. Floats can be read back exactly."""
    line = ",".join(map(str, row.values())) + "\n"
    _append(path, line if path.exists() else ",".join(row) + "\n" + line)


def _append(path: Path, text: str) -> None:
    with naming(path), open(path, "a", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
