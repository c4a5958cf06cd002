"""One model of random weights and its export, made once for the tests of this folder; and a translator that copies."""

import keras
import numpy as np
import pytest
from copying import CopyEngine

from seq2seq.layers import GRU, AdditiveAttention
from seq2seq.model import ConditionalDecoder, Encoder, Seq2Seq
from seq2seq.model.archive import save_model
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator import Translator
from seq2seq.translator.opening import exported


@pytest.fixture(scope="session")
def tokenizer():
    """Characters, so that a reader can count tokens."""
    return Tokenizer.train(["ein Hund und zwei kleine Katzen, drei. vier! ja?"] * 4, kind="char", vocab_size=281)


@pytest.fixture(scope="session")
def model(tokenizer):
    """A Keras model: what it says means nothing, but is always the same."""
    keras.utils.set_random_seed(1)
    model = Seq2Seq(
        Encoder(281, 16, GRU(16)),
        ConditionalDecoder(281, 16, GRU(16), AdditiveAttention(16), tied_output=True),
        source_tokenizer=tokenizer,
        target_tokenizer=tokenizer,
        max_source_length=40,
    )
    for weight in model.weights:
        weight.assign(np.random.default_rng(1).normal(scale=0.4, size=weight.shape))
    return model


@pytest.fixture(scope="session")
def run_folder(model, tmp_path_factory):
    """A run folder with translator.keras and translator.zip of the model. Tests do not write into it."""
    folder = tmp_path_factory.mktemp("run")
    save_model(model, folder / "translator.keras")
    exported(folder, "float32")
    return folder


@pytest.fixture(scope="session")
def archive(run_folder):
    """The exported model."""
    return exported(run_folder, "float32")


@pytest.fixture
def copying(tokenizer):
    """Makes a translator that copies."""
    return lambda **options: Translator(CopyEngine(tokenizer, **options))
