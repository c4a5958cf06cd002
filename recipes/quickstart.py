"""Quickstart: English to German in three minutes, nothing to download.

    python recipes/quickstart.py

Data: sentence pairs of the grammar in the folder `grammar`: 30 000 for training, 500 for validation and 500 for the
test. No test sentence occurs in training.

Model: bidirectional GRU encoder, GRU decoder with additive attention outside the recurrence (Bahdanau et al., 2015;
Luong et al., 2015). In teacher forcing, attention is then a few products over the whole sequence.

Expected result: at least 90 BLEU on the test sentences, after about three minutes of training on 2 cores.

Variations:
- another model: --model.cell lstm, --model.layers 2, --model.decoder conditional, --model.attention general
- scheduled sampling, where the decoder reads some of its own tokens: --max-updates 8000 --sampling.way parallel
- a curriculum, which starts with easy pairs: --max-updates 8000 --curriculum.by length

`seq2seq finetune RUN` continues a finished run: on another corpus, or by minimum risk training (--risk.metric bleu).

The same model learns from your own text, in any two languages:

    python recipes/quickstart.py --run-dir runs/mine --train.source F --train.target F --valid.source F --valid.target F

Give more --max-updates for more text. With --test.source F --test.target F a test set is translated and scored at the
end.
"""

import dataclasses
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seq2seq.cli import run
from seq2seq.command_line import parse
from seq2seq.model.options import ModelOptions
from seq2seq.tasks.options import DataOptions, TranslationValidation, VocabularyOptions
from seq2seq.training import TrainingOptions
from seq2seq.training.options import OptimizerOptions

if TYPE_CHECKING:  # these modules load TensorFlow
    from seq2seq.tasks import Corpora
    from seq2seq.tasks.scoring import TestScore
    from seq2seq.training import FinishedRun


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingOptions):
    """Options of the quickstart."""

    train_pairs: int = 30_000
    """Training pairs drawn from the grammar, unless --train.source is given."""


DEFAULTS = Config(
    run_dir=Path("runs/quickstart"),
    max_updates=600,
    vocab=VocabularyOptions(size=1000),
    data=DataOptions(batch_tokens=2000),
    optimizer=OptimizerOptions(learning_rate=0.004, warmup_updates=100, average_decay=0.99),
    validation=TranslationValidation(every=300),
    model=ModelOptions(
        cell="gru", units=192, embedding_dim=128, attention="additive", decoder="rnn", dropout=0.1, tied_output=True
    ),
)
TINY = dataclasses.replace(
    DEFAULTS,
    run_dir=Path("tiny"),
    max_updates=4,
    train_pairs=300,
    vocab=VocabularyOptions(size=300),
    validation=TranslationValidation(every=2),
    model=dataclasses.replace(DEFAULTS.model, units=8, embedding_dim=8),
)


def corpora(config: Config) -> "Corpora":
    """Sentences of the grammar. Those of validation and test do not occur in training."""
    import grammar  # the folder beside this file
    from seq2seq.tasks import Corpora
    from seq2seq.text.corpus import ParallelCorpus

    splits = grammar.corpus(seed=config.seed, train=config.train_pairs, valid=500, test=500)
    named = {name: ParallelCorpus.from_lines(*split, name=f"grammar {name}") for name, split in splits.items()}
    return Corpora(named["train"], named["valid"], {"test": named["test"]})


def run_recipe(config: Config) -> "FinishedRun":
    """Trains in `config.run_dir`, or continues the training found there, and prints some translations."""
    from seq2seq.training import train

    finished = train(config, corpora=corpora)
    for name, test in finished.results.items():
        show(name, test, config.seed)
    return finished


def show(name: str, test: "TestScore", seed: int, count: int = 5) -> None:
    """Prints BLEU, the share of exact matches and a random sample of the translations."""
    pairs = list(zip(test.sources, test.references, test.hypotheses, strict=True))
    exact = sum(reference == hypothesis for _, reference, hypothesis in pairs)
    print(f"\n{name}: {test.bleu}")
    print(f"exact matches: {exact} of {len(pairs)} ({exact / len(pairs):.1%})")
    for source, reference, hypothesis in random.Random(seed).sample(pairs, min(count, len(pairs))):
        print(f"\n  source      {source}\n  reference   {reference}\n  hypothesis  {hypothesis}")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the recipe with the options in `argv`, by default those of the process; returns the exit status."""
    run_recipe(parse(DEFAULTS, __doc__, argv))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, ignores_lost_output=True))
