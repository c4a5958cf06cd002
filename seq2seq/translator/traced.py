"""Search with a Keras model, in graphs that can be saved."""

import json
import shutil
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
from seq2seq.text.files import written_beside
from seq2seq.translator.saved import INDEX, has_graphs, way_to_search

__all__ = ["TracedSearch", "load_model"]


class TracedSearch:
    """Search with a model. Each way to search is traced once; weights are inputs of the graph, so that it holds for
    those of today and can be saved without them.

    Args:
        model: `Seq2Seq` with its tokenizers.
        precision: "float32", "bfloat16" or "auto".
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
        self._graphs = {}

    @property
    def num_workers(self) -> int:
        """Batches to search at once: one for each thread, or one on a GPU, which they would share."""
        if tf.config.list_physical_devices("GPU"):
            return 1
        return tf.config.threading.get_inter_op_parallelism_threads() or processors()

    def __call__(
        self, source_ids: np.ndarray, max_lengths: np.ndarray, options: SearchOptions, alignments: bool
    ) -> dict[str, np.ndarray]:
        """From source ids (B, S) and the longest lengths (B,) to the fields of `Hypotheses` by name."""
        weights = [weight.value for weight in self.model.weights]
        found = self.graph(options, alignments)(source_ids, max_lengths, weights)
        return {name: tensor.numpy() for name, tensor in found.items()}

    def graph(self, options: SearchOptions, alignments: bool):
        """The tf.function of one way to search."""
        way = way_to_search(options, alignments)
        key = tuple(way.values())
        if key not in self._graphs:
            ids, lengths = tf.TensorSpec([None, None], tf.int32), tf.TensorSpec([None], tf.int32)
            weights = [tf.TensorSpec(weight.shape, weight.dtype) for weight in self.model.weights]
            self._graphs[key] = (
                way,
                tf.function(
                    lambda source_ids, max_lengths, weights: self._search(
                        source_ids, max_lengths, weights, options, alignments
                    ),
                    input_signature=[ids, lengths, weights],
                    autograph=False,
                ),
            )
        return self._graphs[key][1]

    def save_graphs(self, archive: Path) -> None:
        """Adds the graphs that were traced so far to the archive of this model, in one step, if it has none yet.

        Those of another precision than float32 stay out: whether it is worth while is a question to each machine.
        """
        if not self._graphs or self.precision != "float32" or has_graphs(archive):
            return
        index = {"tensorflow": tf.__version__, "max_source_length": self.max_source_length, "attends": self.attends}
        with written_beside(archive) as beside:
            shutil.copyfile(archive, beside)
            with zipfile.ZipFile(beside, "a", zipfile.ZIP_DEFLATED) as file:
                index["graphs"] = [_save_graph(file, *graph) for graph in self._graphs.values()]
                file.writestr(INDEX, json.dumps(index, indent=2))

    def _search(self, source_ids, max_lengths, weights, options, alignments) -> dict[str, tf.Tensor]:
        state = list(zip(self.model.weights, weights, strict=True))
        with keras.StatelessScope(state_mapping=state), products(self.precision):
            found = self._hypotheses(source_ids, max_lengths, options, alignments)
        return {name: tensor for name, tensor in found._asdict().items() if tensor is not None}

    def _hypotheses(self, source_ids, max_lengths, options, alignments) -> Hypotheses:
        model = self.model
        memory, state = model.memory(source_ids)

        def step(ids, state, memory):
            features, attention, state = model.decoder.step(ids, state, memory)
            return model.decoder.logits(features), attention if alignments else None, state

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


def _save_graph(archive: zipfile.ZipFile, way: dict, function) -> dict:
    """Writes one graph; what the index says of it."""
    traced = function.get_concrete_function()
    name = f"graphs/{len(archive.namelist())}.pb"
    archive.writestr(name, traced.graph.as_graph_def().SerializeToString())
    return {
        "file": name,
        "way": way,
        "inputs": [tensor.name for tensor in traced.inputs],
        "outputs": {name: tensor.name for name, tensor in traced.structured_outputs.items()},
    }
