"""Scheduled sampling against teacher forcing: tuned with one seed, compared with five.

    python benchmarks/scheduled_sampling.py --data-dir data/multi30k
    python benchmarks/scheduled_sampling.py --corpus grammar

Trains a small model (embeddings 128, GRU 256) for the same number of updates in each setting: of Multi30k en→de, or of
lines of three sentences of the embedded grammar, where one mistake may spoil a long rest. The settings are tried with
seed 1 and judged by validation BLEU; then teacher forcing, the best sequential and the best parallel setting are
trained with five seeds, and the test set is scored once for each. Every finished run is a line of runs.jsonl in the
folder and is not repeated; a run that was interrupted goes on.
"""

import dataclasses
import itertools
import json
import math
import statistics
import sys
import time
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package and the recipes, when they are not installed

import tyro
from turns import where

from recipes import multi30k

SENTENCES = 3  # of the grammar, in a line
SEEDS = (1, 2, 3, 4, 5)
T_OF_FIVE = 2.776  # Student's t for 95 % and five differences
LINEAR = {"sampling_schedule": "linear"}
SETTINGS = {  # the probability of a gold token falls to a number
    "teacher forcing": {},
    "parallel, 0.75": {"sampling": "parallel", "sampling_floor": 0.75, **LINEAR},
    "parallel, 0.5": {"sampling": "parallel", "sampling_floor": 0.5, **LINEAR},
    "parallel, 0.5, sure ones": {
        "sampling": "parallel",
        "sampling_floor": 0.5,
        "sampling_confidence": 0.9,
        **LINEAR,
    },
    "parallel, 0.5, surest at random": {
        "sampling": "parallel",
        "sampling_floor": 0.5,
        "sampling_confidence": 0.9,
        "sampling_random_confidence": 0.95,
        **LINEAR,
    },
    "sequential, 0.75": {"sampling": "sequential", "sampling_floor": 0.75, **LINEAR},
    "sequential, 0.5": {"sampling": "sequential", "sampling_floor": 0.5, **LINEAR},
    "sequential, 0.75, drawn": {
        "sampling": "sequential",
        "sampling_floor": 0.75,
        "sampling_choice": "sample",
        **LINEAR,
    },
    "sequential, 0.75, later ones more": {
        "sampling": "sequential",
        "sampling_floor": 0.75,
        "sampling_position_scale": 10.0,
        **LINEAR,
    },
}


@dataclasses.dataclass(frozen=True)
class Options:
    """What to compare."""

    corpus: Literal["multi30k", "grammar"] = "multi30k"
    """What to learn from."""
    data_dir: Path = Path("data/multi30k")
    """Folder of Multi30k."""
    folder: Path = Path("runs/scheduled-sampling")
    """Folder for the runs; those of a corpus and a number of updates have one of their own, with runs.jsonl."""
    updates: int = 2000
    """Updates of each run."""
    learning_rate: float = 0.003
    """Peak learning rate of each run."""
    warmup_updates: int = 400
    """Updates over which it rises."""
    max_minutes: float = math.inf
    """Minutes after which no further run is begun."""
    threads: int = 0
    """Processor threads; 0 is one for each processor."""
    only: tuple[str, ...] = ()
    """Settings to train in this process, with --seeds, to have several side by side; the rest is done without."""
    seeds: tuple[int, ...] = (1,)
    """Seeds of these."""
    output: Path | None = None
    """File for the table."""


