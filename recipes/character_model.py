"""A character model: a recurrent network learns to write text, one character after the other.

    python recipes/character_model.py

Data: the source of Python's standard library on this machine, some 12 million characters. --text FILE ... takes a text
of your own, such as the works of Shakespeare. The last lines (5 %, at most 100 000 characters) are for validation.

Model: embedding, GRU, linear output. It reads the text in parallel streams, window by window. Its state is carried from
window to window, while gradients end at the beginning of each (truncated back-propagation through time).

Each validation shows samples at several temperatures. The run folder keeps them in samples.txt, where you can read how
they change with the epochs (Karpathy, 2015, "The unreasonable effectiveness of recurrent neural networks").

Expected result: 1.8 bits a character after 2 500 updates (1.3 epochs), which take half an hour on one busy core. The
frequencies of the characters alone would take 4.6 bits, and zlib 2.1.

Variations:
- the smallest text, one word: --builtin hello --max-updates 100 --validation.every 20 --run-dir runs/hello
- another cell or size: --model.cell lstm --model.units 512 --model.layers 2 --model.dropout 0.2
- fewer minutes: --megabytes 2 --max-updates 1000

`seq2seq sample runs/characters` writes more, from any prompt.
"""

import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from seq2seq.cli import run
from seq2seq.cli.programs import as_typed, seq2seq_program, show_commands
from seq2seq.command_line import parse
from seq2seq.model.options import LanguageModelOptions
from seq2seq.tasks.language_options import LanguageModelingOptions, LanguageValidation, StreamOptions
from seq2seq.training.options import OptimizerOptions, RunOptions

if TYPE_CHECKING:  # this module loads TensorFlow
    from seq2seq.training import FinishedRun


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(LanguageModelingOptions, RunOptions):
    """Options of a character model."""

    RANGES: ClassVar[dict] = {**LanguageModelingOptions.RANGES, **RunOptions.RANGES}


DEFAULTS = Config(
    run_dir=Path("runs/characters"),
    max_updates=6000,
    data=StreamOptions(streams=64, window=100),
    optimizer=OptimizerOptions(learning_rate=0.002, warmup_updates=100, average_decay=0.99),
    validation=LanguageValidation(every=500),
    model=LanguageModelOptions(cell="gru", units=256, embedding_dim=64),
)
TINY = dataclasses.replace(
    DEFAULTS,
    run_dir=Path("tiny"),
    builtin="hello",
    max_updates=4,
    validation=LanguageValidation(every=2, sample_length=5),
    model=dataclasses.replace(DEFAULTS.model, units=8, embedding_dim=8),
)


def run_recipe(config: Config) -> "FinishedRun":
    """Trains in `config.run_dir`, or continues the training found there, and shows what the model writes."""
    from seq2seq.tasks import LanguageModeling
    from seq2seq.training import run_task

    task = LanguageModeling(config, seed=config.seed, accumulate=config.accumulate)
    finished = run_task(config, task)
    show_samples(finished.path, config)
    show_commands(next_commands(config))
    return finished


def show_samples(run_dir: Path, config: Config) -> None:
    """Prints what the best weights write, at each temperature of validation."""
    from seq2seq.search import SearchOptions
    from seq2seq.translator.continuation import continue_texts
    from seq2seq.translator.opening import open_engine

    engine = open_engine(run_dir, "language_model")
    for temperature in config.validation.temperatures:
        options = SearchOptions(search="sample", temperature=temperature, seed=config.seed)
        [[sample]] = continue_texts(engine, [""], length=config.validation.sample_length, options=options)
        print(f"\ntemperature {temperature:g}:\n{sample.text}")


def next_commands(config: Config) -> dict[str, str]:
    """Purpose -> a command that works from the current folder."""
    sample = f"{seq2seq_program()} sample {as_typed(config.run_dir)}"
    prompt = "hel" if config.builtin == "hello" else "def " if not config.text else "The "
    return {
        "write from the beginning of a text": sample,
        "three texts that begin as you say": f'{sample} --prompt "{prompt}" --number 3 --temperature 0.5',
        "how samples changed with the epochs": f"less {as_typed(config.run_dir / 'samples.txt')}",
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the recipe with the options in `argv`, by default those of the process; returns the exit status."""
    run_recipe(parse(DEFAULTS, __doc__, argv))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, ignores_lost_output=True))
