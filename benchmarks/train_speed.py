"""Training speed beside a textbook Keras model, JoeyNMT and the arithmetic limit, by turns in one run.

    python benchmarks/train_speed.py --data-dir data/multi30k --joeynmt PYTHON

The model of all: joint SentencePiece vocabulary of 8 000, embeddings 256, one bidirectional GRU layer of 512 per
direction, one GRU decoder layer of 512 with additive attention and input feeding, output layer 512 x 8 000; batches of
80 sentences, Adam, clipping by norm, label smoothing 0.1. The textbook model gets the very batches of ours; JoeyNMT
makes its own. PYTHON is an interpreter that has JoeyNMT; without it that row is left out.
Scheduled sampling is measured with half of the tokens gold.
"""

import dataclasses
import itertools
import json
import math
import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package, when it is not installed

import numpy as np
import tyro
from turns import System, by_turns, median, where

SYSTEMS = Path(__file__).parent / "systems"
MODEL = {"vocab_size": 8000, "embedding_dim": 256, "units": 512, "label_smoothing": 0.1, "learning_rate": 0.001}
SENTENCES = 80
WARM_UP = 25  # the first updates trace the graph and grow the memory


@dataclasses.dataclass(frozen=True)
class Options:
    """What to measure."""

    data_dir: Path = Path("data/multi30k")
    """Folder of Multi30k."""
    folder: Path = Path("runs/speed")
    """Folder for what is prepared: vocabulary, batches, logs."""
    joeynmt: str | None = None
    """Python interpreter that has JoeyNMT 2.3."""
    rounds: int = 7
    """Rounds; the median counts."""
    updates: int = 15
    """Updates of each system in a round."""
    threads: int = os.cpu_count()
    """Processor threads."""
    only: tuple[str, ...] = ()
    """Systems to run, by their names in the table; all by default."""
    output: Path | None = None
    """File for the table."""


