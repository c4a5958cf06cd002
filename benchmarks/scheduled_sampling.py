"""Scheduled sampling against teacher forcing: tuned with one seed, compared with five.

    python benchmarks/scheduled_sampling.py --data-dir data/multi30k
    python benchmarks/scheduled_sampling.py --corpus grammar --no-attention

Trains a small model (embeddings 128, GRU 256) by teacher forcing, a parent for each seed, and goes on from it in each
setting for the same number of updates, by teacher forcing too. So settings of a seed differ by nothing that happened
before sampling begins. Learnt is Multi30k en→de or the long sentences of the embedded grammar; with attention, or
without: then the decoder's state alone knows what has been said (Sutskever et al., 2014), and one mistake may spoil
the rest. The settings are tried with seed 1, from a parent of half the updates, and judged by validation BLEU; then
teacher forcing, the best sequential and the best parallel setting are compared with five seeds, and the test set is
scored once for each. Every finished run is a line of --results and is not repeated; a run that was interrupted goes on.

The lines behind the table in README.md are benchmarks/scheduled_sampling.jsonl: with --results of that file what they
hold is not trained again, but for parents from which something is still to be trained.
"""

import dataclasses
import itertools
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package and the recipes, when they are not installed
sys.path.insert(0, str(Path(__file__).parents[1] / "recipes"))  # the grammar

import tyro
from turns import where

from recipes import multi30k

DRAWN, WORDS = 70_000, 10  # sentences of the grammar; words in English of those taken, at least
LINES = {"train": 20_000, "val": 500, "test_2016_flickr": 1_000}  # of the grammar, by names of Multi30k
SEEDS = (1, 2, 3, 4, 5)
T_OF_FIVE = 2.776  # Student's t for 95 % and five differences
SETTINGS = {  # the number is the probability of a gold token
    "teacher forcing": {},
    "parallel, 0.75": {"way": "parallel", "floor": 0.75},
    "parallel, 0.75, later ones more": {"way": "parallel", "floor": 0.75, "position_scale": 10.0},
    "parallel, 0.5": {"way": "parallel", "floor": 0.5},
    "parallel, 0.5, not where gold is unlikely": {"way": "parallel", "floor": 0.5, "confidence": 0.1},
    "parallel, 0.5, surest at random": {
        "way": "parallel",
        "floor": 0.5,
        "confidence": 0.9,
        "random_confidence": 0.95,
    },
    "sequential, 0.75": {"way": "sequential", "floor": 0.75},
    "sequential, 0.5": {"way": "sequential", "floor": 0.5},
    "sequential, 0.75, drawn": {"way": "sequential", "floor": 0.75, "choice": "sample"},
    "sequential, 0.75, later ones more": {"way": "sequential", "floor": 0.75, "position_scale": 10.0},
}


@dataclasses.dataclass(frozen=True)
class Options:
    """What to compare."""

    corpus: Literal["multi30k", "grammar"] = "multi30k"
    """What to learn from."""
    data_dir: Path = Path("data/multi30k")
    """Folder of Multi30k."""
    attention: bool = True
    """Attention outside the recurrence, or none."""
    folder: Path = Path("runs/scheduled-sampling")
    """Folder for the runs; it has one for each corpus, with and without attention, and length of the parents."""
    results: Path = Path("runs/scheduled-sampling/runs.jsonl")
    """File with a line for each finished run."""
    updates: int = 3000
    """Updates of a parent."""
    tuning_updates: int = 1500
    """Updates of the parent from which the settings are tried."""
    more_updates: int = 1200
    """Updates in each setting."""
    max_minutes: float = math.inf
    """Minutes after which no further run is begun."""
    threads: int = 0
    """Processor threads; 0 is one for each processor."""
    only: tuple[Literal["parent", *SETTINGS], ...] = ()
    """Settings to train in this process, with --seeds, to have several side by side; the table is made without."""
    seeds: tuple[int, ...] = (1,)
    """Seeds of these."""
    test: bool = False
    """Score the test set of these, too: for the settings that are compared with five seeds."""
    output: Path | None = None
    """File for the table."""


