"""Translation speed beside JoeyNMT, from text to text, by turns in one run.

    python benchmarks/translate_speed.py --data-dir data/multi30k --joeynmt PYTHON

The model is that of train_speed.py, trained here first, once. JoeyNMT's has the same layers and is given the same
weights, so both have the same to do, and the table says how many of their translations are alike, how long they are
beside the references, and their BLEU. The models are loaded before the clock starts. Products of 8-bit integers need a
processor that has instructions for them (x86 with VNNI). JoeyNMT 2.3 also needs importlib_metadata, and a sentencepiece
older than 0.2.1, without declaring either.
"""

import dataclasses
import json
import operator
import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package, when it is not installed

import numpy as np
import tyro
from train_speed import MODEL, SYSTEMS, prepare
from turns import System, by_turns, median, where

SCRIPTS = Path(__file__).parents[1] / "scripts"
TEST = "test_2016_flickr"
DROPOUT = 0.2
TRANSLATIONS = 20  # target pieces that the shortlist has for a source piece
UPDATES = 3000


@dataclasses.dataclass(frozen=True)
class Options:
    """What to measure."""

    data_dir: Path = Path("data/multi30k")
    """Folder of Multi30k."""
    folder: Path = Path("runs/speed")
    """Folder for what is prepared: vocabulary, models, logs."""
    joeynmt: str | None = None
    """Python interpreter that has JoeyNMT 2.3."""
    rounds: int = 5
    """Rounds; the median counts."""
    lines: int = 1000
    """Lines of the test set that are translated in a round."""
    threads: int = os.cpu_count()
    """Processor threads."""
    output: Path | None = None
    """File for the table."""


def main(options):
    """Prepare, measure, print."""
    options.folder.mkdir(parents=True, exist_ok=True)
    prepare(options)
    train(options)
    lines = [f"Multi30k en→de, {options.lines} lines of {TEST}. {where()}", ""]
    for beam_size in (5, 1):
        systems = {}
        for name, command in commands(options, beam_size).items():
            systems[name] = System(command, log=options.folder / f"{name}.log")
        answers = by_turns(systems, rounds=options.rounds, size=options.lines, warm_up=options.lines)
        for system in systems.values():
            system.stop()
        lines += [*table(answers, references(options), "greedy" if beam_size == 1 else f"beam {beam_size}"), ""]
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines), encoding="utf-8")


def shared(options, **more):
    """What every system is told."""
    folder = options.folder.resolve()
    places = {"folder": str(folder), "run_dir": str(folder / "ours"), "model_dir": str(folder / "joeynmt")}
    languages = {"source": "en", "target": "de"}
    return json.dumps({**MODEL, **places, **languages, "threads": options.threads, "dropout": DROPOUT, **more})


def train(options):
    """The model, its weights for JoeyNMT and its shortlist, as far as they are not."""
    from seq2seq.model.archive import load_model

    run = options.folder / "ours"
    ours = shared(options, job="learn", attention="inside", updates=UPDATES, learning_rate=0.002)
    subprocess.run([sys.executable, SYSTEMS / "ours.py", ours], check=True)  # a finished run ends at once
    model = load_model(run / "translator.keras")
    np.savez(weights(options), **{weight.path: weight.numpy() for weight in model.weights})
    text = ["--source", options.folder / "train.en", "--target", options.folder / "train.de"]
    command = [sys.executable, SCRIPTS / "shortlist.py", run, *text, "--translations", str(TRANSLATIONS)]
    if not shortlist(options).exists():
        subprocess.run([*command, "--output", shortlist(options)], check=True)


def commands(options, beam_size):
    """Command of each system."""
    text = str((options.data_dir / f"{TEST}.en").resolve())
    search = {"beam_size": beam_size}
    found = {}
    short = {"shortlist": str(shortlist(options).resolve())}
    for precision, name in [("float32", "ours"), ("int8", "ours, int8")]:
        for more in ({}, short):
            ours = shared(options, job="translate", input=text, precision=precision, search=search, **more)
            found[name + ", shortlist" * bool(more)] = [sys.executable, str(SYSTEMS / "ours.py"), ours]
    if options.joeynmt:
        peer = shared(options, job="translate", input=text, beam_size=beam_size, weights=str(weights(options)))
        found["JoeyNMT"] = [options.joeynmt, str(SYSTEMS / "joey.py"), peer]
    return found


def weights(options):
    """File of the weights of our model, by path."""
    return (options.folder / "weights.npz").resolve()


def shortlist(options):
    """File of the lexical shortlist of our model."""
    return options.folder / f"shortlist-{TRANSLATIONS}.npz"


def references(options):
    """The references of the lines."""
    return (options.data_dir / f"{TEST}.de").read_text(encoding="utf-8").split("\n")[: options.lines]


def table(answers, references, how):
    """A Markdown table: ratios first."""
    from seq2seq.text.evaluation import bleu

    def rate(name, what):
        return [one[what] / one["seconds"] for one in answers[name]]

    lines = [
        f"| {how} | sentences, x JoeyNMT | pieces, x JoeyNMT | sentences/s: median (range) | pieces/s "
        "| lines as JoeyNMT's | length | BLEU |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, rounds in answers.items():
        cells = []
        for what in ("sentences", "pieces"):
            peer = statistics.median(rate("JoeyNMT", what)) if "JoeyNMT" in answers else float("nan")
            cells.append(f"{statistics.median(rate(name, what)) / peer:.1f}")
        hypotheses = rounds[-1]["hypotheses"]
        length = sum(len(line.split()) for line in hypotheses) / sum(len(line.split()) for line in references)
        same = ""
        if "JoeyNMT" in answers:
            same = f"{statistics.mean(map(operator.eq, hypotheses, answers['JoeyNMT'][-1]['hypotheses'])):.1%}"
        cells += [median(rate(name, "sentences"), 1), median(rate(name, "pieces")), same]
        lines.append(f"| {name} | {' | '.join(cells)} | {length:.1%} | {bleu(hypotheses, references).value:.2f} |")
    return lines


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
