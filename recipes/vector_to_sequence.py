"""One to many: the meaning of a sentence, as a vector, becomes the sentence.

    python recipes/vector_to_sequence.py

Data: sentences of one clause of the grammar in the folder `grammar`, 10 000 for training, 500 for validation and 500
for the test. The vector has a 1 for each feature of the sentence, such as tense=past, verb=read or subject.head=Anna,
and a 0 for all other features. No meaning of the test occurs in training.

Model: a dense layer reads the vector, h = tanh(W v + b); a GRU writes the sentence (Goodfellow et al., 2016, section
10.2.4).

Expected result: benchmarks/README.md has the figures of short runs, for each ending and each context.

Compare:
- where the vector enters: --model.context initial (the first state), steps (an input of each step), or both
- how a sentence ends: --model.ending end_symbol, halt (a Bernoulli unit at each step), or length (predicted first)
- another cell: --model.cell lstm; German sentences: --language german

For vectors of your own, arrays of NumPy or lines of numbers, with a line of text for each:

    python recipes/vector_to_sequence.py --run-dir runs/mine --train.vectors train.npy --train.target train.txt \\
        --valid.vectors valid.npy --valid.target valid.txt

`seq2seq translate RUN` then reads vectors, one a line, or an array: --input F.npy. A line holds all numbers of a
vector, or the names of those that are not 0: kind=question verb=arrive tense=past.
"""

import dataclasses
import functools
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from seq2seq.cli import run
from seq2seq.cli.programs import as_typed, seq2seq_program, show_commands
from seq2seq.command_line import parse
from seq2seq.groups import may_change
from seq2seq.model.options import ModelOptions
from seq2seq.tasks.options import DataOptions, TranslationValidation, VocabularyOptions
from seq2seq.tasks.vector_options import VectorFiles, VectorTests
from seq2seq.training import TrainingOptions
from seq2seq.training.options import OptimizerOptions

if TYPE_CHECKING:  # these modules load TensorFlow
    from grammar.meanings import Described
    from seq2seq.tasks import Corpora
    from seq2seq.training import FinishedRun


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingOptions):
    """Options of the recipe."""

    RANGES: ClassVar[dict] = {**TrainingOptions.RANGES, "train_pairs": (1, 100_000)}

    train: VectorFiles = may_change(VectorFiles())
    """Vectors and texts to learn from."""
    valid: VectorFiles = may_change(VectorFiles())
    """Vectors and texts that decide which weights are the best and when to stop."""
    test: VectorTests = may_change(VectorTests())
    language: Literal["english", "german"] = "english"
    """Language of the grammar's sentences."""
    train_pairs: int = 10_000
    """Training sentences drawn from the grammar, unless --train.vectors is given."""


DEFAULTS = Config(
    run_dir=Path("runs/vector_to_sequence"),
    max_updates=1000,
    vocab=VocabularyOptions(size=1500),
    data=DataOptions(batch_tokens=1000, max_length=40),
    optimizer=OptimizerOptions(learning_rate=0.003, warmup_updates=100, average_decay=0.99),
    validation=TranslationValidation(every=500),
    model=ModelOptions(
        units=192, embedding_dim=128, attention="none", decoder="rnn", context="both", dropout=0.1, tied_output=True
    ),
)
TINY = dataclasses.replace(
    DEFAULTS,
    run_dir=Path("tiny"),
    max_updates=4,
    train_pairs=300,
    validation=TranslationValidation(every=2),
    model=dataclasses.replace(DEFAULTS.model, units=8, embedding_dim=8),
)
HELD_OUT = 500  # sentences of validation, and of the test


@functools.cache
def sentences(config: Config) -> "list[Described]":
    """Sentences of the grammar: those of validation, of the test and of training."""
    from grammar.meanings import described  # the folder beside this file

    return described(2 * HELD_OUT + config.train_pairs, seed=config.seed)


def names(config: Config) -> list[str]:
    """The features of a vector by name."""
    from grammar.meanings import names_of

    return names_of(sentences(config))


def corpora(config: Config) -> "Corpora":
    """Meanings as lines of numbers, and their sentences."""
    from grammar.meanings import vector_lines
    from seq2seq.tasks import Corpora
    from seq2seq.text.corpus import ParallelCorpus

    def named(name: str, part: "Sequence[Described]") -> ParallelCorpus:
        texts = [getattr(one, config.language) for one in part]
        return ParallelCorpus.from_lines(vector_lines(part, names(config)), texts, name=f"grammar {name}")

    valid, test, train = (slice(HELD_OUT), slice(HELD_OUT, 2 * HELD_OUT), slice(2 * HELD_OUT, None))
    drawn = sentences(config)
    return Corpora(named("train", drawn[train]), named("valid", drawn[valid]), {"test": named("test", drawn[test])})


def run_recipe(config: Config) -> "FinishedRun":
    """Trains in `config.run_dir`, or continues the training found there, and shows what the model can do."""
    from seq2seq.tasks import exact_match
    from seq2seq.training.run import train_vector_to_sequence

    finished = train_vector_to_sequence(config, corpora=corpora, names=names)
    for name, test in finished.results.items():
        exact = exact_match(test.hypotheses, test.references)
        print(f"\n{name}: {exact:.1%} of {len(test.references)} texts are exactly the reference")
        for reference, hypothesis in list(zip(test.references, test.hypotheses, strict=True))[:5]:
            print(f"\n  reference   {reference}\n  hypothesis  {hypothesis}")
    command = f"{seq2seq_program()} translate {as_typed(config.run_dir)}"
    commands = {"describe vectors, one a line": f"{command} --input {as_typed(config.run_dir)}/test.source.txt"}
    if config.train.target is None:
        meaning = " ".join(f"{group}={value}" for group, value in sentences(config)[0].meaning.items())
        commands["or a meaning by names"] = f"echo {shlex.quote(meaning)} | {command}"
    show_commands(commands)
    return finished


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the recipe with the options in `argv`, by default those of the process; returns the exit status."""
    run_recipe(parse(DEFAULTS, __doc__, argv))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, ignores_lost_output=True))
