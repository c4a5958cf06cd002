"""Converts a Keras model to ONNX graphs: the encoder and one step of the decoder, or one graph that chooses labels.

The graphs are traced from the functions that `TensorFlowEngine` runs, so a user's own cells, attentions and decoders
can be exported too. Each graph is compared with TensorFlow before it is returned, because tf2onnx 1.17 only logs its
errors.
"""

import logging
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from seq2seq.model.kinds import ENCODER, KINDS, LABELLER, STEP
from seq2seq.text.tokenizer import BOS_ID, EOS_ID, PAD_ID
from seq2seq.translator.archive import ExportError
from seq2seq.translator.onnx_session import new_session
from seq2seq.translator.tensorflow_engine import NUM_SPECIAL, STEP_NUMBERS, source_spec, step

__all__ = ["to_onnx"]

_OPSET = 18
_TOLERANCE = 1e-3  # sums in another order are rounded differently; a wrong graph is off by more


def to_onnx(model: Any) -> dict[str, bytes]:
    """Converts a model to ONNX files.

    "labeller", of a classifier or tagger: source_ids, word_ends (of a tagger) -> probabilities.
    "encoder": source_ids -> memory_0, ..., state_0, ...
    "step": ids, rows, num_best, shortlist, memory_0, ..., state_0, ... -> ends, best, places, shifted, log_sum,
    attention (if the model has it), next_state_0, ...; see `seq2seq.translator.tensorflow_engine.step`.

    Args:
        model: `Seq2Seq`, or another model with a kind.

    Returns:
        Name of each graph -> its bytes.

    Raises:
        ExportError: a layer cannot be converted, or the converted graph computes other numbers.
    """
    if KINDS[model.kind].graphs == (LABELLER,):
        return _labeller(model)
    sources = _sources(model)
    nests = model.memory(tf.constant(sources))  # (memory, state)
    memory, state = (_named(*item) for item in zip(("memory", "state"), nests, strict=True))

    def read(source_ids: tf.Tensor) -> dict[str, tf.Tensor]:
        memory, state = model.memory(source_ids)
        return {**_named("memory", memory), **_named("state", state)}

    def make_step(
        ids: tf.Tensor, rows: tf.Tensor, num_best: tf.Tensor, shortlist: tf.Tensor, *leaves: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        found, state = step(model, *tf.nest.pack_sequence_as(nests, leaves), ids, rows, num_best, shortlist)
        return {**found, **_named("next_state", state)}

    encoder = tf.function(read, [source_spec(model)], autograph=False)
    encoded = encoder.get_concrete_function().structured_outputs
    leaves = [tf.TensorSpec(encoded[name].shape, encoded[name].dtype, name) for name in [*memory, *state]]
    functions = {ENCODER: encoder, STEP: tf.function(make_step, [*STEP_NUMBERS, *leaves], autograph=False)}
    graphs = {name: _converted(function) for name, function in functions.items()}
    _check(graphs, functions, sources, model.vocab_sizes[1])
    return graphs


def _labeller(model: Any) -> dict[str, bytes]:
    """The graph of a classifier or tagger."""

    def choose(*tensors: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"probabilities": model.probabilities(dict(zip(model.inputs, tensors, strict=True)))}

    signature = [tf.TensorSpec((None, None), tf.int32, name) for name in model.inputs]
    functions = {LABELLER: tf.function(choose, signature, autograph=False)}
    graphs = {name: _converted(function) for name, function in functions.items()}
    inputs = {"source_ids": _source_ids(model.encoder.vocab_size), "word_ends": np.array([[1, 3, 5], [0, 0, 0]])}
    _compare(LABELLER, graphs, functions, inputs)
    return graphs


def _sources(model: Any) -> np.ndarray:
    """Two sources to try a graph on: sentences, or vectors if the model reads these."""
    if model.num_features:
        return np.random.default_rng(1).normal(size=(2, model.num_features)).astype(np.float32)
    return _source_ids(min(model.vocab_sizes))


def _source_ids(vocab_size: int) -> np.ndarray:
    """Two sentences, of six tokens and of two, to try a graph on."""
    return np.array([[vocab_size - 1] * 5 + [EOS_ID], [NUM_SPECIAL, EOS_ID] + [PAD_ID] * 4], np.int32)


def _named(name: str, nest: Any) -> dict[str, Any]:
    """The leaves of a nest by name and number."""
    return {f"{name}_{number}": leaf for number, leaf in enumerate(tf.nest.flatten(nest))}


def _converted(function: Callable) -> bytes:
    """A tf.function that returns a dict as an ONNX file whose outputs have the names of its keys."""
    import tf2onnx

    from seq2seq.translator.onnx_graphs import simplify

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    try:
        model, _ = tf2onnx.convert.from_function(function, input_signature=function.input_signature, opset=_OPSET)
    except Exception as error:  # the converter raises errors of many types
        raise ExportError(f"the model cannot be exported to ONNX: {error}") from error
    simplify(model.graph)
    return model.SerializeToString()


def _check(graphs: dict[str, bytes], functions: dict[str, Callable], sources: np.ndarray, vocab_size: int) -> None:
    """Compares the graphs with the functions that they were made from.

    Raises:
        ExportError: onnxruntime refuses a graph, or the numbers differ.
    """
    given = _compare(ENCODER, graphs, functions, {"source_ids": sources})
    given |= {"ids": np.full(4, BOS_ID), "rows": np.array([0, 0, 1, 1]), "num_best": np.array(2)}
    for shortlist in ([], sorted({*range(NUM_SPECIAL + 1), vocab_size - 1})):
        _compare(STEP, graphs, functions, {**given, "shortlist": np.array(shortlist)})


def _compare(name: str, graphs: dict, functions: dict, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The outputs of a graph by name, after a comparison with those of TensorFlow."""
    inputs = {
        spec.name: inputs[spec.name].astype(spec.dtype.as_numpy_dtype) for spec in functions[name].input_signature
    }
    wanted = {output: tensor.numpy() for output, tensor in functions[name](*map(tf.constant, inputs.values())).items()}
    try:
        found = dict(zip(wanted, new_session(graphs[name]).run(list(wanted), inputs), strict=True))
    except Exception as error:  # onnxruntime's errors have no common base class
        raise ExportError(f"the exported graph {name!r} does not run: {error}") from error
    for output, one in found.items():
        if not np.allclose(one, wanted[output], atol=_TOLERANCE, rtol=_TOLERANCE, equal_nan=True):
            off = np.abs(one.astype(np.float64) - wanted[output]).max()
            raise ExportError(f"the exported graph {name!r} computes {output} differently: up to {off:.2g} off")
    return found
