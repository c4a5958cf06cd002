"""metrics.csv, speed.csv and samples.txt: what each validation adds, and how a checkpoint restores them."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seq2seq.text.files import naming, written_beside
from seq2seq.training.run_folder import RunFolder
from seq2seq.training.state import TrainingState
from seq2seq.training.validation import Figures

__all__ = ["Journal"]

logger = logging.getLogger("seq2seq")


class Journal:
    """The tables and samples of a run folder.

    metrics.csv holds only what follows from options and data, so that two runs of the same command write the same
    bytes; times are in speed.csv.

    Args:
        run: the run folder.
        batches_per_epoch: int.
        has_risk: bool. What training minimises is a risk, not the smoothed loss.
    """

    def __init__(self, run: RunFolder, batches_per_epoch: int, *, has_risk: bool = False):
        self.run = run
        self.batches_per_epoch = batches_per_epoch
        self.has_risk = has_risk

    def write(
        self, state: TrainingState, figures: Figures, rates: dict[str, float], is_best: bool, seconds: float
    ) -> None:
        """Add a validation to the files and to the log.

        Args:
            state: the state at the validation; its window becomes the training figures of the row.
            figures: what the validation found.
            rates: learning rate and gold probability of the last update.
            is_best: whether these are the best weights so far.
            seconds: time the validation took.
        """
        window = state.window
        metrics = {
            "update": state.update,
            "epoch": state.update / self.batches_per_epoch,
            **rates,
            "replaced": _mean(window.replaced, window.tokens),
            "train_loss": _mean(window.nll_sum, window.tokens),
            "train_risk" if self.has_risk else "train_smoothed_loss": _mean(window.loss_sum, window.tokens),
            "gradient_norm": _mean(window.gradient_norm_sum, window.updates),
            "skipped": window.skipped,
            "valid_loss": figures.loss,
            "valid_smoothed_loss": figures.smoothed_loss,
            "valid_perplexity": figures.perplexity,
            "valid_bleu": figures.bleu,
            "valid_chrf": figures.chrf,
        }
        speed = {
            "update": state.update,
            "seconds": state.seconds,
            "train_seconds": window.seconds,
            "target_tokens": window.tokens,
            "tokens_per_second": window.tokens / max(window.seconds, 1e-9),
            "validation_seconds": seconds,
        }
        samples = "".join(f"\n{sample}" for sample in figures.samples)
        _add_row(self.run.metrics, metrics)
        _add_row(self.run.speed, speed)
        _append(self.run.samples, f"== update {state.update}{samples}\n")
        line = [f"update {state.update}", f"epoch {metrics['epoch']:.2f}"]
        if window.tokens:
            name = "risk" if self.has_risk else "loss"
            line += [f"train {name} {metrics[f'train_{name}']:.3f}"]
        if window.replaced:
            line += [f"replaced {metrics['replaced']:.1%}"]
        line += [f"valid loss {figures.loss:.3f}", f"perplexity {figures.perplexity:.2f}"]
        line += [f"BLEU {figures.bleu:.2f}", f"chrF {figures.chrf:.2f}{' (best so far)' if is_best else ''}"]
        if window.tokens:
            line += [f"{speed['tokens_per_second']:,.0f} tokens/s"]
        logger.info("  ".join(line) + samples)

    @property
    def files(self) -> list[Path]:
        """The tables and samples, whose contents belong to a checkpoint."""
        return [self.run.metrics, self.run.speed, self.run.samples]

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


def _mean(total: float, count: int) -> float | str:
    """The mean; without a count "", an empty cell."""
    return total / count if count else ""


def _add_row(path: Path, row: dict[str, Any]) -> None:
    """Add one row; the first row of a table brings the header. Floats can be read back exactly."""
    line = ",".join(map(str, row.values())) + "\n"
    _append(path, line if path.exists() else ",".join(row) + "\n" + line)


def _append(path: Path, text: str) -> None:
    with naming(path), open(path, "a", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
