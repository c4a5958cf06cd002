"""The engine of a Keras model: encoder and step as TensorFlow functions."""

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from seq2seq.layers.precision import decide, products
from seq2seq.search import Proposals, SpecialIds
from seq2seq.startup import claim_tensorflow, processors
from seq2seq.translator.engine import TextEngine
from seq2seq.translator.shortlists import target_ids, whole_vocabulary

__all__ = ["STEP_NUMBERS", "TensorFlowEngine", "source_spec", "step"]

SPECIAL_IDS = SpecialIds()
NUM_SPECIAL = len(SPECIAL_IDS)  # they are the first ids
_SHAPES = {"ids": (None,), "rows": (None,), "num_best": (), "shortlist": (None,)}
STEP_NUMBERS = [tf.TensorSpec(shape, tf.int32, name) for name, shape in _SHAPES.items()]
"""The inputs of `step` beside model, memory and state."""


class TensorFlowEngine(TextEngine):
    """Runs a Keras model, with the weights that it has at the time of each call.

    Encoder and step are traced once, for batches of any size.

    Args:
        model: `Seq2Seq` or `LanguageModel`.
        precision: "float32", "bfloat16" or "auto".
        name: of the model, for messages.
    """

    special_ids = SPECIAL_IDS

    def __init__(self, model: Any, precision: str = "float32", *, name: str = "the model"):
        claim_tensorflow()
        self.model, self.name = model, name
        self.precision = decide(precision)
        self.source_tokenizer, self.target_tokenizer = model.source_tokenizer, model.target_tokenizer
        self.max_source_length = model.max_source_length
        self.num_lengths = model.num_lengths
        self.attends = model.attends
        self._graphs: dict[str, Any] = {}
        self._tracing = threading.Lock()  # batches are searched side by side

    @property
    def num_workers(self) -> int:
        """Batches to search at once: two for each processor thread, because one of them is often in Python between two
        steps; one on a GPU, which they would share."""
        if tf.config.list_physical_devices("GPU"):
            return 1
        return 2 * (tf.config.threading.get_inter_op_parallelism_threads() or processors())

    def encode(self, source_ids: np.ndarray, shortlist: np.ndarray | None = None) -> tuple[Any, Any]:
        claim_tensorflow()
        graph = self._graph("encode", self.model.memory, lambda: [source_spec(self.model)])
        memory, state = graph(source_ids)
        return (memory, np.zeros(0, np.int32) if shortlist is None else shortlist), state

    def step(
        self, ids: np.ndarray, rows: np.ndarray, state: Any, memory: Any, num_best: int | None
    ) -> tuple[Proposals | np.ndarray, np.ndarray | None, Any]:
        memory, shortlist = memory
        name, limits = ("step", []) if not len(shortlist) else ("step with a shortlist", [shortlist])

        def signature() -> list[Any]:
            encoded = self._graphs["encode"].get_concrete_function().structured_outputs  # for any number of positions
            specs = tf.nest.map_structure(lambda leaf: tf.TensorSpec(leaf.shape, leaf.dtype), encoded)
            return [*specs, *STEP_NUMBERS[: 3 + len(limits)]]

        graph = self._graph(name, functools.partial(step, self.model), signature)
        found, state = graph(memory, state, ids, rows, num_best or 1, *limits)
        attention = found["attention"].numpy() if self.attends else None
        if num_best is None:
            log_probs = found["shifted"].numpy() - found["log_sum"].numpy()
            return whole_vocabulary(log_probs, shortlist, self.model.vocab_sizes[1]), attention, state
        ends, best, places = (found[name].numpy() for name in ("ends", "best", "places"))
        return Proposals(ends, best, target_ids(places, shortlist)), attention, state

    def keep(self, memory: Any, sentences: np.ndarray) -> Any:
        memory, shortlist = memory
        return tf.nest.map_structure(lambda leaf: tf.gather(leaf, sentences), memory), shortlist

    def _graph(self, name: str, function: Callable, signature: Callable[[], list[Any]]) -> Callable:
        if name not in self._graphs:
            with self._tracing, products(self.precision):
                if name not in self._graphs:
                    graph = tf.function(function, input_signature=signature(), autograph=False)
                    graph.get_concrete_function()  # a call that traces counts as "retracing" to TensorFlow
                    self._graphs[name] = graph
        return self._graphs[name]


def source_spec(model: Any) -> tf.TensorSpec:
    """What a model reads: int32 (B, S), or float32 (B, F) if the source is a vector."""
    if model.num_features:
        return tf.TensorSpec((None, model.num_features), tf.float32, "source_ids")
    return tf.TensorSpec((None, None), tf.int32, "source_ids")


def step(
    model: Any,
    memory: Any,
    state: Any,
    ids: tf.Tensor,
    rows: tf.Tensor,
    num_best: tf.Tensor,
    shortlist: tf.Tensor | None = None,
) -> tuple[dict[str, tf.Tensor], Any]:
    """One token of each row: see `seq2seq.search.Engine.step`.

    Args:
        shortlist: int32 (v,). The target ids to choose from, rising, special ids first; empty or None for all.

    Returns:
        (dict, state). The dict has "ends" and "best", log-probabilities as for `Proposals`; "places", of the best among
        all tokens or those of the shortlist; "shifted" float32 (N, V) or (N, v) and "log_sum" (N, 1), whose difference
        is the log-probabilities of all tokens: only a caller that needs them subtracts; "attention" (N, S) if the model
        has it.
    """
    state = tf.nest.map_structure(lambda leaf: tf.gather(leaf, rows), state)
    features, attention, state = model.step(ids, state, memory)
    logits = model.output_layer.logits(features, attention, memory, shortlist)
    # The largest is taken away first: ONNX's own log of a sum of exponentials loses digits.
    shifted = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    log_sum = tf.math.log(tf.reduce_sum(tf.exp(shifted), axis=-1, keepdims=True))
    words = shifted[:, NUM_SPECIAL:]
    best, places = tf.math.top_k(words, tf.minimum(num_best, tf.shape(words)[1]))
    found = {"ends": shifted[:, SPECIAL_IDS.eos] - log_sum[:, 0], "best": best - log_sum}
    found |= {"places": places + NUM_SPECIAL, "shifted": shifted, "log_sum": log_sum}
    return found if attention is None else {**found, "attention": attention}, state