def main(options: Options) -> None:
    """Train and test what is missing, print."""
    options.folder.mkdir(parents=True, exist_ok=True)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    if options.corpus == "grammar" and not files(options, "test_2016_flickr")[1].exists():
        write_grammar(options)
    started = time.monotonic()

    def figures(
        make: Callable[[Options, str, int], dict[str, float]], options: Options, setting: str, seed: int
    ) -> dict[str, Any]:
        known = finished(options)
        if (make.__name__, setting, seed) not in known:
            if time.monotonic() - started > 60 * options.max_minutes:
                raise SystemExit(f"{len(known)} lines of these are in {options.results}; the same command goes on.")
            run = {**protocol(options), "what": make.__name__}
            line = {**run, "setting": setting, "seed": seed, **make(options, setting, seed)}
            with open(options.results, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
        return finished(options)[make.__name__, setting, seed]

    def trained(options: Options, setting: str, seed: int) -> dict[str, Any]:
        if setting == "parent":
            return figures(parent, options, setting, seed)
        if ("train", setting, seed) not in finished(options):
            figures(parent, options, "parent", seed)
            parent(options, "parent", seed)  # ends at once, unless its line was kept without its folder
        return figures(train, options, setting, seed)

    for seed, setting in itertools.product(options.seeds, options.only):
        trained(options, setting, seed)
        if options.test:
            figures(test, options, setting, seed)
    if options.only:
        return
    tuning = dataclasses.replace(options, updates=options.tuning_updates)
    tuned = {setting: trained(tuning, setting, 1) for setting in SETTINGS}

    def best(way: str) -> str:
        return max((name for name in SETTINGS if name.startswith(way)), key=lambda name: tuned[name]["valid_bleu"])

    chosen = ["teacher forcing", best("sequential"), best("parallel")]
    for seed, setting in itertools.product(SEEDS, chosen):
        trained(options, setting, seed)
    names = ["parent", *chosen]
    tests = {setting: [figures(test, options, setting, seed) for seed in SEEDS] for setting in names}
    lines = table(options, tuned, tests)
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def parent(options: Options, setting: str, seed: int) -> dict[str, float]:
    """The parent of a seed, by teacher forcing: its best validation figures."""
    from seq2seq.training import train

    recipe = multi30k.DEFAULTS
    model = {"embedding_dim": 128, "units": 256, "decoder": "rnn", "dropout": 0.1, "word_dropout": 0.0}
    model["attention"] = "additive" if options.attention else "none"
    optimizer = {"learning_rate": 0.003, "warmup_updates": 400, "average_decay": 0.995}
    config = dataclasses.replace(
        recipe,
        **shared(options, setting, seed),
        vocab=dataclasses.replace(recipe.vocab, size=3000),
        model=dataclasses.replace(recipe.model, **model),
        optimizer=dataclasses.replace(recipe.optimizer, **optimizer),
        validation=dataclasses.replace(recipe.validation, every=300, samples=0),
        max_updates=options.updates,
    )
    return timed(train, config)


def train(options: Options, setting: str, seed: int) -> dict[str, float]:
    """One setting, from the parent of the seed: its best validation figures."""
    from seq2seq.model.objectives.options import SamplingOptions
    from seq2seq.tasks.options import DataOptions
    from seq2seq.training.finetune import finetune
    from seq2seq.training.options import FinetuneOptions

    sampling = {"schedule": "constant", "warmup": 0.0, **SETTINGS[setting]} if SETTINGS[setting] else {}
    config = FinetuneOptions(
        **shared(options, setting, seed),
        parent=run_dir(options, "parent", seed),
        data=DataOptions(batch_tokens=2000),
        optimizer=dataclasses.replace(FinetuneOptions.optimizer, learning_rate=0.001, average_decay=0.99),
        validation=dataclasses.replace(FinetuneOptions.validation, every=150, samples=0),
        sampling=SamplingOptions(**sampling),
        max_updates=options.more_updates,
    )
    return timed(finetune, config)


def timed(work: Callable[[Any], Any], config: Any) -> dict[str, float]:
    """Figures of a run: validation at its best, and the minutes it took."""
    started = time.monotonic()
    work(config)
    header, *rows = (config.run_dir / "metrics.csv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(header.split(","), row.split(","), strict=True)) for row in rows]
    best = max(rows, key=lambda row: float(row["valid_bleu"]))
    figures = {name: float(best[name]) for name in ("valid_bleu", "valid_loss")}
    return {**figures, "minutes": (time.monotonic() - started) / 60}


def test(options: Options, setting: str, seed: int) -> dict[str, float]:
    """Of a finished run on the test set, by beam 5: BLEU, and characters beside those of the reference."""
    from seq2seq.text.scores import bleu
    from seq2seq.translator import Translator

    source, target = (path.read_text(encoding="utf-8").splitlines() for path in files(options, "test_2016_flickr"))
    hypotheses = Translator.load(run_dir(options, setting, seed)).translate(source, beam_size=5)
    return {"bleu": bleu(hypotheses, target).value, "length": sum(map(len, hypotheses)) / sum(map(len, target))}


def run_dir(options: Options, setting: str, seed: int) -> Path:
    """Folder of a run."""
    kind = options.corpus if options.attention else f"{options.corpus}-without-attention"
    slug = "".join(letter if letter.isalnum() or letter == "." else "-" for letter in setting)
    return options.folder / f"{kind}-{options.updates}" / f"{slug}-{seed}"


def shared(options: Options, setting: str, seed: int) -> dict[str, Any]:
    """The options that parents and settings have alike: folder, seed, and the files learnt from and validated on."""
    from seq2seq.tasks.options import ParallelFiles

    (source, target), (valid_source, valid_target) = files(options, "train"), files(options, "val")
    return {
        "train": ParallelFiles(source=source, target=target),
        "valid": ParallelFiles(source=valid_source, target=valid_target),
        "run_dir": run_dir(options, setting, seed),
        "seed": seed,
        "threads": options.threads,
    }


def files(options: Options, part: str) -> list[Path]:
    """Source and target of a part."""
    folder = options.data_dir if options.corpus == "multi30k" else options.folder / "text-of-grammar"
    return [folder / f"{part}.{language}" for language in ("en", "de")]


def write_grammar(options: Options) -> None:
    """Long sentences of the embedded grammar, none in two parts."""
    from grammar import sentence_pairs

    drawn = sentence_pairs(DRAWN, seed=1)
    long = iter([pair for pair in drawn if len(pair[0].split()) >= WORDS])
    for part, number in LINES.items():
        pairs = zip(*itertools.islice(long, number), strict=True)
        for path, lines in zip(files(options, part), pairs, strict=True):
            path.parent.mkdir(exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def protocol(options: Options) -> dict[str, Any]:
    """What the runs of a table have in common."""
    names = "corpus attention updates more_updates"
    return {name: getattr(options, name) for name in names.split()}


def finished(options: Options) -> dict[tuple[str, str, int], dict[str, Any]]:
    """(what, setting, seed) -> figures, of the lines of this protocol."""
    text = options.results.read_text(encoding="utf-8") if options.results.exists() else ""
    lines = [json.loads(line) for line in text.splitlines()]
    same = [line for line in lines if protocol(options).items() <= line.items()]
    return {(line["what"], line["setting"], line["seed"]): line for line in same}


def table(options: Options, tuned: Mapping[str, Any], tests: Mapping[str, Sequence[Any]]) -> list[str]:
    """Markdown: what was tried, and the comparison."""
    name = options.corpus if options.attention else f"{options.corpus} without attention"
    lines = [
        f"{name}, embeddings 128, GRU 256, {options.tuning_updates} updates by teacher forcing to tune, "
        f"{options.updates} to compare, and {options.more_updates} more in each setting. {where()}",
        "",
        "| setting, seed 1 | validation BLEU (greedy) | validation loss | minutes |",
        "|---|---|---|---|",
    ]
    for setting, run in sorted(tuned.items(), key=lambda item: -item[1]["valid_bleu"]):
        lines.append(f"| {setting} | {run['valid_bleu']:.2f} | {run['valid_loss']:.3f} | {run['minutes']:.1f} |")
    lines += [
        "",
        f"| setting, {len(SEEDS)} seeds | test BLEU, beam 5: mean ± sd | − teacher forcing, 95 % interval | each seed "
        "| length |",
        "|---|---|---|---|---|",
    ]
    scores = {setting: [run["bleu"] for run in runs] for setting, runs in tests.items()}
    for setting, found in scores.items():
        differences = [score - other for score, other in zip(found, scores["teacher forcing"], strict=True)]
        half = T_OF_FIVE * statistics.stdev(differences) / math.sqrt(len(differences))
        compared = [f"{statistics.mean(differences):+.2f} ± {half:.2f}", " ".join(f"{one:+.2f}" for one in differences)]
        length = statistics.mean(run["length"] for run in tests[setting])
        cells = [setting, f"{statistics.mean(found):.2f} ± {statistics.stdev(found):.2f}"]
        cells += ["", ""] if setting == "teacher forcing" else compared
        lines.append(f"| {' | '.join(cells)} | {length:.1%} |")
    return lines


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
