"""How cost grows: time beside the size of the corpus, the number of batches and the length of sentences.

    python benchmarks/growth.py RUN

Nothing but length should make a token dearer, and that only by what attention looks at. Corpora are those of memory.py,
trained on with its small model; RUN is a run folder, or a .keras file, to translate with. Sentences of one length are
words of the embedded corpus at random, and their translations are held to the same length, so that the pieces to search
for are known. Writes a table, and a picture beside it.
"""

import csv
import dataclasses
import random
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package, when it is not installed

import numpy as np
import tyro
from memory import corpus_files, small_training
from turns import timed, where

from seq2seq.tasks.options import TranslationValidation

UPDATES, WINDOW = 400, 100  # of each training run, and between its measurements
ROUNDS = 5


@dataclasses.dataclass(frozen=True)
class Options:
    """What to measure."""

    run: tyro.conf.Positional[Path]
    """Run folder, or a .keras file, to translate with."""
    folder: Path = Path("runs/memory")
    """Folder for corpora and run folders."""
    pairs: tuple[int, ...] = (10_000, 100_000, 500_000)
    """Sizes of the corpora."""
    lengths: tuple[int, ...] = (12, 24, 48, 96)
    """Lengths of sentences, in tokens."""
    lines: tuple[int, ...] = (1_000, 3_000, 9_000)
    """Lines to translate."""
    output: Path = Path("growth.md")
    """File for the tables; the picture stands beside it, under the same name."""


def main(options: Options) -> None:
    """Measure, print, draw."""
    options.folder.mkdir(parents=True, exist_ok=True)
    by_corpus, by_update = training_runs(options)
    panels = [
        ("pairs of the corpus", "training, ms per 1 000 target tokens", by_corpus),
        ("updates made", "training, ms per 1 000 target tokens", by_update),
        ("tokens of each sentence", "training, ms per 1 000 target tokens", training_by_length(options)),
        ("lines to translate", "beam 5, ms per line", translation_by_lines(options)),
        ("tokens of each sentence", "beam 5, ms per 1 000 target pieces", translation_by_length(options)),
    ]
    lines = [where()]
    for size, cost, values in panels:
        lines += ["", f"| {size} | {cost} |", "|---|---|"]
        lines += [f"| {key:,} | {value:,.1f} |" for key, value in values.items()]
    print("\n".join(lines))
    options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draw(panels, options.output.with_suffix(".png"))


def training_runs(options: Options) -> tuple[dict[int, float], dict[int, float]]:
    """Milliseconds per 1 000 tokens by size of the corpus, and by number of updates on the largest."""
    from seq2seq.training import train

    validation = TranslationValidation(every=WINDOW, samples=0)
    by_corpus = {}
    for pairs in options.pairs:
        run_dir = options.folder / f"growth-{pairs}"
        train(small_training(options.folder, pairs, run_dir=run_dir, max_updates=UPDATES, validation=validation))
        with open(run_dir / "speed.csv", encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        by_update = {int(row["update"]): 1e6 / float(row["tokens_per_second"]) for row in rows[1:]}  # the first traces
        by_corpus[pairs] = statistics.median(by_update.values())
    return by_corpus, by_update


def training_by_length(options: Options) -> dict[int, float]:
    """Milliseconds per 1 000 tokens of updates on batches of about as many tokens."""
    import tensorflow as tf

    from seq2seq.model import Adam, TeacherForcing, compose
    from seq2seq.tasks.pipeline import BATCH_SIGNATURE
    from seq2seq.text.tokenizer import Tokenizer
    from seq2seq.training.updates import Updates

    run_dir = options.folder / f"growth-{options.pairs[0]}"
    settings = small_training(options.folder, options.pairs[0], run_dir=run_dir, max_updates=UPDATES)
    source, target = (Tokenizer.load(run_dir / f"{side}.model") for side in ("source", "target"))
    model = compose(settings.model, source, target, max_source_length=settings.data.max_length)
    model.compile(Adam(1e-3))
    update, objective = Updates(model, BATCH_SIGNATURE), TeacherForcing()
    numbers = np.random.default_rng(1)
    found = {}
    for length in options.lengths:
        sentences = 40
        batch = {
            "source_ids": tf.constant(numbers.integers(4, source.vocab_size, (sentences, length)), tf.int32),
            "target_ids": tf.constant(numbers.integers(4, target.vocab_size, (sentences, length + 1)), tf.int32),
        }

        def updates(batch: dict[str, tf.Tensor] = batch) -> None:
            for _ in range(10):
                update(objective, [batch])

        updates()
        found[length] = median_milliseconds(updates) / (10 * sentences * length / 1000)
    return found


def translation_by_lines(options: Options) -> dict[int, float]:
    """Milliseconds per line, beside the number of lines."""
    from seq2seq.translator import Translator

    translator = Translator.load(options.run)
    lines = corpus_files(options.folder, max(options.lines))[0].read_text(encoding="utf-8").splitlines()
    translator.translate(lines[:1000])
    # What is measured is the command's way: windows of lines, each sorted by itself.
    random.Random(1).shuffle(lines)
    return {count: 1000 * timed(translator.translate, lines[:count])[0] / count for count in options.lines}


def translation_by_length(options: Options) -> dict[int, float]:
    """Milliseconds per 1 000 target pieces, beside the length of the sentences on both sides."""
    from seq2seq.translator import Translator
    from seq2seq.translator.opening import read_tokenizers

    translator = Translator.load(options.run)
    tokenizer, _ = read_tokenizers(options.run)
    words = corpus_files(options.folder, 500)[0].read_text(encoding="utf-8").split()
    chance = random.Random(1)
    found = {}
    for length in options.lengths:
        lines = [line_of_length(tokenizer, words, length, chance) for _ in range(96)]
        # With these limits each translation has `length` tokens.
        limits = {"min_length": length, "max_length_factor": max(length - 10, 1) / length}

        def translate(lines: list[str] = lines, limits: dict[str, float] = limits) -> Any:
            return translator.search(lines, **limits)

        pieces = sum(len(translations[0].target_pieces) for translations in translate())
        found[length] = median_milliseconds(translate) / pieces * 1000
    return found


def line_of_length(tokenizer: Any, words: Sequence[str], length: int, chance: random.Random) -> str:
    """Words at random that come to at most so many tokens, the end token among them."""
    line = chance.choice(words)
    while True:
        longer = f"{line} {chance.choice(words)}"
        if len(tokenizer.encode([longer])[0]) >= length:
            return line
        line = longer


def median_milliseconds(function: Callable[[], Any]) -> float:
    """What a call takes."""
    return 1000 * statistics.median(timed(function)[0] for _ in range(ROUNDS))


def draw(panels: Sequence[tuple[str, str, Mapping[int, float]]], path: Path) -> None:
    """One small picture for each table."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.2 * len(panels), 3), layout="constrained")
    for axes, (size, cost, values) in zip(figure.subplots(1, len(panels)), panels, strict=True):
        axes.plot(list(values), list(values.values()), "o-", color="0.2")
        if max(values) >= 10 * min(values):
            axes.set_xscale("log")
        title, unit = cost.split(", ")
        axes.set(title=title, xlabel=size, ylabel=unit, ylim=(0, 1.5 * max(values.values())))
        axes.grid(color="0.9")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
