"""Memory beside the size of what comes in: training on a small and a large corpus, translating a long stream.

    python benchmarks/memory.py RUN

What is measured is RssAnon of /proc: memory that a process has for itself, mapped files apart. Pairs are drawn from the
embedded corpus and numbered (00000000, 00000001 ...): so no two are alike and late ones no longer than early ones.
Training is 200 updates of a small model, with vocabulary, encoding and validation. The stream is a file of 1 GB on
standard input of `translate.py RUN`.
"""

import dataclasses
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package, when it is not installed
sys.path.insert(0, str(Path(__file__).parents[1] / "recipes"))  # the grammar

import tyro
from turns import where

from seq2seq.model.options import ModelOptions
from seq2seq.tasks.options import ParallelFiles, TranslationValidation, VocabularyOptions
from seq2seq.training.options import TrainingOptions

SCRIPT = Path(__file__).parents[1] / "scripts" / "translate.py"
UPDATES = 200
LOOKS = (2_000, 20_000)  # lines of the stream


@dataclasses.dataclass(frozen=True)
class Options:
    """What to measure."""

    run: tyro.conf.Positional[Path]
    """Run folder, or a .keras file, to translate with."""
    folder: Path = Path("runs/memory")
    """Folder for corpora and run folders."""
    pairs: tuple[int, ...] = (10_000, 10_000_000)
    """Sizes of the corpora."""
    stream_bytes: int = 1 << 30
    """Size of the stream."""
    train_on: int | None = None
    """Do nothing but train on a corpus of so many pairs (what the script asks of itself)."""
    output: Path | None = None
    """File for the table."""


def main(options: Options) -> None:
    """Train on each corpus in a process of its own, translate the stream, print."""
    if options.train_on:
        print(json.dumps(train(options.folder, options.train_on)))
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    lines = [where(), ""]
    lines += [f"| training pairs | RssAnon after {UPDATES} updates, MB | highest, MB | minutes |", "|---|---|---|---|"]
    for pairs in options.pairs:
        command = [sys.executable, __file__, options.run, "--folder", options.folder, "--train-on", str(pairs)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        said = json.loads(done.stdout.splitlines()[-1])
        lines.append(f"| {pairs:,} | {said['end']:,.0f} | {said['highest']:,.0f} | {said['minutes']:.1f} |")
    lines += ["", "| lines translated | RssAnon, MB |", "|---|---|"]
    lines += [f"| {count:,} | {megabytes:,.1f} |" for count, megabytes in translate(options).items()]
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def own_memory(process: int | str = "self") -> float:
    """RssAnon of a process, in MB (2^20 bytes)."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("/proc tells no RssAnon; this benchmark needs Linux")


def numbered_pairs(count: int) -> Iterator[tuple[str, str]]:
    """Pairs of the embedded corpus, over and over, with a number in each."""
    from grammar import sentence_pairs

    pairs = itertools.cycle(sentence_pairs(20_000, seed=1))
    for number, (source, target) in enumerate(itertools.islice(pairs, count)):
        yield f"{number:08d} {source}", f"{number:08d} {target}"


def corpus_files(folder: Path, count: int) -> list[Path]:
    """The two files of a corpus, written if they are not there."""
    paths = [folder / f"{count}.{side}" for side in ("en", "de")]
    if not all(path.exists() for path in paths):
        with open(paths[0], "w", encoding="utf-8") as source, open(paths[1], "w", encoding="utf-8") as target:
            for one, other in numbered_pairs(count):
                source.write(f"{one}\n")
                target.write(f"{other}\n")
    return paths


def small_training(folder: Path, pairs: int, **changes: Any) -> TrainingOptions:
    """Options to train a model that costs little beside what is measured, on so many pairs."""
    train, valid = corpus_files(folder, pairs), corpus_files(folder, 500)
    return TrainingOptions(
        train=ParallelFiles(source=train[0], target=train[1]),
        valid=ParallelFiles(source=valid[0], target=valid[1]),
        vocab=VocabularyOptions(size=1000),
        model=ModelOptions(units=64, embedding_dim=64),
        **changes,
    )


def train(folder: Path, pairs: int) -> dict[str, float]:
    """Train in this process and watch its memory."""
    seen, started = [], time.perf_counter()

    def watch() -> None:
        while True:
            seen.append(own_memory())
            time.sleep(0.2)

    threading.Thread(target=watch, daemon=True).start()
    from seq2seq.training import train

    validation = TranslationValidation(every=UPDATES)
    train(small_training(folder, pairs, run_dir=folder / f"run-{pairs}", max_updates=UPDATES, validation=validation))
    return {"end": own_memory(), "highest": max(seen), "minutes": (time.perf_counter() - started) / 60}


def translate(options: Options) -> dict[int, float]:
    """RssAnon of `translate.py` when so many lines have come out."""
    stream = options.folder / "stream.en"
    if not stream.exists() or stream.stat().st_size < options.stream_bytes:
        block = "".join(f"{source}\n" for source, _ in numbered_pairs(100_000))
        with open(stream, "w", encoding="utf-8") as file:
            for _ in range(options.stream_bytes // len(block.encode()) + 1):
                file.write(block)
    found = {}
    with open(stream, "rb") as lines:
        command = [sys.executable, SCRIPT, options.run]
        process = subprocess.Popen(command, stdin=lines, stdout=subprocess.PIPE, text=True)
    for count, _ in enumerate(process.stdout, start=1):
        if count in LOOKS:
            found[count] = own_memory(process.pid)
        if count == LOOKS[-1]:
            break
    process.kill()
    process.wait()
    return found


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
