"""Minimum risk training against going on by likelihood, from the same parent for the same time.

    python benchmarks/minimum_risk.py RUN --data-dir data/multi30k --threads 1

Fine-tunes a finished run of Multi30k en→de on its own corpus in each way; all else is alike, but that a batch holds
fewer sentences where candidates have to be read. Validation is by beam 5, and the weights that are best in it
translate validation and test set. A finished fine-tuning is not repeated, an interrupted one goes on.
"""

import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package, when it is not installed

import tyro
from turns import where

SETS = ("val", "test_2016_flickr")
WAYS = {
    "likelihood": {"metric": "none", "every": 100},
    "minimum risk, BLEU": {"metric": "bleu", "every": 50},
}


@dataclasses.dataclass(frozen=True)
class Options:
    """What to compare."""

    run: tyro.conf.Positional[Path]
    """Finished run of Multi30k."""
    data_dir: Path = Path("data/multi30k")
    """Folder of the corpus."""
    folder: Path = Path("runs/minimum-risk")
    """Folder for the fine-tuned runs."""
    minutes: float = 60.0
    """Minutes of each, validation included."""
    learning_rate: float = 0.0001
    """Peak learning rate."""
    threads: int = 0
    """Processor threads of each; 0 is one for each processor."""
    only: tuple[Literal[*WAYS], ...] = ()
    """Ways to fine-tune in this process, to run several side by side; the table is made without."""
    output: Path | None = None
    """File for the table."""


def main(options: Options) -> None:
    """Fine-tune, score, print."""
    runs = {name: tuned(options, name, **way) for name, way in WAYS.items() if name in (options.only or WAYS)}
    if options.only:
        return
    lines = [f"{options.minutes:g} minutes each, learning rate {options.learning_rate:g}. {where()}", ""]
    for name in SETS:
        lines += [*table(name, runs), ""]
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines), encoding="utf-8")


def tuned(options: Options, name: str, *, metric: str, every: int) -> Any:
    """The outcome of one fine-tuning."""
    from seq2seq.model.objectives.options import RiskOptions
    from seq2seq.tasks.options import DataOptions, ParallelFiles, TestFiles
    from seq2seq.training.finetune import finetune
    from seq2seq.training.options import FinetuneOptions

    def parallel(part: str) -> ParallelFiles:
        return ParallelFiles(source=file(part, "en"), target=file(part, "de"))

    def file(part: str, language: str) -> Path:
        return options.data_dir / f"{part}.{language}"

    validation = {"every": every, "beam_size": 5, "patience": 0, "samples": 0}
    optimizer = {"learning_rate": options.learning_rate, "average_decay": 0.98}
    config = FinetuneOptions(
        parent=options.run,
        run_dir=options.folder / name.replace(",", "").replace(" ", "-"),
        train=parallel("train"),
        valid=parallel("val"),
        test=TestFiles(
            source=tuple(file(part, "en") for part in SETS), target=tuple(file(part, "de") for part in SETS)
        ),
        data=DataOptions(batch_tokens=2000),
        optimizer=dataclasses.replace(FinetuneOptions.optimizer, **optimizer),
        validation=dataclasses.replace(FinetuneOptions.validation, **validation),
        risk=RiskOptions(metric=metric),
        threads=options.threads,
        max_minutes=options.minutes,
        max_updates=None,
    )
    return finetune(config)


def table(part: str, runs: Mapping[str, Any]) -> list[str]:
    """Markdown: BLEU with intervals, and the paired difference from likelihood."""
    from seq2seq.text.scores import bleu, compare_systems

    tests = {name: run.finished.results[f"{part}.en"] for name, run in runs.items()}
    base = next(iter(runs))
    lines = [f"| {part}, beam 5 | updates | BLEU (95 %) | − {base} |", "|---|---|---|---|"]
    for name, test in tests.items():
        score = bleu(test.hypotheses, test.references, confidence=True)
        row = [name, str(runs[name].finished.update), f"{score.value:.2f} ({score.low:.2f}–{score.high:.2f})", ""]
        if name != base:
            systems = {base: tests[base].hypotheses, name: test.hypotheses}
            (change,) = compare_systems(test.references, systems, metrics=["BLEU"])
            row[3] = f"{change.difference:+.2f}, {change.verdict}"
        lines.append(f"| {' | '.join(row)} |")
    parent = runs[base].before[f"{part}.en"]["bleu"]
    return [*lines, f"| the parent | | {parent.value:.2f} | |"]


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
