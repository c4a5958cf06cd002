import numpy as np
import pytest
import tensorflow as tf
from gradients import check_gradients, named
from tiny import BOS, EOS, VOCAB_SIZE, Sized, randomise, rebuilt, rows

from seq2seq.layers import GRU, ZeroBridge
from seq2seq.model import RNNDecoder, Seq2Seq, TeacherForcing, VectorEncoder
from seq2seq.search import Beam, search
from seq2seq.text.features import Features
from seq2seq.translator.export import to_onnx
from seq2seq.translator.onnx_engine import OnnxEngine
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

VECTORS = np.random.default_rng(1).normal(size=(2, 5))


def vector_model(context, dtype="float64", **options):
    options |= {"bridge": ZeroBridge(dtype=dtype)} if context == "steps" else {}
    decoder = RNNDecoder(VOCAB_SIZE, 4, GRU(3, dtype=dtype), context=context, dtype=dtype, **options)
    return randomise(Seq2Seq(VectorEncoder(5, 3, dtype=dtype), decoder))


def test_equals_the_equation():
    encoder = VectorEncoder(5, 3, dtype="float64")
    encoder.build()
    randomise(encoder)
    memory = encoder(tf.constant(VECTORS), mask=None)
    expected = np.tanh(VECTORS @ encoder.kernel.numpy() + encoder.bias.numpy())
    np.testing.assert_allclose(memory["outputs"], expected[:, np.newaxis], atol=1e-14)
    np.testing.assert_array_equal(memory["state"][0]["hidden"], memory["outputs"][:, 0])
    assert memory["mask"].numpy().tolist() == [[True], [True]]
    assert rebuilt(encoder).get_config() == encoder.get_config()


def test_gradients_are_those_of_finite_differences():
    model = vector_model("both", num_layers=2)
    batch = {"source_ids": tf.constant(VECTORS), "target_ids": rows([BOS, 5, 4, 8, EOS], [BOS, 6, EOS])}
    check_gradients(lambda: TeacherForcing()(model, batch, None)["loss_sum"], named(model))


def test_an_exported_graph_searches_like_the_model():
    model = vector_model("steps", "float32", ending="length", num_lengths=4)
    onnx = OnnxEngine(to_onnx(model), Features("abcde"), Sized(VOCAB_SIZE), max_source_length=9)
    found = [
        search(engine, VECTORS.astype(np.float32), Beam([7, 7], beam_size=3, n_best=3))
        for engine in (TensorFlowEngine(model), onnx)
    ]
    np.testing.assert_array_equal(found[0].ids, found[1].ids)
    np.testing.assert_allclose(found[0].scores, found[1].scores, atol=2e-5)


def test_sizes_of_nothing_are_refused():
    with pytest.raises(ValueError, match="num_features=0 and units=3: both have to be 1 or more"):
        VectorEncoder(0, 3)
