"""Every recurrence as a translator: Multi30k English-German, equal sizes, equal processor time.

    python benchmarks/recurrences.py speed --data-dir data/multi30k
    python benchmarks/recurrences.py train --only gru min_gru     # several of these may run side by side
    python benchmarks/recurrences.py table

The model is that of recipes/multi30k.py with attention outside the recurrence (--model.decoder rnn), so that a linear
recurrence is one scan in encoder and decoder. Each cell gets the units that bring its translator nearest to the
parameters of GRU with 256. `speed` measures the processor time of an update by turns, on one thread. `train` gives
each cell as many updates as fit into --minutes of one core at that speed, so that other work on the machine changes
nothing; it continues a run that was stopped. `table` translates the test set with each finished run by turns and
prints the table.
"""

import dataclasses
import functools
import itertools
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package and the recipes, when they are not installed

import tyro
from turns import where

from recipes import multi30k
from seq2seq.registry import CELLS

REFERENCE, UNITS = "gru", 256
TEST = "test_2016_flickr"
WARM_UP = 3  # updates of each cell before the clock starts


@dataclasses.dataclass(frozen=True)
class Options:
    """What to do."""

    what: tyro.conf.Positional[Literal["speed", "train", "table"]]
    """Measure the speed of training, train, or translate and print the table."""
    data_dir: Path = Path("data/multi30k")
    """Folder of Multi30k."""
    folder: Path = Path("runs/recurrences")
    """Folder of speeds and runs."""
    only: tuple[str, ...] = ()
    """Cells; all by default."""
    minutes: float = 15.0
    """Minutes of one core for each cell."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Type of matrix products."""
    units: int = 0
    """Units of every cell, in place of those that give equal parameters (0)."""
    layers: int = 1
    """Layers of encoder and decoder."""
    rounds: int = 8
    """Rounds of speed; the median counts."""
    output: Path | None = None
    """File for the table."""

    @property
    def cells(self) -> list[str]:
        return [cell for cell in CELLS if cell in self.only or not self.only]

    @property
    def speeds(self) -> Path:
        """File with the speed of each cell."""
        return self.folder / "speed.json"


def main(options: Options) -> None:
    """Do what the options say."""
    options.folder.mkdir(parents=True, exist_ok=True)
    {"speed": speed, "train": train, "table": table}[options.what](options)


def config(options: Options, cell: str, **changes: Any) -> multi30k.Config:
    """Options of a cell's run, as recipes/multi30k.py takes them."""
    defaults = multi30k.DEFAULTS
    return dataclasses.replace(
        defaults,
        data_dir=options.data_dir,
        run_dir=options.folder / cell,
        model=dataclasses.replace(
            defaults.model, cell=cell, units=options.units or units_of(cell), layers=options.layers, decoder="rnn"
        ),
        optimizer=dataclasses.replace(defaults.optimizer, warmup_updates=500),
        **{"threads": 1, **changes},
    )


@functools.cache
def units_of(cell: str) -> int:
    """The units that bring a translator nearest to the parameters of the reference's."""
    if cell == REFERENCE:
        return UNITS
    return min(range(32, 1025, 8), key=lambda units: abs(parameters(cell, units) - parameters(REFERENCE, UNITS)))


@functools.cache
def parameters(cell: str, units: int) -> int:
    """Weights of the translator, embedding included."""
    from seq2seq.model.composition import make_cell

    defaults = dataclasses.replace(multi30k.DEFAULTS.model, cell=cell)
    size, embedding = multi30k.DEFAULTS.vocab.size, defaults.embedding_dim
    one = make_cell(defaults, units)
    one.build((None, None, embedding))
    output = one.output_size
    bridged = sum(part.size for part in one.state_parts if part.bridged)
    bridge = (2 * bridged + 1) * bridged
    attention = units * (3 * output + 2)  # keys of both directions, query, bias, scores
    readout = (3 * output + embedding + 1) * embedding
    return size * (embedding + 1) + 3 * one.count_params() + bridge + attention + readout


def speed(options: Options) -> None:
    """Measures the processor seconds and target tokens of an update of each cell, by turns."""
    from seq2seq.layers.precision import decide
    from seq2seq.startup import set_threads

    set_threads(1)
    precision = decide(options.precision)
    batches = list(real_batches(options, number=options.rounds + WARM_UP))
    tokens = [int((batch["target_ids"][:, 1:] != 0).numpy().sum()) for batch in batches]
    updates = {cell: updater(options, cell, precision) for cell in options.cells}
    seconds = {cell: [] for cell in updates}
    for number, batch in enumerate(batches):
        for cell, update in updates.items():
            start = time.process_time()
            update(batch)
            if number >= WARM_UP:
                seconds[cell].append(time.process_time() - start)
        print(f"round {number + 1} of {len(batches)}", file=sys.stderr)
    known = json.loads(options.speeds.read_text()) if options.speeds.exists() else {}
    for cell, values in seconds.items():
        rates = [count / value for count, value in zip(tokens[WARM_UP:], values, strict=True)]
        figures = {"seconds": statistics.median(values), "tokens": statistics.median(rates), "precision": precision}
        known[cell] = {**figures, "where": where()}
        print(f"{cell:16} {figures['seconds']:.3f} s an update, {figures['tokens']:,.0f} target tokens a second")
    options.speeds.write_text(json.dumps(known, indent=1))


