"""An exported model of random weights, made once for the tests of this folder."""

import keras
import numpy as np
import pytest

from seq2seq.layers import GRU, AdditiveAttention
from seq2seq.model import ConditionalDecoder, Encoder, Seq2Seq
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator.archive import Archive
from seq2seq.translator.export import to_onnx


@pytest.fixture(scope="session")
def exported_model():
    """(the Keras model, its archive)."""
    keras.utils.set_random_seed(1)
    tokenizer = Tokenizer.train(["ein Hund und zwei kleine Katzen, drei. vier! ja?"] * 4, kind="char", vocab_size=281)
    model = Seq2Seq(
        Encoder(281, 16, GRU(16)),
        ConditionalDecoder(281, 16, GRU(16), AdditiveAttention(16), tied_output=True),
        source_tokenizer=tokenizer,
        target_tokenizer=tokenizer,
        max_source_length=40,
    )
    for weight in model.weights:
        weight.assign(np.random.default_rng(1).normal(scale=0.4, size=weight.shape))
    return model, Archive(to_onnx(model), tokenizer, tokenizer, 40, "float32", "f" * 64)
