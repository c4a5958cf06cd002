"""Exported graphs compute what TensorFlow computes, for every kind of decoder, cell and attention."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny import VOCAB_SIZE, Sized, tiny_model

from seq2seq.layers.cells import Elman
from seq2seq.model import ConditionalDecoder, Encoder, InputFeedingDecoder, RNNDecoder, Seq2Seq
from seq2seq.search import Beam, Greedy, Spelling, plan_search, search
from seq2seq.search.options import SearchOptions
from seq2seq.search.plan import Constraints
from seq2seq.translator.export import _compare, _converted, to_onnx
from seq2seq.translator.onnx_engine import OnnxEngine
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

SOURCES = np.array([[5, 6, 7, 8, 3], [4, 3, 0, 0, 0]], np.int32)
LENGTHS = np.array([7, 5])

KINDS = {
    "outside": (RNNDecoder, {"options": {"num_layers": 2, "tied_output": True}}),
    "plain, LSTM": (RNNDecoder, {"attention": "none", "cell": "lstm"}),
    "feeding, reset before": (InputFeedingDecoder, {"attention": "scaled", "cell": "gru_before"}),
    "conditional, stacked": (ConditionalDecoder, {"attention": "general", "options": {"num_layers": 2}}),
    "deep encoder": (RNNDecoder, {"attention": "dot", "encoder": {"num_layers": 2, "layer_norm": True}}),
    "halting": (RNNDecoder, {"options": {"ending": "halt", "tied_output": True}}),
    "predicted length": (InputFeedingDecoder, {"options": {"ending": "length", "num_lengths": 4}}),
    "both ways": (ConditionalDecoder, {"cell": "elman", "encoder": {"bidirectional": "all"}}),
}


def engines(model):
    graphs = to_onnx(model)
    return TensorFlowEngine(model), OnnxEngine(graphs, None, Sized(VOCAB_SIZE), max_source_length=9)


def assert_alike(one, other):
    np.testing.assert_array_equal(one.ids, other.ids)
    np.testing.assert_allclose(one.scores, other.scores, atol=2e-5)
    if one.attention is not None:
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_graphs_search_like_the_model(kind):
    decoder, options = KINDS[kind]
    tensorflow, onnx = engines(tiny_model(decoder, dtype="float32", **options))
    choosers = [lambda: Greedy(LENGTHS), lambda: Beam(LENGTHS, beam_size=3, n_best=3)]
    for make in choosers:
        assert_alike(*(search(engine, SOURCES, make()) for engine in (tensorflow, onnx)))
    shortlist = np.array([0, 1, 2, 3, 5, 8], np.int32)
    assert_alike(*(search(engine, SOURCES, choosers[1](), shortlist=shortlist) for engine in (tensorflow, onnx)))


def test_rules_see_all_log_probabilities(model, archive):
    constraints = [Constraints(required=[[9, 10]], forbidden=[bytes([7])]), Constraints(prefix=[5, 6])]
    spelling = Spelling([bytes([token % 256]) for token in range(281)])
    found = []
    for engine in (TensorFlowEngine(model), OnnxEngine.of_archive(archive)):
        wanted = {"constraints": constraints, "spelling": spelling, "special_ids": engine.special_ids}
        chooser, rules = plan_search(SearchOptions(no_repeat_ngram=2), LENGTHS, **wanted)
        found.append(search(engine, SOURCES, chooser, rules=rules))
    assert_alike(*found)
    assert found[0].ids[1, 0, :2].tolist() == [5, 6]


@keras.saving.register_keras_serializable(package="test_export")
class Leaky(Elman):
    """A cell of a user's own."""

    def step(self, projected, state, product, t):
        new, _ = super().step(projected, state, product, t)
        hidden = 0.5 * state["hidden"] + 0.5 * new
        return hidden, {"hidden": hidden}


def test_a_cell_of_ones_own_exports_itself():
    encoder, decoder = Encoder(9, 4, Leaky(3)), RNNDecoder(9, 4, Leaky(3))
    assert_alike(*(search(engine, SOURCES, Greedy(LENGTHS)) for engine in engines(Seq2Seq(encoder, decoder))))


def test_a_graph_that_computes_other_numbers_is_refused():
    spec = [tf.TensorSpec((None,), tf.int32, "ids")]
    one, two = (tf.function(lambda ids, n=n: {"sum": ids + n}, spec, autograph=False) for n in (1, 2))
    inputs = {"ids": np.array([5, 6])}
    assert _compare("step", {"step": _converted(one)}, {"step": one}, inputs)["sum"].tolist() == [6, 7]
    with pytest.raises(ValueError, match="the exported graph 'step' computes sum differently: up to 1 off"):
        _compare("step", {"step": _converted(one)}, {"step": two}, inputs)


class Unconvertible(Elman):
    def step(self, projected, state, product, t):
        output, state = super().step(projected, state, product, t)
        called = tf.py_function(lambda x: x, [output], output.dtype)
        called.set_shape(output.shape)
        return called, state


def test_a_model_that_cannot_be_converted_is_refused():
    model = Seq2Seq(Encoder(9, 4, Unconvertible(3)), RNNDecoder(9, 4, Elman(3)))
    with pytest.raises(ValueError, match="cannot be exported to ONNX|does not run"):
        to_onnx(model)
