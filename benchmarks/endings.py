"""How should a sequence end, and how should a vector enter? Short runs of recipes/vector_to_sequence.py, one table.

    python benchmarks/endings.py

Each run uses one thread. A run that is already in the folder is continued, or only measured if it has finished.
"""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import tyro

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # the package, when it is not installed

KINDS = [
    ("end_symbol", "both"),
    ("halt", "both"),
    ("length", "both"),
    ("end_symbol", "initial"),
    ("end_symbol", "steps"),
]
SIZES = "--model.units 96 --model.embedding-dim 96 --train-pairs 6000 --data.batch-tokens 400".split()
SIZES += "--optimizer.learning-rate 0.006 --precision float32 --validation.samples 0 --threads 1".split()


@dataclasses.dataclass(frozen=True)
class Options:
    """What to train."""

    runs: Path = Path("runs/endings")
    """Folder of the runs."""
    updates: int = 450
    """Updates of each run."""


def trained(runs: Path, ending: str, context: str, updates: int) -> Path:
    """The folder of a finished run."""
    run = runs / f"v2s_{ending}_{context}"
    options = ["--run-dir", str(run), "--model.ending", ending, "--model.context", context, *SIZES]
    options += ["--max-updates", str(updates), "--validation.every", str(updates)]
    subprocess.run([sys.executable, str(ROOT / "recipes" / "vector_to_sequence.py"), *options], check=True)
    return run


def measured(run: Path) -> dict[str, float]:
    """Figures of the test set, with a beam of 5."""
    from seq2seq.tasks.vector_to_sequence import exact_match
    from seq2seq.text.scores import bleu_and_chrf
    from seq2seq.translator import Translator

    sources, references = ((run / f"test.{side}.txt").read_text().splitlines() for side in ("source", "target"))
    found = [best for best, *_ in Translator.load(run).search(sources)]
    texts = [one.text for one in found]
    lengths = [np.array([len(line.split()) for line in lines]) for lines in (texts, references)]
    longer = lengths[0] - lengths[1]
    return {
        "exact": 100 * exact_match(texts, references),
        "BLEU": bleu_and_chrf(texts, references)["bleu"].value,
        "log-probability": float(np.mean([one.log_prob for one in found])),
        "wrong length": 100 * float(np.mean(longer != 0)),
        "words too many": float(longer.mean()),
    }


def main(options: Options) -> None:
    """Trains, measures, and prints a table in Markdown."""
    rows = []
    for ending, context in KINDS:
        rows.append((ending, context, measured(trained(options.runs, ending, context, options.updates))))
    print(f"| ending | context | {' | '.join(rows[0][2])} |\n|{'---|' * (2 + len(rows[0][2]))}")
    for ending, context, figures in rows:
        print(f"| {ending} | {context} | {' | '.join(f'{value:.2f}' for value in figures.values())} |")


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
