"""Search with a Keras model, in graphs that can be saved."""

import json
import shutil
import threading
import zipfile
from pathlib import Path

from seq2seq.model import load_model  # first of all: it starts TensorFlow, with its settings

# isort: split
import keras
import numpy as np
import tensorflow as tf

from seq2seq.layers.precision import decide, products
from seq2seq.search import Hypotheses, SearchOptions, beam_search, greedy_search
from seq2seq.startup import processors
from seq2seq.text.files import written_beside, zip_entry
from seq2seq.translator.saved import GRAPH, INDEX, way_to_search

__all__ = ["TracedSearch", "load_model"]


class TracedSearch:
    """Search with a model. Each way to search is traced once; weights are inputs of the graph, so that it holds for
    those of today and can be saved without them. With "int8" they are constants of it, those of the beginning.

    Args:
        model: `Seq2Seq` with its tokenizers.
        precision: "float32", "bfloat16", "int8" or "auto".

    Raises:
        ValueError: the model has no tokenizers; or for "int8", its weights are not finite or the machine lacks it.
    """

    def __init__(self, model, precision: str):
        if model.source_tokenizer is None or model.target_tokenizer is None:
            raise ValueError(
                "The model has no tokenizers, so it cannot read text. "
                "Build it with source_tokenizer=... and target_tokenizer=..."
            )
        self.model = model
        self.precision = decide(precision)
        self.source_tokenizer, self.target_tokenizer = model.source_tokenizer, model.target_tokenizer
        self.max_source_length = model.max_source_length
        self.attends = model.decoder.attention is not None
        self._kept, self._to_round = None, None
        if self.precision == "int8":
            self._keep_weights()
        self._graphs = {}
        self._tracing = threading.Lock()  # batches are searched side by side

    def _keep_weights(self):
        """The weights of now, for all times: rounded integers do not follow what becomes of them."""
        self._kept = [tf.constant(weight) for weight in self.model.weights]
        values = {id(weight): weight.numpy() for weight in self.model.weights}
        if not all(np.isfinite(value).all() for value in values.values()):
            raise ValueError("Some of the model's weights are not finite. Take an earlier checkpoint of its run.")
        self._to_round = {key: value for key, value in values.items() if value.ndim == 2 and value.dtype == np.float32}
        if not self._to_round:
            raise ValueError("precision int8 rounds weights in float32, and this model has none. Take float32 for it.")

    @property
    def num_workers(self) -> int:
        """Batches to search at once: one for each thread, or one on a GPU, which they would share."""
        if tf.config.list_physical_devices("GPU"):
            return 1
        return tf.config.threading.get_inter_op_parallelism_threads() or processors()

    def __call__(
        self,
        source_ids: np.ndarray,
        max_lengths: np.ndarray,
        options: SearchOptions,
        alignments: bool,
        shortlist: np.ndarray | None = None,
    ) -> dict[str, np.ndarray]:
        """From source ids (B, S) and the longest lengths (B,) to the fields of `Hypotheses` by name; with a shortlist
        (v,), of these target ids only."""
        weights = self._kept or [weight.value for weight in self.model.weights]
        graph = self.graph(options, alignments, limited=shortlist is not None)
        found = graph(source_ids, max_lengths, weights, *(() if shortlist is None else (shortlist,)))
        return {name: tensor.numpy() for name, tensor in found.items()}

    def graph(self, options: SearchOptions, alignments: bool, *, limited: bool = False):
        """The tf.function of one way to search."""
        key = (*way_to_search(options, alignments).values(), limited)
        with self._tracing:
            if key not in self._graphs:
                ids, lengths = (tf.TensorSpec([None] * rank, tf.int32) for rank in (2, 1))
                weights = [tf.TensorSpec(weight.shape, weight.dtype) for weight in self.model.weights]
                self._graphs[key] = tf.function(
                    lambda *inputs: self._search(*inputs, options=options, alignments=alignments),
                    input_signature=[ids, lengths, weights, *([lengths] if limited else [])],
                    autograph=False,
                )
                self._graphs[key].get_concrete_function()  # a call that traces counts as "retracing" to TensorFlow
            return self._graphs[key]

    def save_graph(self, archive: Path, options: SearchOptions) -> None:
        """Adds the graph of a search without alignments to the archive of this model, in one step.

        With products in another precision than float32 it does nothing: whether they are worth while is a question to
        each machine. Nor does it for a model that computes with more than its weights.
        """
        if self.precision != "float32":
            return
        traced = self.graph(options, alignments=False).get_concrete_function()
        if traced.captured_inputs:
            return
        index = {
            "tensorflow": tf.__version__,
            "max_source_length": self.max_source_length,
            "attends": self.attends,
            "way": way_to_search(options, alignments=False),
            "inputs": [tensor.name for tensor in traced.inputs],
            "outputs": {name: tensor.name for name, tensor in traced.structured_outputs.items()},
        }
        with written_beside(archive) as beside:
            shutil.copyfile(archive, beside)
            with zipfile.ZipFile(beside, "a", zipfile.ZIP_DEFLATED) as file:
                file.writestr(zip_entry(GRAPH), traced.graph.as_graph_def().SerializeToString(), zipfile.ZIP_DEFLATED)
                file.writestr(zip_entry(INDEX), json.dumps(index, indent=2))

    def _search(self, source_ids, max_lengths, weights, shortlist=None, *, options, alignments) -> dict[str, tf.Tensor]:
        state = list(zip(self.model.weights, weights, strict=True))
        with keras.StatelessScope(state_mapping=state), products(self.precision, self._to_round):
            found = self._hypotheses(source_ids, max_lengths, shortlist, options, alignments)
        if shortlist is not None:
            found = found._replace(ids=tf.gather(shortlist, found.ids))
        return {name: tensor for name, tensor in found._asdict().items() if tensor is not None}

    def _hypotheses(self, source_ids, max_lengths, shortlist, options, alignments) -> Hypotheses:
        """With a shortlist, the search is among places in it: the ids of its hypotheses are such."""
        decoder = self.model.decoder
        memory, state = self.model.memory(source_ids)
        shortlisted = None if shortlist is None else decoder.shortlisted(shortlist)

        def step(ids, state, memory):
            features, attention, state = decoder.step(ids, state, memory, shortlisted)
            return decoder.logits(features, shortlisted), attention if alignments else None, state

        limits = {
            "max_lengths": max_lengths,
            "min_length": options.min_length,
            "length_penalty": options.length_penalty,
        }
        if options.beam_size == 1 and options.early_stop:  # the same, without the beam's bookkeeping
            return greedy_search(step, state, memory, **limits)
        return beam_search(
            step,
            state,
            memory,
            beam_size=options.beam_size,
            n_best=options.n_best,
            early_stop=options.early_stop,
            **limits,
        )
