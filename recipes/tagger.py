"""Tagger: part of speech, case and gender of German words, or the tags of your own text (many to many).

    python recipes/tagger.py

Data: 10 000 German sentences of the grammar in the folder `grammar`. A tag such as NOUN-dat-f is the part of speech,
the case and the gender of a word (p: plural). Each sentence of the test has a noun that does not occur in training.

Model: GRU encoder that reads the pieces of the words, and a softmax over the tags at the last piece of each word. With
--model.bidirectional none it has not read what follows a word, which may decide: `die` may have three cases. With
--model.output jordan each tag also depends on the one chosen before it.

Expected result: some 87 % of the words of the test right, already after 300 updates; benchmarks/README.md has the
figures. The most frequent tag of each word, the baseline, is right for 75 %.

For your own text, a .conllu file (Universal Dependencies) or lines `word tag` with a blank line after each sentence:

    python recipes/tagger.py --run-dir runs/mine --train train.conllu --column feats:Case

Without --valid and --test, 10 % of the training text (at most 1 000 sentences) are held out for each.
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
from seq2seq.model.options import TaggerOptions
from seq2seq.tasks.label_options import LabelDataOptions, LabelValidation, TaggingOptions
from seq2seq.tasks.options import PieceOptions
from seq2seq.training.options import OptimizerOptions, RunOptions

if TYPE_CHECKING:  # these modules load TensorFlow
    from seq2seq.tasks import Corpora
    from seq2seq.training import FinishedRun


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TaggingOptions, RunOptions):
    """Options of the tagger."""

    RANGES: ClassVar[dict] = {**RunOptions.RANGES, "train_sentences": (1, 100_000)}

    train_sentences: int = 10_000
    """Training sentences drawn from the grammar, unless --train is given."""


DEFAULTS = Config(
    run_dir=Path("runs/tagger"),
    max_updates=800,
    vocab=PieceOptions(size=1500),
    data=LabelDataOptions(batch_tokens=1000),
    optimizer=OptimizerOptions(learning_rate=0.003, warmup_updates=50),
    validation=LabelValidation(every=100, patience=5),
    model=TaggerOptions(cell="gru", units=96, embedding_dim=64, dropout=0.2, word_dropout=0.2),
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
    """Sentences of the grammar and the tags of their words."""
    from grammar.tags import tagged_sentences  # the folder beside this file
    from seq2seq.tasks import Corpora
    from seq2seq.text.corpus import ParallelCorpus

    held_out = min(500, max(10, config.train_sentences // 10))
    parts = tagged_sentences(config.seed, train=config.train_sentences, valid=held_out, test=held_out)
    named = {name: ParallelCorpus.from_lines(*part, name=f"grammar {name}") for name, part in parts.items()}
    return Corpora(named["train"], named["valid"], {"test": named["test"]})


def run_recipe(config: Config) -> "FinishedRun":
    """Trains in `config.run_dir`, or continues the training found there, and shows what the model can do."""
    from seq2seq.tasks import Tagging
    from seq2seq.training import run_task

    finished = run_task(config, Tagging(config, seed=config.seed, corpora=lambda: corpora(config)))
    run_dir, seq2seq = as_typed(config.run_dir), seq2seq_program()
    for name, test in finished.results.items():
        print(f"\n{name}: {test}\n\n  F1 in %  tag")
        for label, f1, count in zip(test.labels, test.scores.f1, test.scores.confusion.sum(axis=1), strict=True):
            if count:
                print(f"  {100 * f1:7.1f}  {label} ({count:,} words)")
        print(f"\nThe confusion matrix is in {as_typed(finished.path / f'{name}.confusion.png')}")
        show_commands(
            {
                "tag a sentence": f"echo {shlex.quote(test.lines[0])} | {seq2seq} tag {run_dir}",
                "a word and its tag on each line": f"{seq2seq} tag {run_dir} --columns --input FILE",
            }
        )
    return finished


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the recipe with the options in `argv`, by default those of the process; returns the exit status."""
    run_recipe(parse(DEFAULTS, __doc__, argv))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, ignores_lost_output=True))
