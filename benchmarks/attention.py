"""Attention inside and outside the recurrence: translation quality after equal updates, and training speed.

Trains the Multi30k recipe both ways for the same number of updates (a run that is finished already is taken as it
is), scores both on test_2016_flickr with bootstrap intervals, then times updates of both models alternately in one
process. Prints a Markdown table and writes it to --output.

    python benchmarks/attention.py --data-dir data/multi30k --runs runs/attention --updates 6000
"""

import dataclasses
import itertools
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tyro
from turns import where

sys.path.insert(0, str(Path(__file__).parents[1]))  # the recipes stand beside the package, not in it
from recipes import multi30k

DECODERS = {"inside": "conditional", "outside": "rnn"}
PLACES = tuple(DECODERS)


@dataclasses.dataclass(frozen=True)
class Options:
    """What to compare."""

    data_dir: Path = Path("data/multi30k")
    """Folder of Multi30k."""
    runs: Path = Path("runs/attention")
    """Folder for the two run folders."""
    updates: int = 6000
    """Updates of each run."""
    rounds: int = 7
    """Rounds of the speed measurement; the median counts."""
    updates_per_round: int = 20
    """Updates of each model in a round."""
    output: Path | None = None
    """File for the table."""


def main(options: Options) -> None:
    """Train, score, time, print."""
    runs = {place: multi30k.run_recipe(config(options, place)) for place in PLACES}
    scores = {place: quality(runs[place]) for place in PLACES}
    speeds = training_speed(options)
    lines = [
        f"Multi30k en→de, test_2016_flickr, beam 5. {where()}",
        "",
        "| attention | updates (best in validation) | BLEU | 95 % interval | target tokens/s: median (range) |",
        "|---|---|---|---|---|",
    ]
    for place in PLACES:
        trained, score, rates = runs[place], scores[place], speeds[place]
        rate = f"{statistics.median(rates):.0f} ({min(rates):.0f}–{max(rates):.0f})"
        updates = f"{trained.update} ({trained.best_update})"
        lines.append(f"| {place} | {updates} | {score.value:.2f} | {score.low:.2f}–{score.high:.2f} | {rate} |")
    ratios = [outside / inside for inside, outside in zip(speeds["inside"], speeds["outside"], strict=True)]
    difference = scores["outside"].value - scores["inside"].value
    lines += ["", f"Outside − inside: {difference:+.2f} BLEU; speed {statistics.median(ratios):.2f} times as high."]
    lines += [f"Signature: {scores['inside'].signature}"]
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def config(options: Options, place: str) -> multi30k.Config:
    """The recipe's defaults, except for the place of attention and the length of the run."""
    return dataclasses.replace(
        multi30k.DEFAULTS,
        data_dir=options.data_dir,
        run_dir=options.runs / place,
        model=dataclasses.replace(multi30k.DEFAULTS.model, decoder=DECODERS[place]),
        max_updates=options.updates,
    )


def quality(trained: Any) -> Any:
    """BLEU of a run's translations of the test set, with its interval."""
    from seq2seq.text.scores import bleu

    test = trained.results["test_2016_flickr"]
    return bleu(test.hypotheses, test.references, confidence=True)


def training_speed(options: Options) -> dict[str, list[float]]:
    """Target tokens a second of both models, round by round, on the same batches."""
    updates = {place: prepared_update(options, place) for place in PLACES}
    for place in itertools.chain.from_iterable([PLACES] * 25):  # the first updates trace the graph and grow the memory
        updates[place]()
    rates = {place: [] for place in PLACES}
    for place in itertools.chain.from_iterable([PLACES] * options.rounds):
        timed_rounds = [updates[place]() for _ in range(options.updates_per_round)]
        seconds, tokens = (sum(column) for column in zip(*timed_rounds, strict=True))
        rates[place].append(tokens / seconds)
    return rates


def prepared_update(options: Options, place: str) -> Callable[[], tuple[float, int]]:
    """A function that makes one update of a fresh model: -> (seconds, target tokens)."""
    from seq2seq.model import Adam, TeacherForcing, compose
    from seq2seq.tasks.pipeline import BATCH_SIGNATURE, training_dataset
    from seq2seq.text.batches import BatchPlan
    from seq2seq.text.encoding import encode_corpus
    from seq2seq.text.tokenizer import Tokenizer
    from seq2seq.training.updates import Updates

    settings = config(options, place)
    tokenizer = Tokenizer.load(settings.run_dir / "joint.model")
    corpus = multi30k.corpora(settings).train
    data, optimizer = settings.data, settings.optimizer
    encoded = encode_corpus(corpus, tokenizer, tokenizer, max_length=data.max_length)
    lengths = encoded.source_lengths, encoded.target_lengths
    plan = BatchPlan(*lengths, batch_tokens=data.batch_tokens, seed=settings.seed)
    model = compose(
        settings.model, tokenizer, tokenizer, max_source_length=data.max_length, share_embeddings=settings.vocab.joint
    )
    model.compile(Adam(optimizer.learning_rate, average_decay=optimizer.average_decay), precision="auto")
    update, objective = Updates(model, BATCH_SIGNATURE), TeacherForcing()
    batches = iter(training_dataset(encoded, plan))

    def one_update() -> tuple[float, int]:
        batch = next(batches)
        start = time.perf_counter()
        tokens = update(objective, [batch])["tokens"]
        return time.perf_counter() - start, tokens

    return one_update


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
