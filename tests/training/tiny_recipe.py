"""A recipe on twelve words: which number is it in German? `python tiny_recipe.py --run-dir RUN`."""

import dataclasses
import random

from seq2seq.cli import run
from seq2seq.layers import LSTM, AdditiveAttention
from seq2seq.model import Encoder, RNNDecoder, Seq2Seq
from seq2seq.text import ParallelCorpus
from seq2seq.training import Corpora, TrainingOptions, parse, train

ENGLISH = "one two three four five six seven eight nine ten eleven twelve".split()
GERMAN = "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingOptions):
    units: int = 16
    """Units of every layer."""
    dropout: float = 0.1
    tokenizer: str = "word"
    vocab_size: int = 16
    batch_tokens: int = 300
    learning_rate: float = 0.02
    max_updates: int | None = 40
    validate_every: int = 10
    checkpoint_every: int = 4
    precision: str = "float32"
    test_beam_size: int = 2


def build_model(config, source_tokenizer, target_tokenizer):
    sizes = {"embedding_dim": config.units, "dropout": config.dropout}
    encoder = Encoder(source_tokenizer.vocab_size, cell=LSTM(config.units), **sizes)
    attention = AdditiveAttention(config.units)
    decoder = RNNDecoder(target_tokenizer.vocab_size, cell=LSTM(config.units), attention=attention, **sizes)
    return Seq2Seq(
        encoder,
        decoder,
        source_tokenizer=source_tokenizer,
        target_tokenizer=target_tokenizer,
        max_source_length=config.max_length,
    )


def pairs(seed, number):
    """Corpus of `number` rows of one to six numbers."""
    draw = random.Random(seed)
    rows = [[draw.randrange(12) for _ in range(draw.randint(1, 6))] for _ in range(number)]
    source, target = ([" ".join(words[i] for i in row) for row in rows] for words in (ENGLISH, GERMAN))
    return ParallelCorpus.from_lines(source, target, name=f"numbers {seed}")


def corpora(config):
    return Corpora(pairs(1, 300), pairs(2, 20), {"test": pairs(3, 20)})


def main(argv=None):
    train(parse(Config, __doc__, argv), build_model, corpora=corpora)
    return 0


if __name__ == "__main__":
    raise SystemExit(run(main, lasting=True))
