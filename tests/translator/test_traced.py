from types import SimpleNamespace

import keras
import numpy as np
import pytest
from machine import needs_int8
from tiny import VOCAB_SIZE, tiny_model

from seq2seq.layers.attention import AdditiveAttention
from seq2seq.layers.cells import GRU
from seq2seq.model import ConditionalDecoder, Encoder, Seq2Seq
from seq2seq.search import SearchOptions
from seq2seq.text.shortlist import Shortlist
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator import Translator
from seq2seq.translator.traced import TracedSearch

# Keras 3.15 turns variables into arrays in a way that NumPy 2 warns of; to go when Keras mends it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LINES = ["ein Hund", "", "zwei kleine Katzen und ein Hund", "ja?"]


@pytest.fixture(scope="module")
def translator():
    """A model of random weights, which says what it likes."""
    keras.utils.set_random_seed(1)
    tokenizer = Tokenizer.train(["ein Hund und zwei kleine Katzen, drei. vier! ja?"] * 4, kind="char", vocab_size=281)
    model = Seq2Seq(
        Encoder(281, 6, GRU(5)),
        ConditionalDecoder(281, 6, GRU(5), AdditiveAttention(4), tied_output=True),
        source_tokenizer=tokenizer,
        target_tokenizer=tokenizer,
    )
    for weight in model.weights:
        weight.assign(4 * np.random.default_rng(1).normal(size=weight.shape))
    return Translator(model)


@pytest.fixture(scope="module")
def shortlist_of(translator):
    """Makes a shortlist of the same ids for every sentence."""
    vocabularies = [translator.model.source_tokenizer.fingerprint] * 2
    return lambda ids: Shortlist(np.full((281, 1), -1), np.asarray(ids), vocabularies=vocabularies)


@pytest.mark.parametrize("options", [{"beam_size": 1}, {"beam_size": 3, "n_best": 2}])
def test_a_shortlist_of_all_ids_changes_nothing(translator, shortlist_of, options):
    everything = translator.search(LINES, shortlist=shortlist_of(np.arange(281)), **options)
    for found, expected in zip(everything, translator.search(LINES, **options), strict=True):
        assert [one.target_pieces for one in found] == [one.target_pieces for one in expected]
        np.testing.assert_allclose([one.score for one in found], [one.score for one in expected], rtol=1e-4)


@pytest.mark.parametrize("beam_size", [1, 3])
def test_nothing_is_said_that_is_not_in_the_shortlist(translator, shortlist_of, beam_size):
    allowed = np.arange(20, 281, 3)
    pieces = {*translator.model.target_tokenizer.pieces(allowed), "</s>"}
    options = {"beam_size": beam_size, "alignments": True}

    def said(**more):
        return {piece for line in translator.search(LINES, **options, **more) for piece in line[0].target_pieces}

    assert not said() <= pieces
    assert said(shortlist=shortlist_of(allowed)) <= pieces


def test_new_weights_need_no_new_graph(translator):
    options, weight = SearchOptions(beam_size=1), translator.model.decoder.output_kernel
    before, kept = translator.translate(LINES, beam_size=1), weight.numpy()
    weight.assign(-kept)
    assert translator.translate(LINES, beam_size=1) != before
    weight.assign(kept)
    assert translator.translate(LINES, beam_size=1) == before
    assert translator._engine.graph(options, alignments=False).experimental_get_tracing_count() == 1


@needs_int8
def test_a_model_in_float64_is_not_rounded_to_8_bits():
    nobody = SimpleNamespace(vocab_size=VOCAB_SIZE)
    model = tiny_model(dtype="float64", source_tokenizer=nobody, target_tokenizer=nobody)
    with pytest.raises(ValueError, match="this model has none"):
        TracedSearch(model, "int8")
