"""The engine of a Keras model."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tensorflow as tf
from tiny import tiny_model

from seq2seq.layers.outputs import OUTPUTS
from seq2seq.model import ConditionalDecoder
from seq2seq.search import Beam, search, without_lengths
from seq2seq.text.tokenizer import BOS_ID, EOS_ID
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

SOURCES = np.array([[5, 6, 7, 8, EOS_ID], [4, EOS_ID, 0, 0, 0]], np.int32)


def found(engine, sources=SOURCES):
    return search(engine, sources, Beam(np.full(len(sources), 6), beam_size=3, n_best=3))


@pytest.mark.parametrize("ending", OUTPUTS)
def test_log_probabilities_are_those_of_the_model(ending):
    model = tiny_model(ConditionalDecoder, dtype="float32", options={"ending": ending, "num_lengths": 5})
    hypotheses = found(TensorFlowEngine(model))
    if ending == "length":
        assert sorted(hypotheses.ids[0, :, 0] - 4) == sorted(hypotheses.lengths[0] - 2) == [0, 1, 3]
        hypotheses = without_lengths(hypotheses)
    for source, ids, lengths, log_probs in zip(SOURCES, *hypotheses[:2], hypotheses.log_probs, strict=True):
        for target, length, log_prob in zip(ids, lengths, log_probs, strict=True):
            batch = {
                "source_ids": tf.constant([source[source > 0]]),
                "target_ids": tf.constant([[BOS_ID, *target[:length]]]),
            }
            assert float(model.evaluate_batch(batch)["nll_sum"]) == pytest.approx(-log_prob, rel=1e-4)


def test_weights_are_those_of_the_moment(model):
    engine = TensorFlowEngine(model)
    before, weights = found(engine), model.get_weights()
    model.set_weights([0.5 * weight for weight in weights])
    try:
        halved = found(engine)
        np.testing.assert_array_equal(halved.log_probs, found(TensorFlowEngine(model)).log_probs)
    finally:
        model.set_weights(weights)
    assert not np.allclose(before.log_probs, halved.log_probs)
    np.testing.assert_array_equal(before.log_probs, found(engine).log_probs)


def test_threads_trace_a_model_once(model, monkeypatch):
    traced = []
    memory = model.memory
    monkeypatch.setattr(model, "memory", lambda *arguments: traced.append(1) or memory(*arguments))
    engine = TensorFlowEngine(model)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda _: found(engine).ids.tolist(), range(8)))
    assert together == [together[0]] * 8 and len(traced) == 1


def test_bfloat16_is_an_argument_of_the_engine(model):
    exact, rounded = (found(TensorFlowEngine(model, precision)).log_probs for precision in ("float32", "bfloat16"))
    assert not np.array_equal(exact, rounded)
    np.testing.assert_allclose(rounded[:, 0], exact[:, 0], rtol=0.1)
    with pytest.raises(ValueError, match="precision"):
        TensorFlowEngine(model, "float8")
