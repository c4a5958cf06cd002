"""Quickstart: English to German in three minutes, nothing to download.

    python recipes/quickstart.py

Data: sentences of the grammar beside this file (`grammar/`), 30 000 pairs to train on, 500 to validate and 500 to test;
no test sentence occurs in training.

Model: bidirectional GRU encoder, GRU decoder with additive attention outside the recurrence, so that teacher forcing is
whole-sequence products (Bahdanau et al., 2015; Luong et al., 2015).

Expected: sacreBLEU of at least 90 on the test sentences after about three minutes of training on 2 cores.

Scheduled sampling, which trains on words of the model's own: --max-updates 8000 --sampling parallel, or sequential;
beside that, later tokens more than early ones: --sampling-position-scale 10; but not where the model finds gold
unlikely: --sampling-confidence 0.1.
Curriculum, which learns from easy pairs first: --max-updates 8000 --curriculum length, or rarity.
Afterwards, minimum risk training of a finished run, by sentence BLEU: seq2seq finetune RUN --risk bleu ...
Afterwards, text of another kind: seq2seq finetune RUN ... --mix-source F --mix-target F --mix-weight 0.1, which goes on
with a tenth of the old text, and --extend-vocab 500 for characters that the vocabulary lacks.

The same model on text of your own, of any two languages; --max-updates is to grow with the text:

    python recipes/quickstart.py --run-dir runs/mine --train-source F --train-target F --valid-source F --valid-target F

Add --test-source F --test-target F to have a test text translated and scored at the end.
"""

import dataclasses
import random
import sys
from pathlib import Path

from seq2seq.cli import run
from seq2seq.training import TrainingOptions, may_change, parse


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingOptions):
    """Options of the quickstart."""

    run_dir: Path = may_change(Path("runs/quickstart"))
    """Folder of the run, with all that it writes. The same command continues an interrupted run."""
    vocab_size: int = 4000
    """Pieces of each vocabulary; lowered to what a small corpus bears."""
    batch_tokens: int = 2000
    """Size of a batch: sentences x padded length of the longer side is at most this."""
    learning_rate: float = 0.004
    """Peak learning rate of Adam."""
    warmup_updates: int = 100
    """Updates over which the learning rate rises linearly to its peak."""
    average_decay: float = 0.99
    """Decay of the running average of the weights that is validated and saved; 0 keeps none."""
    validate_every: int = 300
    """Updates between validations; each writes a row of metrics.csv and a checkpoint."""
    max_updates: int | None = may_change(600)
    """Updates after which training ends."""

    embedding_dim: int = 128
    """Features of a word vector."""
    units: int = 192
    """Size of the recurrent state, per direction in the encoder."""
    dropout: float = 0.1
    """Share of features dropped in training."""
    train_pairs: int = 30_000
    """Sentence pairs drawn from the grammar to train on, when no --train-source is given."""


TINY = Config(
    run_dir=Path("tiny"),
    vocab_size=300,
    max_updates=4,
    validate_every=2,
    embedding_dim=8,
    units=8,
    train_pairs=300,
)


def build_model(config, source_tokenizer, target_tokenizer):
    """Compose the model: imports stand here so that --help is quick."""
    from seq2seq.layers import GRU, AdditiveAttention
    from seq2seq.model import Encoder, RNNDecoder, Seq2Seq

    encoder = Encoder(source_tokenizer.vocab_size, config.embedding_dim, GRU(config.units), dropout=config.dropout)
    decoder = RNNDecoder(
        target_tokenizer.vocab_size,
        config.embedding_dim,
        GRU(config.units),
        AdditiveAttention(config.units),
        dropout=config.dropout,
        tied_output=True,
    )
    return Seq2Seq(
        encoder,
        decoder,
        source_tokenizer=source_tokenizer,
        target_tokenizer=target_tokenizer,
        max_source_length=config.max_length,
    )


def corpora(config):
    """Sentences of the embedded grammar; those of validation and test never occur in training."""
    import grammar  # the folder beside this file
    from seq2seq.text.corpus import ParallelCorpus
    from seq2seq.training import Corpora

    splits = grammar.corpus(seed=config.seed, train=config.train_pairs, valid=500, test=500)
    named = {name: ParallelCorpus.from_lines(*split, name=f"grammar {name}") for name, split in splits.items()}
    return Corpora(named["train"], named["valid"], {"test": named["test"]})


def run_recipe(config):
    """Train as `config` says, or go on with the training found in its run folder; then show what was learnt."""
    from seq2seq.training import train

    trained = train(config, build_model, corpora=corpora)
    for name, test in trained.tests.items():
        show(name, test, config.seed)
    return trained


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
    run_recipe(parse(Config, __doc__, argv))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, lasting=True))
