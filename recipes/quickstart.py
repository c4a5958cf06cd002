"""Quickstart: English to German in three minutes, nothing to download.

    python recipes/quickstart.py

Data: sentences of the grammar beside this file (`grammar/`), 30 000 pairs to train on, 500 to validate and 500 to test;
no test sentence occurs in training.

Model: bidirectional GRU encoder, GRU decoder with additive attention outside the recurrence, so that teacher forcing is
whole-sequence products (Bahdanau et al., 2015; Luong et al., 2015).

Expected: sacreBLEU of at least 90 on the test sentences after about three minutes of training on 2 cores.

Other models: --model.cell lstm, --model.layers 2, --model.decoder conditional, --model.attention dot, ...
Scheduled sampling, where the decoder reads some tokens of its own: --max-updates 8000 --sampling.way parallel.
Curriculum, which learns from easy pairs first: --max-updates 8000 --curriculum.by length.
A finished run learns more by `seq2seq finetune RUN`: another corpus, or minimum risk training with --risk.metric bleu.

The same model on your own text, of any two languages; give more --max-updates for more text:

    python recipes/quickstart.py --run-dir runs/mine --train.source F --train.target F --valid.source F --valid.target F

Add --test.source F --test.target F to have a test set translated and scored at the end.
"""

import dataclasses
import random
import sys
from pathlib import Path

from seq2seq.cli import run
from seq2seq.model.options import ModelOptions
from seq2seq.tasks.options import DataOptions, TranslationValidation, VocabularyOptions
from seq2seq.training import TrainingOptions, parse
from seq2seq.training.options import OptimizerOptions


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingOptions):
    """Options of the quickstart."""

    train_pairs: int = 30_000
    """Sentence pairs drawn from the grammar to train on, when no --train.source is given."""


DEFAULTS = Config(
    run_dir=Path("runs/quickstart"),
    max_updates=600,
    vocab=VocabularyOptions(size=4000),
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


def corpora(config):
    """Sentences of the embedded grammar; those of validation and test never occur in training."""
    import grammar  # the folder beside this file
    from seq2seq.tasks import Corpora
    from seq2seq.text.corpus import ParallelCorpus

    splits = grammar.corpus(seed=config.seed, train=config.train_pairs, valid=500, test=500)
    named = {name: ParallelCorpus.from_lines(*split, name=f"grammar {name}") for name, split in splits.items()}
    return Corpora(named["train"], named["valid"], {"test": named["test"]})


def run_recipe(config):
    """Train as `config` says, or go on with the training found in its run folder; then show what was learnt."""
    from seq2seq.training import train

    finished = train(config, corpora=corpora)
    for name, test in finished.results.items():
        show(name, test, config.seed)
    return finished


def show(name, test, seed, count=5):
    """Print the share of exact matches and a few translations drawn by seed."""
    pairs = list(zip(test.sources, test.references, test.hypotheses, strict=True))
    exact = sum(reference == hypothesis for _, reference, hypothesis in pairs)
    print(f"\n{name}: {test.bleu}")
    print(f"exact matches: {exact} of {len(pairs)} ({exact / len(pairs):.1%})")
    for source, reference, hypothesis in random.Random(seed).sample(pairs, min(count, len(pairs))):
        print(f"\n  source      {source}\n  reference   {reference}\n  hypothesis  {hypothesis}")


def main(argv=None):
    """The command: options from its arguments, an exit status back."""
    run_recipe(parse(DEFAULTS, __doc__, argv))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, ignores_lost_output=True))