def real_batches(options: Options, number: int) -> Iterator[Mapping[str, Any]]:
    """Batches of the recipe, the same for all cells."""
    from seq2seq.tasks.pipeline import training_dataset
    from seq2seq.text.batches import BatchPlan
    from seq2seq.text.encoding import encode_corpus

    defaults = multi30k.DEFAULTS
    corpus, tokenizer = multi30k.corpora(config(options, REFERENCE)).train, vocabulary(options)
    encoded = encode_corpus(corpus, tokenizer, tokenizer, max_length=defaults.data.max_length)
    lengths = encoded.source_lengths, encoded.target_lengths
    plan = BatchPlan(*lengths, batch_tokens=defaults.data.batch_tokens, seed=defaults.seed)
    return itertools.islice(training_dataset(encoded, plan), number)


@functools.cache
def vocabulary(options: Options) -> Any:
    """The recipe's joint vocabulary."""
    from seq2seq.text.tokenizer import Tokenizer

    corpus = multi30k.corpora(config(options, REFERENCE)).train
    return Tokenizer.train([*corpus.source, *corpus.target], vocab_size=multi30k.DEFAULTS.vocab.size)


def updater(options: Options, cell: str, precision: str) -> Callable[[Mapping[str, Any]], Any]:
    """A function that makes one update of a cell's translator by a batch."""
    import tensorflow as tf

    from seq2seq.model import Adam
    from seq2seq.model.composition import compose
    from seq2seq.tasks.pipeline import BATCH_SIGNATURE

    tokenizer = vocabulary(options)
    model = compose(config(options, cell).model, tokenizer, tokenizer, max_source_length=100, share_embeddings=True)
    print(f"{cell:16} {model.encoder.cell.units} units, {model.count_params():,} parameters", file=sys.stderr)
    model.compile(Adam(0.001, average_decay=0.999), precision=precision)
    return tf.function(model.update, input_signature=[BATCH_SIGNATURE], autograph=False)


def train(options: Options) -> None:
    """Trains each cell for as many updates as fit into its time."""
    from seq2seq.startup import set_threads
    from seq2seq.training import train as train_run

    set_threads(1)  # before a cell is built to count its parameters
    speeds = json.loads(options.speeds.read_text())
    for cell in options.cells:
        updates = int(60 * options.minutes / speeds[cell]["seconds"])
        precision = speeds[cell]["precision"]
        train_run(config(options, cell, max_updates=updates, precision=precision), corpora=multi30k.corpora)


def table(options: Options) -> None:
    """Translates the test set with each finished run, by turns, and prints the table."""
    speeds = json.loads(options.speeds.read_text())
    done = [cell for cell in options.cells if (options.folder / cell / "scores.json").exists()]
    rates = translation_rates(options, done)
    lines = [f"Multi30k en→de, {options.minutes:g} minutes of one core each. {speeds[done[0]]['where']}", ""]
    lines += [
        "| cell | units | parameters | updates | BLEU, test_2016_flickr (95 %) | training, target tokens/s | x GRU "
        "| translation, tokens/s | x GRU |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for cell in done:
        score, updates = scored(options, cell)
        trains, translates = speeds[cell]["tokens"], rates[cell]
        lines.append(
            f"| `{cell}` | {units_of(cell)} | {parameters(cell, units_of(cell)):,} | {updates:,} "
            f"| {score.value:.1f} ({score.low:.1f} to {score.high:.1f}) "
            f"| {trains:,.0f} | {trains / speeds[REFERENCE]['tokens']:.2f} "
            f"| {translates:,.0f} | {translates / rates[REFERENCE]:.2f} |"
        )
    text = "\n".join([*lines, "", f"BLEU: `{scored(options, done[0])[0].signature}`"])
    print(text)
    if options.output:
        options.output.write_text(text + "\n", encoding="utf-8")


def scored(options: Options, cell: str) -> tuple[Any, int]:
    """BLEU of the test set with its interval, and the updates of the run."""
    from seq2seq.text.scores import bleu

    run = options.folder / cell
    hypotheses = (run / f"{TEST}.hyp.txt").read_text(encoding="utf-8").splitlines()
    references = list(multi30k.corpora(config(options, cell)).tests[TEST].target)
    rows = (run / "metrics.csv").read_text(encoding="utf-8").splitlines()
    updates = int(rows[-1].split(",")[rows[0].split(",").index("update")])
    return bleu(hypotheses, references, confidence=True), updates


def translation_rates(options: Options, cells: Sequence[str]) -> dict[str, float]:
    """Target tokens per processor second of greedy translation on one thread, by turns; the median of the rounds."""
    from seq2seq.translator import Translator

    lines = list(multi30k.corpora(config(options, REFERENCE)).tests[TEST].source)[:200]
    translators = {cell: Translator.load(options.folder / cell, threads=1) for cell in cells}
    rates: dict[str, list[float]] = {cell: [] for cell in cells}
    for _ in range(options.rounds):
        for cell, translator in translators.items():
            start = time.process_time()
            translations = translator.translate(lines, beam_size=1)
            seconds = time.process_time() - start
            rates[cell].append(sum(map(len, vocabulary(options).encode(translations))) / seconds)
    return {cell: statistics.median(values) for cell, values in rates.items()}


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
