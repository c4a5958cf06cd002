"""Translation speed beside JoeyNMT, from text to text, by turns in one run.

    python benchmarks/translate_speed.py --data-dir data/multi30k --joeynmt PYTHON

Both models are those of train_speed.py, trained here first, once, with dropout 0.2 and batches of 80 sentences: ours
for 1 500 updates, JoeyNMT for 1 320, the last 120 of them with a fifth of the learning rate. The models are loaded
before the clock starts. A model that stops too early or too late would be fast or slow for the wrong reason: the table
says how long its translations are beside the references, and their BLEU. Products of 8-bit integers need a processor
that has instructions for them (x86 with VNNI). A few of JoeyNMT's repeat themselves without end, so all of them are
cut where they are, on average, as long as the references.
"""

import dataclasses
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package, when it is not installed

import tyro
from train_speed import MODEL, SYSTEMS, prepare
from turns import System, by_turns, median, where

SCRIPTS = Path(__file__).parents[1] / "scripts"
TEST = "test_2016_flickr"
DROPOUT = 0.2
TRANSLATIONS = 20  # target pieces that the shortlist has for a source piece
LONGEST = {5: 30, 1: 23}  # pieces of JoeyNMT's translations for each beam size: keeps their length near 105 %


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
    """The two models, as far as they are not."""
    ours = shared(options, job="learn", attention="inside", updates=1500)
    subprocess.run([sys.executable, SYSTEMS / "ours.py", ours], check=True)  # a finished run ends at once
    if not shortlist(options).exists():
        text = ["--source", options.folder / "train.en", "--target", options.folder / "train.de"]
        command = [sys.executable, SCRIPTS / "shortlist.py", options.folder / "ours", *text]
        command += ["--translations", str(TRANSLATIONS), "--output", shortlist(options)]
        subprocess.run(command, check=True)
    done = options.folder / "joeynmt" / "done"
    if options.joeynmt and not done.exists():
        for updates, rate in ((1200, MODEL["learning_rate"]), (1320, MODEL["learning_rate"] / 5)):
            stage = {"updates": updates, "learning_rate": rate, "validation_freq": 60, "logging_freq": 60}
            subprocess.run([options.joeynmt, SYSTEMS / "joey.py", shared(options, job="learn", **stage)], check=True)
        done.touch()


def commands(options, beam_size):
    """Command of each system."""
    from seq2seq.layers import int8

    text = str((options.data_dir / f"{TEST}.en").resolve())
    search = {"beam_size": beam_size}
    found = {}
    short = {"shortlist": str(shortlist(options).resolve())}
    for precision, name in [("auto", "ours"), *([("int8", "ours, int8")] if int8.is_available() else [])]:
        for more in ({}, short):
            ours = shared(options, job="translate", input=text, precision=precision, search=search, **more)
            found[name + ", shortlist" * bool(more)] = [sys.executable, str(SYSTEMS / "ours.py"), ours]
    if options.joeynmt:
        peer = shared(options, job="translate", input=text, beam_size=beam_size, max_output_length=LONGEST[beam_size])
        found["JoeyNMT"] = [options.joeynmt, str(SYSTEMS / "joey.py"), peer]
    return found


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
        "| length | BLEU |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, rounds in answers.items():
        cells = []
        for what in ("sentences", "pieces"):
            peer = statistics.median(rate("JoeyNMT", what)) if "JoeyNMT" in answers else float("nan")
            cells.append(f"{statistics.median(rate(name, what)) / peer:.1f}")
        hypotheses = rounds[-1]["hypotheses"]
        length = sum(len(line.split()) for line in hypotheses) / sum(len(line.split()) for line in references)
        cells += [median(rate(name, "sentences"), 1), median(rate(name, "pieces"))]
        lines.append(f"| {name} | {' | '.join(cells)} | {length:.1%} | {bleu(hypotheses, references).value:.1f} |")
    return lines


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