def main(options: Options) -> None:
    """Prepare, measure, print."""
    options.folder.mkdir(parents=True, exist_ok=True)
    batches = prepare(options)
    systems = {}
    for name, (command, environment) in commands(options, batches).items():
        if not options.only or name in options.only:
            log = options.folder / f"{name}.log"
            systems[name] = System(command, environment, log=log)
    answers = by_turns(systems, rounds=options.rounds, size=options.updates, warm_up=WARM_UP)
    lines = table(answers)
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def commands(options: Options, batches: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Command and environment of each system."""
    shared = {**MODEL, "threads": options.threads, "seed": 1, "batches": str(batches)}
    data = np.load(batches)
    numbers = range(len(data.files) // 2)
    source, target = ([data[f"{side}_{i}"] for i in numbers] for side in ("source", "target"))
    mean = {
        "batch": [
            SENTENCES,
            round(statistics.mean(ids.shape[1] for ids in source)),
            round(statistics.mean(ids.shape[1] - 1 for ids in target)),
            round(statistics.mean(int((ids[:, 1:] != 0).sum()) for ids in target)),
        ]
    }

    def python(script: str, interpreter: str = sys.executable, **more: Any) -> list[str]:
        return [interpreter, str(SYSTEMS / f"{script}.py"), json.dumps({**shared, **more})]

    found = {
        f"{place}, {precision}": (python("ours", job="train", attention=place, precision=precision), {})
        for place in ("inside", "outside")
        for precision in ("float32", "bfloat16")
    }
    for place, way in itertools.product(("inside", "outside"), ("sequential", "parallel")):
        sampled = python("ours", job="train", attention=place, precision="float32", sampling=way)
        found[f"{place}, float32, {way} sampling"] = (sampled, {})
    # TensorFlow turns oneDNN on by itself on newer processors only; this toolkit always does.
    onednn = {"TF_ENABLE_ONEDNN_OPTS": "1"}
    found["textbook, float32"] = (python("textbook", policy="float32"), {})
    found["textbook, float32, oneDNN"] = (python("textbook", policy="float32"), onednn)
    found["textbook, mixed_bfloat16"] = (python("textbook", policy="mixed_bfloat16"), onednn)
    bf16 = {**onednn, "TF_SET_ONEDNN_FPMATH_MODE": "BF16"}
    found["textbook, oneDNN BF16"] = (python("textbook", policy="float32"), bf16)
    found["limit, float32"] = (python("products", dtype="float32", **mean), onednn)
    found["limit, bfloat16"] = (python("products", dtype="bfloat16", **mean), onednn)
    if options.joeynmt:
        folder = options.folder.resolve()
        places = {"folder": str(folder), "model_dir": str(folder / "joeynmt-speed"), "source": "en", "target": "de"}
        found["JoeyNMT"] = (python("joey", options.joeynmt, job="train", **places), {})
    return found


def prepare(options: Any) -> Path:
    """Vocabulary, batches of like length for ours and the textbook model, and text for JoeyNMT: path of the batches."""
    path = options.folder / "batches.npz"
    if path.exists():
        return path
    from seq2seq.text.corpus import ParallelCorpus
    from seq2seq.text.tokenizer import BOS_ID, EOS_ID, Tokenizer

    corpora = {
        name: ParallelCorpus.open(*(options.data_dir / f"{name}.{side}" for side in ("en", "de")))
        for name in ("train", "val")
    }
    train = corpora["train"]
    tokenizer = Tokenizer.train([*train.source, *train.target], vocab_size=MODEL["vocab_size"])
    tokenizer.save(options.folder / "joint.model")
    pieces = tokenizer.pieces(range(tokenizer.vocab_size))
    (options.folder / "vocabulary").write_text("\n".join(pieces) + "\n", encoding="utf-8")
    for name, corpus in (("train", train), ("dev", corpora["val"])):
        for language, side in (("en", corpus.source), ("de", corpus.target)):
            (options.folder / f"{name}.{language}").write_text("\n".join(side) + "\n", encoding="utf-8")

    source, target = ([[*ids, EOS_ID] for ids in tokenizer.encode(side)] for side in (train.source, train.target))
    lengths = np.array([[len(one), len(other)] for one, other in zip(source, target, strict=True)])
    random = np.random.default_rng(1)
    order = np.lexsort((random.random(len(lengths)), lengths[:, 0], lengths[:, 1]))
    starts = random.permutation(np.arange(0, len(order) - SENTENCES + 1, SENTENCES))
    arrays = {}
    for number, start in enumerate(starts):
        rows = order[start : start + SENTENCES]
        arrays[f"source_{number}"] = padded([source[row] for row in rows])
        arrays[f"target_{number}"] = padded([[BOS_ID, *target[row]] for row in rows])
    np.savez(path, **arrays)
    return path


def padded(sentences: Sequence[Sequence[int]]) -> np.ndarray:
    """Right-padded ids, int32 (B, length of the longest)."""
    ids = np.zeros((len(sentences), max(map(len, sentences))), np.int32)
    for row, sentence in zip(ids, sentences, strict=True):
        row[: len(sentence)] = sentence
    return ids


def table(answers: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """The Markdown table: ratios first, to the fastest textbook model, to JoeyNMT and to the limits."""

    def rates(name: str, tokens: str) -> list[float]:
        return [one[tokens] / one["seconds"] for one in answers.get(name, ()) if tokens in one] or [math.nan]

    middle = {name: statistics.median(rates(name, "tokens")) for name in answers}
    textbook = max((rate for name, rate in middle.items() if name.startswith("textbook")), default=math.nan)
    lines = [
        f"Multi30k en→de, batches of {SENTENCES} sentences. {where()}",
        "",
        "| system | x textbook | x JoeyNMT | with padding | of the float32 limit | of the bfloat16 limit "
        "| target tokens/s: median (range) |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, rate in sorted(middle.items(), key=lambda item: -item[1]):
        padded, peers = (statistics.median(rates(one, "padded")) for one in (name, "JoeyNMT"))
        ratios = [rate / textbook, rate / middle.get("JoeyNMT", math.nan), padded / peers]
        shares = [rate / middle.get(f"limit, {dtype}", math.nan) for dtype in ("float32", "bfloat16")]
        cells = [f"{ratio:.2f}" for ratio in ratios] + [f"{share:.0%}" for share in shares]
        cells = ["" if cell.startswith("nan") else cell for cell in cells]
        lines.append(f"| {name} | {' | '.join(cells)} | {median(rates(name, 'tokens'))} |")
    return lines


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
