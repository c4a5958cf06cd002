"""A small classifier and a small tagger with random weights, and their run folders, made once."""

import functools
import tempfile
from pathlib import Path

from tiny import randomise

from seq2seq.layers import GRU
from seq2seq.model import Classifier, Encoder, Tagger
from seq2seq.text.tokenizer import Tokenizer

LABELS = ("past", "present", "future")


@functools.cache
def tokenizer():
    return Tokenizer.train(["ein Hund und zwei kleine Katzen, drei."] * 4, kind="char", vocab_size=281)


def classifier(pooling="mean", **options):
    encoder = Encoder(tokenizer().vocab_size, 4, GRU(3))
    return randomise(Classifier(encoder, LABELS, pooling=pooling, tokenizer=tokenizer(), **options))


def tagger(**options):
    encoder = Encoder(tokenizer().vocab_size, 4, GRU(3))
    return randomise(Tagger(encoder, LABELS, tokenizer=tokenizer(), max_source_length=10, **options))


@functools.cache
def run_of(kind):
    """A run folder with a Keras model of this kind. Its first use exports it."""
    folder = Path(tempfile.mkdtemp(prefix="seq2seq-test-"))
    {"classifier": classifier, "tagger": tagger}[kind]().save(folder / f"{kind}.keras")
    return folder
