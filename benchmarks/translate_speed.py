"""Translation speed beside JoeyNMT and another commit, from text to text, by turns in one run.

    python benchmarks/translate_speed.py --data-dir data/multi30k --joeynmt PYTHON --former CHECKOUT

The model is that of train_speed.py, trained here first, once, or that of --run. JoeyNMT's has the same layers and is
given the same weights, so both have the same to do, and the table says how many of their translations are alike, how
long they are beside the references, and their BLEU. The models are loaded before the clock starts. Products of 8-bit
integers are fast only on processors with instructions for them (x86 with VNNI). JoeyNMT 2.3 also needs
importlib_metadata, and a sentencepiece older than 0.2.1, without declaring either.
"""

import dataclasses
import json
import operator
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

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
VALIDATION = "by Keras, as in validation"


@dataclasses.dataclass(frozen=True)
class Options:
    """What to measure."""

    data_dir: Path = Path("data/multi30k")
    """Folder of Multi30k."""
    folder: Path = Path("runs/speed")
    """Folder for what is prepared: vocabulary, models, logs."""
    run: Path | None = None
    """Run folder of the model to translate with, in place of the one trained here. JoeyNMT has no such model."""
    joeynmt: str | None = None
    """Python interpreter that has JoeyNMT 2.3."""
    former: Path | None = None
    """Checkout of another commit, to compare with."""
    rounds: int = 5
    """Rounds; the median counts."""
    lines: int = 1000
    """Lines of the test set that are translated in a round."""
    threads: int = os.cpu_count()
    """Processor threads."""
    output: Path | None = None
    """File for the table."""


def main(options: Options) -> None:
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


def shared(options: Options, **more: Any) -> str:
    """What every system is told."""
    folder = options.folder.resolve()
    places = {"folder": str(folder), "run_dir": str(run(options)), "model_dir": str(folder / "joeynmt")}
    languages = {"source": "en", "target": "de"}
    return json.dumps({**MODEL, **places, **languages, "threads": options.threads, "dropout": DROPOUT, **more})


def train(options: Options) -> None:
    """The model, its weights for JoeyNMT and its shortlist, as far as they are not."""
    from seq2seq.model.archive import load_model

    if options.run is None:
        ours = shared(options, job="learn", attention="inside", updates=UPDATES, learning_rate=0.002)
        subprocess.run([sys.executable, SYSTEMS / "ours.py", ours], check=True)  # a finished run ends at once
        model = load_model(run(options) / "translator.keras")
        np.savez(weights(options), **{weight.path: weight.numpy() for weight in model.weights})
    text = ["--source", options.folder / "train.en", "--target", options.folder / "train.de"]
    command = [sys.executable, SCRIPTS / "shortlist.py", run(options), *text, "--translations", str(TRANSLATIONS)]
    if not shortlist(options).exists():
        subprocess.run([*command, "--output", shortlist(options)], check=True)


def commands(options: Options, beam_size: int) -> dict[str, list[str]]:
    """Command of each system."""
    text = str((options.data_dir / f"{TEST}.en").resolve())
    search = {"beam_size": beam_size}
    found = {}
    short = {"shortlist": str(shortlist(options).resolve())}
    keras = str(run(options) / "translator.keras")  # every commit reads it
    former_script = str((options.former or Path()).resolve() / "benchmarks" / "systems" / "ours.py")
    for precision in ("float32", "int8"):
        for more in ({}, short):
            how = ", int8" * (precision == "int8") + ", shortlist" * bool(more)
            ours = shared(options, job="translate", input=text, precision=precision, search=search, **more)
            found[f"ours{how}"] = [sys.executable, str(SYSTEMS / "ours.py"), ours]
            if options.former:
                former = json.dumps({**json.loads(ours), "run_dir": keras})
                found[f"former{how}"] = [sys.executable, former_script, former]
    in_validation = {**search, "batch_tokens": 8192 // beam_size}
    ours = shared(options, job="translate", input=text, search=in_validation, run_dir=keras, precision="float32")
    found[f"ours, {VALIDATION}"] = [sys.executable, str(SYSTEMS / "ours.py"), ours]
    if options.joeynmt and options.run is None:
        peer = shared(options, job="translate", input=text, beam_size=beam_size, weights=str(weights(options)))
        found["JoeyNMT"] = [options.joeynmt, str(SYSTEMS / "joey.py"), peer]
    return found


def run(options: Options) -> Path:
    """Run folder of our model."""
    return (options.run or options.folder / "ours").resolve()


def weights(options: Options) -> Path:
    """File of the weights of our model, by path."""
    return (options.folder / "weights.npz").resolve()


def shortlist(options: Options) -> Path:
    """File of the lexical shortlist of our model."""
    return options.folder / f"shortlist-{run(options).name}-{TRANSLATIONS}.npz"


def references(options: Options) -> list[str]:
    """The references of the lines."""
    return (options.data_dir / f"{TEST}.de").read_text(encoding="utf-8").split("\n")[: options.lines]


def table(answers: Mapping[str, Sequence[Mapping[str, Any]]], references: Sequence[str], how: str) -> list[str]:
    """A Markdown table: ratios first."""
    from seq2seq.text.scores import bleu

    def rate(name: str, what: str) -> list[float]:
        return [one[what] / one["seconds"] for one in answers[name]]

    lines = [
        f"| {how} | sentences, x JoeyNMT | x former | sentences/s: median (range) | pieces/s: median (range) "
        "| lines as JoeyNMT's | as former's | length | BLEU |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, rounds in answers.items():
        hypotheses = rounds[-1]["hypotheses"]
        times, same = [], []
        former = name.removesuffix(f", {VALIDATION}").replace("ours", "former")
        for peer, digits in (("JoeyNMT", 1), (former, 2)):
            if peer not in answers or peer == name:
                times, same = [*times, ""], [*same, ""]
                continue
            ratio = statistics.median(rate(name, "sentences")) / statistics.median(rate(peer, "sentences"))
            times.append(f"{ratio:.{digits}f}")
            same.append(f"{statistics.mean(map(operator.eq, hypotheses, answers[peer][-1]['hypotheses'])):.1%}")
        length = sum(len(line.split()) for line in hypotheses) / sum(len(line.split()) for line in references)
        cells = [*times, median(rate(name, "sentences"), 1), median(rate(name, "pieces")), *same]
        lines.append(f"| {name} | {' | '.join(cells)} | {length:.1%} | {bleu(hypotheses, references).value:.2f} |")
    return lines


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