def main(options):
    """Train and test what is missing, print."""
    options.folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()

    def figures(make, setting, seed):
        known = finished(options)
        if (make.__name__, setting, seed) not in known:
            if time.monotonic() - started > 60 * options.max_minutes:
                raise SystemExit(f"{len(known)} lines are in runs.jsonl; the same command goes on.")
            line = {"what": make.__name__, "setting": setting, "seed": seed, **make(options, setting, seed)}
            with open(options.folder / "runs.jsonl", "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        return finished(options)[make.__name__, setting, seed]

    for setting, seed in itertools.product(options.only, options.seeds):
        figures(train, setting, seed)
    if options.only:
        return
    tuned = {setting: figures(train, setting, 1) for setting in SETTINGS}

    def best(way):
        return max((name for name in SETTINGS if name.startswith(way)), key=lambda name: tuned[name]["valid_bleu"])

    chosen = ["teacher forcing", best("sequential"), best("parallel")]
    for seed in SEEDS:
        for setting in chosen:
            figures(train, setting, seed)
    scores = {setting: [figures(test, setting, seed)["bleu"] for seed in SEEDS] for setting in chosen}
    lines = table(options, tuned, scores)
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def train(options, setting, seed):
    """One run: its best validation figures."""
    from seq2seq.training import train

    config = config_of(options, setting, seed)
    started = time.monotonic()
    train(config, multi30k.build_model, corpora=dataclasses.replace(corpora(options, config), tests={}))
    header, *rows = (config.run_dir / "metrics.csv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(header.split(","), row.split(","), strict=True)) for row in rows]
    return {
        "valid_bleu": max(float(row["valid_bleu"]) for row in rows),
        "valid_loss": min(float(row["valid_loss"]) for row in rows),
        "minutes": (time.monotonic() - started) / 60,
    }


def test(options, setting, seed):
    """BLEU of a finished run on the test set."""
    from seq2seq.text.evaluation import bleu
    from seq2seq.translator import Translator

    config = config_of(options, setting, seed)
    (test,) = corpora(options, config).tests.values()
    hypotheses = Translator.load(config.run_dir).translate(list(test.source), beam_size=5)
    return {"bleu": bleu(hypotheses, list(test.target)).value}


def config_of(options, setting, seed):
    """Options of one run."""
    slug = "".join(letter if letter.isalnum() or letter == "." else "-" for letter in setting)
    return multi30k.Config(
        data_dir=options.data_dir,
        run_dir=options.folder / f"{slug}-{seed}",
        embedding_dim=128,
        units=256,
        attention="outside",
        seed=seed,
        learning_rate=options.learning_rate,
        warmup_updates=options.warmup_updates,
        average_decay=0.995,
        max_updates=options.updates,
        validate_every=options.updates // 5,
        samples=0,
        threads=options.threads,
        **SETTINGS[setting],
    )


def corpora(options, config):
    """What the runs learn from and are tested on."""
    return multi30k.corpora(config) if options.corpus == "multi30k" else long_lines()


def long_lines():
    """Lines of several sentences of the embedded grammar."""
    from seq2seq.text import ParallelCorpus, grammar
    from seq2seq.training import Corpora

    sizes = {"train": 10_000, "valid": 300, "test": 500}
    splits = grammar.corpus(seed=1, **{name: SENTENCES * size for name, size in sizes.items()})

    def joined(lines):
        return [" ".join(lines[first : first + SENTENCES]) for first in range(0, len(lines), SENTENCES)]

    parts = {
        name: ParallelCorpus.from_lines(*map(joined, split), name=f"grammar {name}") for name, split in splits.items()
    }
    return Corpora(parts["train"], parts["valid"], {"test": parts["test"]})


def finished(options):
    """(what, setting, seed) -> figures."""
    path = options.folder / "runs.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {(line["what"], line["setting"], line["seed"]): line for line in map(json.loads, lines)}


def table(options, tuned, scores):
    """Markdown: what was tried, and the comparison."""
    lines = [
        f"{options.corpus}, embeddings 128, GRU 256, {options.updates} updates. {where()}",
        "",
        "| setting, seed 1 | validation BLEU (greedy) | validation loss | minutes |",
        "|---|---|---|---|",
    ]
    for setting, run in sorted(tuned.items(), key=lambda item: -item[1]["valid_bleu"]):
        lines.append(f"| {setting} | {run['valid_bleu']:.2f} | {run['valid_loss']:.3f} | {run['minutes']:.1f} |")
    lines += ["", f"| setting, {len(SEEDS)} seeds | test, beam 5: mean ± sd | − teacher forcing, 95 % interval |"]
    lines += ["|---|---|---|"]
    for setting, found in scores.items():
        differences = [score - other for score, other in zip(found, scores["teacher forcing"], strict=True)]
        half = T_OF_FIVE * statistics.stdev(differences) / math.sqrt(len(differences))
        difference = f"{statistics.mean(differences):+.2f} ± {half:.2f}" if setting != "teacher forcing" else ""
        lines.append(f"| {setting} | {statistics.mean(found):.2f} ± {statistics.stdev(found):.2f} | {difference} |")
    return lines


if __name__ == "__main__":
    given = tyro.cli(Options, description=__doc__)
    main(dataclasses.replace(given, folder=given.folder / f"{given.corpus}-{given.updates}"))
