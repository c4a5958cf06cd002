"""What one wrong word does to those after it: exposure bias, measured and drawn.

    python benchmarks/exposure_bias.py RUN_A RUN_B --names "teacher forcing" "scheduled sampling" \\
        --source data/multi30k/val.en --target data/multi30k/val.de

The decoder reads gold targets in which one token, at a random place of each sentence, is replaced by the likeliest
wrong one: the mistake that the model itself would make there. Drawn is the share of next tokens that are not gold, by
their distance from this place, beside the same share without the mistake. A model that has only ever read gold does not
know what to do after a mistake; the difference of the two curves is what it lacks.
"""

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package, when it is not installed

import numpy as np
import tyro
from turns import where

BEFORE, AFTER = 3, 8  # tokens drawn on either side of the mistake


@dataclasses.dataclass(frozen=True)
class Options:
    """What to draw."""

    runs: tyro.conf.Positional[tuple[Path, ...]]
    """Run folders, or .keras files, one for each model."""
    source: Path
    """Text that no model learnt from."""
    target: Path
    """Its translation."""
    names: tuple[str, ...] = ()
    """What to call the models; by default the names of their folders."""
    repetitions: int = 5
    """Places tried in each sentence."""
    output: Path = Path("exposure_bias.png")
    """The picture."""


def main(options: Options) -> None:
    """Measure, print, draw."""
    from seq2seq.model import load_model

    names = options.names or tuple(run.name for run in options.runs)
    if not options.runs or len(set(names)) != len(options.runs):
        raise SystemExit(f"{len(options.runs)} runs, {len(set(names))} names: give a run or more, all with names.")
    curves = {name: error_rates(load_model(run), options) for name, run in zip(names, options.runs, strict=True)}
    distances = range(-BEFORE, AFTER + 1)
    print(f"{where()}\n\n| tokens after the mistake | {' | '.join(map(str, distances))} |")
    print("|---" * (1 + len(distances)) + "|")
    for name, pair in curves.items():
        for rates, how in zip(pair, ("gold alone", "one mistake"), strict=True):
            print(f"| {name}, {how} | {' | '.join(f'{rate:.1%}' for rate in rates)} |")
    draw(curves, distances, options.output)


def error_rates(model: Any, options: Options) -> np.ndarray:
    """Shares of next tokens that are not gold, at each distance: (without, with) the mistake."""
    import tensorflow as tf

    from seq2seq.tasks.pipeline import BATCH_SIGNATURE, training_dataset
    from seq2seq.text import BatchPlan, ParallelCorpus, encode_corpus

    logits_of = tf.function(model.call, input_signature=[BATCH_SIGNATURE], autograph=False)
    corpus = ParallelCorpus.open(options.source, options.target)
    ids = encode_corpus(corpus, model.source_tokenizer, model.target_tokenizer, max_length=model.max_source_length)
    plan = BatchPlan(ids.source_lengths, ids.target_lengths, batch_tokens=2000, seed=1)
    random = np.random.default_rng(1)
    wrong, seen = np.zeros((2, 2, BEFORE + AFTER + 1))
    for batch in training_dataset(ids, plan, epochs=options.repetitions).as_numpy_iterator():
        target = batch["target_ids"]  # (B, T + 1)
        rows, labels = np.arange(len(target)), target[:, 1:]
        lengths = np.count_nonzero(labels, axis=1)  # end included
        logits = logits_of(batch).numpy()
        place = random.integers(0, np.maximum(lengths - 1, 1))  # (B,), of a label that is not the end
        read = target.copy()
        read[rows, place + 1] = likeliest_wrong(logits[rows, place], labels[rows, place])
        mistaken = logits_of({**batch, "target_ids": read}).numpy()
        predicted = np.stack([logits.argmax(axis=2), mistaken.argmax(axis=2)])
        for column, distance in enumerate(range(-BEFORE, AFTER + 1)):
            at = place + distance
            there = (at >= 0) & (at < lengths)
            wrong[:, column] += (predicted[:, rows[there], at[there]] != labels[there, at[there]]).sum(axis=1)
            seen[:, column] += there.sum()
    return wrong / seen


def likeliest_wrong(logits: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """The likeliest token that is a word and is not gold: (B, V), (B,) -> (B,)."""
    logits = logits.copy()
    logits[:, :4] = -np.inf  # pad, unk, bos, eos
    logits[np.arange(len(gold)), gold] = -np.inf
    return logits.argmax(axis=1)


def draw(curves: Mapping[str, np.ndarray], distances: Sequence[int], path: Path) -> None:
    """The curves: dashed without the mistake."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for number, (name, (without, mistaken)) in enumerate(curves.items()):
        axes.plot(distances, 100 * without, ".--", color=f"C{number}", linewidth=1, label=f"{name}: after gold alone")
        axes.plot(distances, 100 * mistaken, ".-", color=f"C{number}", label=f"{name}: after one mistake")
    axes.axvspan(0.5, AFTER + 0.5, color="0.96", zorder=0)
    axes.annotate(
        "what follows the mistake", (AFTER + 0.4, 0.97), xycoords=("data", "axes fraction"), ha="right", va="top"
    )
    axes.set_xticks(distances)
    axes.set_xlim(-BEFORE - 0.5, AFTER + 0.5)
    axes.set_xlabel("tokens after the mistake (it stands at 0)")
    axes.set_ylabel("next tokens that are not gold (%)")
    axes.grid(color="0.9")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
