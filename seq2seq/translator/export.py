"""From a Keras model to the two ONNX graphs that translate: one reads sentences, one makes a step.

They are traced from the functions that `TensorFlowEngine` runs, so that every cell, attention and decoder exports
itself, a user's own too. What the converter made is run beside TensorFlow before it is kept: tf2onnx 1.17 logs its
errors and returns normally.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from seq2seq.text.tokenizer import BOS_ID, EOS_ID, PAD_ID
from seq2seq.translator.archive import ENCODER, STEP
from seq2seq.translator.onnx_engine import new_session
from seq2seq.translator.tensorflow_engine import NUM_SPECIAL, step, step_signature

__all__ = ["to_onnx"]

_OPSET = 18
_TOLERANCE = 1e-3  # between two orders of summation; what is really wrong is further off


def to_onnx(model: Any) -> dict[str, bytes]:
    """The graphs of a model, as ONNX files.

        encoder: source_ids -> memory_0, ..., state_0, ...
    step: ids, rows, num_best, shortlist, memory_0, ..., state_0, ... -> ends, best, best_ids, log_probs, attention (if
        the model has it), next_state_0, ...

        Args:
            model: `Seq2Seq`.

        Returns:
            name of each graph -> its bytes.

        Raises:
            ValueError: a layer cannot be converted, or its graph computes something else.
    """
    memory, state = model.memory(tf.constant([[EOS_ID]]))
    leaves = [f"memory_{i}" for i in range(len(tf.nest.flatten(memory)))]
    states = [f"state_{i}" for i in range(len(tf.nest.flatten(state)))]
    attention = [] if model.decoder.attention is None else ["attention"]

    def read(source_ids: tf.Tensor) -> list[tf.Tensor]:
        return tf.nest.flatten(model.memory(source_ids))

    def make_step(ids, rows, num_best, shortlist, *flat) -> list[tf.Tensor]:
        nests = tf.nest.pack_sequence_as((memory, state), flat)
        return [one for one in tf.nest.flatten(step(model, ids, rows, num_best, shortlist, *nests)) if one is not None]

    numbers, nests = step_signature(memory, state)
    named = [
        tf.TensorSpec(spec.shape, spec.dtype, name)
        for spec, name in zip(tf.nest.flatten(nests), leaves + states, strict=True)
    ]
    functions = {
        ENCODER: tf.function(read, [tf.TensorSpec((None, None), tf.int32, "source_ids")], autograph=False),
        STEP: tf.function(make_step, [*numbers, *named], autograph=False),
    }
    outputs = {
        ENCODER: leaves + states,
        STEP: ["ends", "best", "best_ids", "log_probs", *attention, *(f"next_{name}" for name in states)],
    }
    graphs = {name: _converted(function, outputs[name]) for name, function in functions.items()}
    _check(graphs, functions, min(model.encoder.vocab_size, model.decoder.vocab_size))
    return graphs


def _converted(function: Callable, outputs: Sequence[str]) -> bytes:
    """A tf.function as an ONNX file whose outputs have these names."""
    import onnx
    import tf2onnx

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    try:
        model, _ = tf2onnx.convert.from_function(function, input_signature=function.input_signature, opset=_OPSET)
    except Exception as error:  # of many kinds, from the depths of the converter
        raise ValueError(f"The model cannot be exported to ONNX: {error}") from error
    for output, name in zip(model.graph.output, outputs, strict=True):
        model.graph.node.append(onnx.helper.make_node("Identity", [output.name], [name]))
        output.name = name
    return model.SerializeToString()


def _check(graphs: dict[str, bytes], functions: dict[str, Callable], vocab_size: int) -> None:
    """Runs the graphs beside the functions that they were made from.

    Raises:
        ValueError: onnxruntime refuses a graph, or the numbers differ.
    """
    source_ids = np.array([[vocab_size - 1] * 5 + [EOS_ID], [NUM_SPECIAL, EOS_ID] + [PAD_ID] * 4], np.int32)
    rows = np.array([0, 0, 1, 1], np.int32)
    encoded = _compare(ENCODER, graphs, functions, [source_ids])
    for shortlist in ([], [*range(NUM_SPECIAL), vocab_size - 1]):
        numbers = [np.full(4, BOS_ID), rows, np.array(2), np.array(shortlist)]
        _compare(STEP, graphs, functions, [*(number.astype(np.int32) for number in numbers), *encoded])


def _compare(name: str, graphs: dict, functions: dict, inputs: list[np.ndarray]) -> list[np.ndarray]:
    try:
        session = new_session(graphs[name])
        given = {expected.name: array for expected, array in zip(session.get_inputs(), inputs, strict=True)}
        found = session.run(None, given)
    except Exception as error:  # onnxruntime has no common base of its own
        raise ValueError(f"The exported graph {name!r} does not run: {error}") from error
    wanted = [tensor.numpy() for tensor in functions[name](*map(tf.constant, inputs))]
    for output, one, other in zip(session.get_outputs(), found, wanted, strict=True):
        if not np.allclose(one, other, atol=_TOLERANCE, rtol=_TOLERANCE, equal_nan=True):
            raise ValueError(
                f"The exported graph {name!r} computes {output.name} differently: up to "
                f"{np.abs(one.astype(np.float64) - other).max():.2g} off. Translate with the Keras model."
            )
    return found
