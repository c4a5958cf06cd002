"""A cell and an attention that the package does not have: read, saved, loaded, exported, searched with.

Their state has a part that no bridge fills, their output is larger than their hidden state, and a step depends on its
number.
"""

import numpy as np
from tiny import VOCAB_SIZE, Sized, tiny_model

from seq2seq.model import ConditionalDecoder, load_model
from seq2seq.search import Beam, search
from seq2seq.translator.export import to_onnx
from seq2seq.translator.onnx_engine import OnnxEngine
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

SOURCES = np.array([[5, 6, 7, 8, 3], [4, 3, 0, 0, 0]], np.int32)


def test_exported_after_loading_they_find_the_same_best_words(tmp_path):
    """Beam search moves the rows of the state, in which the number of the step is an integer."""
    model = tiny_model(ConditionalDecoder, cell="slow_units", attention="coverage", dtype="float32")
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    engines = [
        TensorFlowEngine(model),
        TensorFlowEngine(loaded),
        OnnxEngine(to_onnx(loaded), None, Sized(VOCAB_SIZE), max_source_length=9),
    ]
    first, *others = [search(engine, SOURCES, Beam(np.array([7, 5]), beam_size=3, n_best=3)) for engine in engines]
    for other in others:
        np.testing.assert_array_equal(other.ids, first.ids)
        np.testing.assert_allclose(other.scores, first.scores, atol=2e-5)
        np.testing.assert_allclose(other.attention, first.attention, atol=1e-5)
