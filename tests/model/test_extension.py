"""A longer vocabulary: what was learnt stays, and new pieces begin as the mean of what used to write them."""

import keras
import numpy as np
import pytest
from sentences import sentence_pairs

from seq2seq.layers import GRU, AdditiveAttention
from seq2seq.model import ConditionalDecoder, Encoder, Seq2Seq, load_model
from seq2seq.model.extension import extended_model, raise_new_biases
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator import Translator
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

# Keras 3.15 meets NumPy 2 while it saves a model; drop this once a Keras converts without the warning.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SOURCES, TARGETS = map(list, zip(*sentence_pairs(100), strict=True))
NAMES = ["Αλέξανδρος", "Ιφιγένεια", "Οδυσσέας"] * 3


def pair_of_models(joint):
    """A model and its extension by Greek."""
    keras.utils.set_random_seed(2)
    if joint:
        tokenizers = (Tokenizer.train([*SOURCES, *TARGETS], vocab_size=400),) * 2
        longer = (tokenizers[0].extended(NAMES, 50),) * 2
    else:
        tokenizers = [Tokenizer.train(lines, vocab_size=400) for lines in (SOURCES, TARGETS)]
        longer = [tokenizer.extended(NAMES, 50) for tokenizer in tokenizers]
    source, target = tokenizers
    model = Seq2Seq(
        Encoder(source.vocab_size, 8, GRU(8)),
        ConditionalDecoder(target.vocab_size, 8, GRU(8), AdditiveAttention(8), tied_output=joint),
        source_tokenizer=source,
        target_tokenizer=target,
        share_embeddings=joint,
    )
    return model, extended_model(model, *longer)


@pytest.mark.parametrize("joint", [False, True])
def test_old_text_is_translated_as_before(joint):
    model, longer = pair_of_models(joint)
    for beam_size in (1, 4):
        before, after = (
            Translator(TensorFlowEngine(one)).search(SOURCES[:20], beam_size=beam_size) for one in (model, longer)
        )
        assert [one[0].text for one in before] == [one[0].text for one in after]
        np.testing.assert_allclose([one[0].score for one in before], [one[0].score for one in after], rtol=1e-5)


@pytest.mark.parametrize("joint", [False, True])
def test_a_new_row_is_the_mean_of_the_pieces_it_replaces(joint):
    model, longer = pair_of_models(joint)
    old, new = model.target_tokenizer, longer.target_tokenizer
    number = next(i for i in range(old.vocab_size, new.vocab_size) if new.pieces([i]) == ["σ"])
    ids = [i for i in range(old.vocab_size) if old.pieces([i])[0] in ("<0xCF>", "<0x83>")]  # its bytes in UTF-8
    for table in ("embedding.table", "output_layer.kernel"):
        before, after = (_attribute(one.decoder, table).numpy() for one in (model, longer))
        np.testing.assert_array_equal(after[: old.vocab_size], before)
        np.testing.assert_allclose(after[number], before[ids].mean(axis=0), rtol=1e-6)
    bias = longer.decoder.output_layer.bias.numpy()
    assert bias[old.vocab_size :].max() < bias[: old.vocab_size].min() - 19
    bias[: old.vocab_size] = np.linspace(-3.0, 2.0, old.vocab_size)
    longer.decoder.output_layer.bias.assign(bias)
    raise_new_biases(longer, old.vocab_size)
    bias[old.vocab_size :] = -3.0
    np.testing.assert_array_equal(longer.decoder.output_layer.bias.numpy(), bias)


def test_it_is_saved_and_loaded_like_any_model(tmp_path):
    _, longer = pair_of_models(joint=True)
    longer.save(tmp_path / "longer.keras")
    loaded = load_model(tmp_path / "longer.keras")
    assert loaded.target_tokenizer == longer.target_tokenizer
    for one, other in zip(loaded.get_weights(), longer.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def _attribute(layer, path):
    for name in path.split("."):
        layer = getattr(layer, name)
    return layer
