"""Classifier: the tense of English sentences, or the labels of your own text (many to one).

    python recipes/classifier.py

Data: 20 000 sentences of the grammar in the folder `grammar`, each with its tense: present, progressive, past, perfect,
future, modal. No verb of the test stands in a tense in which training has it, so forms cannot be remembered.

Model: bidirectional GRU encoder and a softmax over the labels. What stands for the sentence is its last state, the mean
of all outputs, or their mean weighted by attention (Yang et al., 2016): --model.pooling last | mean | attention.

Expected result: some 86 % of the test sentences right, already after 300 updates; benchmarks/README.md has the figures.
The most frequent label, the baseline, is right for 23 %.

For your own text, one sentence and one label per line:

    python recipes/classifier.py --run-dir runs/mine --train.text train.txt --train.labels train.labels

Without --valid.text and --test.text, 10 % of the training text (at most 1 000 lines) are held out for each.
"""

import dataclasses
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from seq2seq.cli import run
from seq2seq.cli.programs import as_typed, seq2seq_program, show_commands
from seq2seq.command_line import parse
from seq2seq.model.options import ClassifierOptions
from seq2seq.tasks.label_options import ClassificationOptions, LabelDataOptions, LabelValidation
from seq2seq.tasks.options import PieceOptions
from seq2seq.training.options import OptimizerOptions, RunOptions

if TYPE_CHECKING:  # these modules load TensorFlow
    from seq2seq.tasks import Corpora
    from seq2seq.training import FinishedRun


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(ClassificationOptions, RunOptions):
    """Options of the classifier."""

    RANGES: ClassVar[dict] = {**RunOptions.RANGES, "train_sentences": (1, 100_000)}

    train_sentences: int = 20_000
    """Training sentences drawn from the grammar, unless --train.text is given."""


DEFAULTS = Config(
    run_dir=Path("runs/classifier"),
    max_updates=600,
    vocab=PieceOptions(size=1000),
    data=LabelDataOptions(batch_tokens=2000),
    optimizer=OptimizerOptions(learning_rate=0.002, warmup_updates=50),
    validation=LabelValidation(every=100, patience=5),
    model=ClassifierOptions(cell="gru", units=64, embedding_dim=64, dropout=0.2),
)
TINY = dataclasses.replace(
    DEFAULTS,
    run_dir=Path("tiny"),
    max_updates=4,
    train_sentences=200,
    vocab=PieceOptions(size=320),
    validation=LabelValidation(every=2),
    model=dataclasses.replace(DEFAULTS.model, units=6, embedding_dim=6),
)


def corpora(config: Config) -> "Corpora":
    """Sentences of the grammar and their tenses."""
    from grammar.tenses import labelled_sentences  # the folder beside this file
    from seq2seq.tasks import Corpora
    from seq2seq.text.corpus import ParallelCorpus

    held_out = min(1000, max(10, config.train_sentences // 10))
    parts = labelled_sentences(config.seed, train=config.train_sentences, valid=held_out, test=held_out)
    named = {name: ParallelCorpus.from_lines(*part, name=f"grammar {name}") for name, part in parts.items()}
    return Corpora(named["train"], named["valid"], {"test": named["test"]})


def run_recipe(config: Config) -> "FinishedRun":
    """Trains in `config.run_dir`, or continues the training found there, and shows what the model can do."""
    from seq2seq.tasks import Classification
    from seq2seq.training import run_task

    finished = run_task(config, Classification(config, seed=config.seed, corpora=lambda: corpora(config)))
    run_dir, seq2seq = as_typed(config.run_dir), seq2seq_program()
    for name, test in finished.results.items():
        print(f"\n{name}: {test}\n\n  F1 in %  label")
        for label, f1 in zip(test.labels, test.scores.f1, strict=True):
            print(f"  {100 * f1:7.1f}  {label}")
        print(f"\nThe confusion matrix is in {as_typed(finished.path / f'{name}.confusion.png')}")
        show_commands(
            {
                "label a sentence": f"echo {shlex.quote(test.lines[0])} | {seq2seq} classify {run_dir}",
                "with the probabilities of all labels": f"{seq2seq} classify {run_dir} --probabilities --input FILE",
            }
        )
    return finished


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the recipe with the options in `argv`, by default those of the process; returns the exit status."""
    run_recipe(parse(DEFAULTS, __doc__, argv))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, ignores_lost_output=True))
