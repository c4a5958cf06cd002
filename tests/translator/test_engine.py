"""The contract of engines."""

import inspect

import pytest

from seq2seq.translator.engine import TextEngine
from seq2seq.translator.ensemble import Ensemble
from seq2seq.translator.onnx_engine import OnnxEngine
from seq2seq.translator.tensorflow_engine import TensorFlowEngine


@pytest.mark.parametrize("kind", ["TensorFlowEngine", "OnnxEngine", "Ensemble"])
def test_every_engine_has_what_the_contract_names(model, archive, kind):
    onnx = OnnxEngine.of_archive(archive)
    engine = {"TensorFlowEngine": TensorFlowEngine(model), "OnnxEngine": onnx, "Ensemble": Ensemble([onnx])}[kind]
    missing = [name for name in inspect.get_annotations(TextEngine) if not hasattr(engine, name)]
    assert missing == [] and engine.special_ids.eos == 3
    for name in ("encode", "step", "keep"):
        assert inspect.signature(getattr(type(engine), name)) == inspect.signature(getattr(TextEngine, name))
