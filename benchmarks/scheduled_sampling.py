"""Scheduled sampling against teacher forcing: tuned with one seed, compared with five.

    python benchmarks/scheduled_sampling.py --data-dir data/multi30k

Trains a small model of Multi30k en→de (embeddings 128, GRU 256) for the same number of updates in each setting. The
settings are tried with seed 1 and judged by validation BLEU; then teacher forcing, the best sequential and the best
parallel setting are trained with five seeds, and the test set is scored once for each. Every finished run is a line of
runs.jsonl in the folder and is not repeated; a run that was interrupted goes on.
"""

import dataclasses
import json
import math
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package and the recipes, when they are not installed

import tyro
from turns import where

from recipes import multi30k

TEST = "test_2016_flickr"
SEEDS = (1, 2, 3, 4, 5)
T_OF_FIVE = 2.776  # Student's t for 95 % and five differences
SETTINGS = {
    "teacher forcing": {},
    **{
        f"{way}, to {floor}{extra}": {"sampling": way, "sampling_schedule": "linear", "sampling_floor": floor, **more}
        for way, floor, extra, more in (
            ("parallel", 0.9, "", {}),
            ("parallel", 0.75, "", {}),
            ("parallel", 0.5, "", {}),
            ("parallel", 0.75, ", drawn", {"sampling_choice": "sample"}),
            ("parallel", 0.5, ", sure ones", {"sampling_confidence": 0.9}),
            ("parallel", 0.75, ", surest at random", {"sampling_confidence": 0.9, "sampling_random_confidence": 0.95}),
            ("sequential", 0.9, "", {}),
            ("sequential", 0.75, "", {}),
            ("sequential", 0.5, "", {}),
            ("sequential", 0.75, ", drawn", {"sampling_choice": "sample"}),
            ("sequential", 0.75, ", later ones more", {"sampling_position_scale": 10.0}),
        )
    },
}


@dataclasses.dataclass(frozen=True)
class Options:
    """What to compare."""

    data_dir: Path = Path("data/multi30k")
    """Folder of Multi30k."""
    folder: Path = Path("runs/scheduled-sampling")
    """Folder for the runs and runs.jsonl."""
    updates: int = 2500
    """Updates of each run."""
    max_minutes: float = math.inf
    """Minutes after which no further run is begun."""
    output: Path | None = None
    """File for the table."""


def main(options):
    """Train what is missing, print."""
    options.folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()

    def run(setting, seed, test=False):
        known = finished(options)
        if (setting, seed, test) not in known:
            if time.monotonic() - started > 60 * options.max_minutes:
                raise SystemExit(f"{len(known)} runs are finished; the same command goes on.")
            known[setting, seed, test] = train(options, setting, seed, test)
        return known[setting, seed, test]

    tuned = {setting: run(setting, seed=1) for setting in SETTINGS}

    def best(way):
        return max((name for name in SETTINGS if name.startswith(way)), key=lambda name: tuned[name]["valid_bleu"])

    chosen = ["teacher forcing", best("sequential"), best("parallel")]
    compared = {setting: [run(setting, seed, test=True) for seed in SEEDS] for setting in chosen}
    lines = table(options, tuned, compared)
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def train(options, setting, seed, test):
    """One run: its figures, also added to runs.jsonl."""
    slug = "".join(letter if letter.isalnum() or letter == "." else "-" for letter in setting)
    config = multi30k.Config(
        data_dir=options.data_dir,
        run_dir=options.folder / f"{slug}-{seed}",
        embedding_dim=128,
        units=256,
        attention="outside",
        seed=seed,
        max_updates=options.updates,
        validate_every=options.updates // 5,
        samples=0,
        **SETTINGS[setting],
    )
    corpora = multi30k.corpora(config)
    tests = {TEST: corpora.tests[TEST]} if test else {}
    from seq2seq.training import train

    started = time.monotonic()
    outcome = train(config, multi30k.build_model, corpora=dataclasses.replace(corpora, tests=tests))
    header, *rows = (config.run_dir / "metrics.csv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(header.split(","), row.split(","), strict=True)) for row in rows]
    figures = {
        "setting": setting,
        "seed": seed,
        "test": test,
        "valid_bleu": max(float(row["valid_bleu"]) for row in rows),
        "valid_loss": min(float(row["valid_loss"]) for row in rows),
        "test_bleu": outcome.tests[TEST].bleu.value if test else None,
        "minutes": (time.monotonic() - started) / 60,
    }
    with open(options.folder / "runs.jsonl", "a", encoding="utf-8") as file:
        file.write(json.dumps(figures) + "\n")
    return figures


def finished(options):
    """(setting, seed, test) -> figures of the runs that are finished."""
    path = options.folder / "runs.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {(run["setting"], run["seed"], run["test"]): run for run in map(json.loads, lines)}


def table(options, tuned, compared):
    """Markdown: what was tried, and the comparison."""
    lines = [
        f"Multi30k en→de, embeddings 128, GRU 256, {options.updates} updates. {where()}",
        "",
        "| setting, seed 1 | validation BLEU (greedy) | validation loss | minutes |",
        "|---|---|---|---|",
    ]
    for setting, run in sorted(tuned.items(), key=lambda item: -item[1]["valid_bleu"]):
        lines.append(f"| {setting} | {run['valid_bleu']:.2f} | {run['valid_loss']:.3f} | {run['minutes']:.1f} |")
    lines += ["", f"| setting, {len(SEEDS)} seeds | {TEST}, beam 5: mean ± sd | − teacher forcing, 95 % interval |"]
    lines += ["|---|---|---|"]
    gold = [run["test_bleu"] for run in compared["teacher forcing"]]
    for setting, runs in compared.items():
        scores = [run["test_bleu"] for run in runs]
        differences = [score - other for score, other in zip(scores, gold, strict=True)]
        half = T_OF_FIVE * statistics.stdev(differences) / math.sqrt(len(differences))
        difference = f"{statistics.mean(differences):+.2f} ± {half:.2f}" if setting != "teacher forcing" else ""
        lines.append(f"| {setting} | {statistics.mean(scores):.2f} ± {statistics.stdev(scores):.2f} | {difference} |")
    return lines


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
