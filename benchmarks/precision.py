"""Does it cost quality to multiply in bfloat16? A recipe trained in both types, with several seeds.

    python benchmarks/precision.py --recipe quickstart
    python benchmarks/precision.py --recipe multi30k --updates 3000

Runs differ in precision and seed alone and have the same number of updates; one that is finished is taken as it is. A
processor that does not multiply in bfloat16 works it out all the same, three times as slowly as float32.
"""

import dataclasses
import importlib
import math
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package and the recipes, when they are not installed
sys.path.insert(0, str(Path(__file__).parents[1] / "recipes"))  # the grammar

import tyro
from turns import where

PRECISIONS = ("float32", "bfloat16")
QUANTILE = {2: 12.71, 3: 4.303, 4: 3.182, 5: 2.776}  # of Student's t for 95 %, by number of seeds


@dataclasses.dataclass(frozen=True)
class Options:
    """What to compare."""

    recipe: str = "quickstart"
    """Recipe to train, by the name of its module."""
    updates: int | None = None
    """Updates of each run; the recipe's own number by default."""
    seeds: tuple[int, ...] = (1, 2, 3)
    """Seeds, two to five."""
    folder: Path = Path("runs/precision")
    """Folder for the run folders."""
    data_dir: Path | None = None
    """Folder of the corpus, for a recipe that reads one."""
    output: Path | None = None
    """File for the table."""


def main(options: Options) -> None:
    """Train, print."""
    figures = {precision: [trained(options, precision, seed) for seed in options.seeds] for precision in PRECISIONS}
    lines = [
        f"{options.recipe}, seeds {', '.join(map(str, options.seeds))}. {where()}",
        "",
        "| products in | validation loss: mean ± sd | test BLEU, beam 5: mean ± sd |",
        "|---|---|---|",
    ]
    for precision, runs in figures.items():
        losses, scores = zip(*runs, strict=True)
        lines.append(f"| {precision} | {spread(losses, 4)} | {spread(scores, 2)} |")
    pairs = list(zip(figures["bfloat16"], figures["float32"], strict=True))
    losses, scores = ([rounded[i] - exact[i] for rounded, exact in pairs] for i in (0, 1))
    lines.append(f"| bfloat16 − float32, with 95 % interval | {interval(losses, 4)} | {interval(scores, 2)} |")
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def trained(options: Options, precision: str, seed: int) -> tuple[float, float]:
    """Loss of the last validation and BLEU on the first test set of one run."""
    recipe = importlib.import_module(f"recipes.{options.recipe}")
    own = {"data_dir": options.data_dir} if options.data_dir else {}
    own |= {"max_updates": options.updates} if options.updates else {}
    run_dir = options.folder / f"{options.recipe}-{precision}-{seed}"
    config = dataclasses.replace(recipe.DEFAULTS, run_dir=run_dir, precision=precision, seed=seed, **own)
    finished = recipe.run_recipe(config)
    header, *_, last = (run_dir / "metrics.csv").read_text(encoding="utf-8").splitlines()
    row = dict(zip(header.split(","), last.split(","), strict=True))
    return float(row["valid_loss"]), next(iter(finished.results.values())).bleu.value


def spread(values: Sequence[float], digits: int) -> str:
    """mean ± standard deviation."""
    return f"{statistics.mean(values):.{digits}f} ± {statistics.stdev(values):.{digits}f}"


def interval(differences: Sequence[float], digits: int) -> str:
    """mean ± half the interval over seeds."""
    count = len(differences)
    half = QUANTILE[count] * statistics.stdev(differences) / math.sqrt(count)
    return f"{statistics.mean(differences):+.{digits}f} ± {half:.{digits}f}"


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
