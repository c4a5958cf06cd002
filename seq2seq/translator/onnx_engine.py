"""The engine of an exported model: two ONNX graphs, run by onnxruntime without TensorFlow."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnxruntime

from seq2seq.search import Proposals, SpecialIds
from seq2seq.startup import processors
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator.archive import ENCODER, STEP, Archive
from seq2seq.translator.shortlists import target_ids, whole_vocabulary

__all__ = ["OnnxEngine", "new_session"]

_NUMBERS = ["ids", "rows", "num_best", "shortlist"]  # inputs of the step, before memory and state
_PROPOSALS = ["ends", "best", "places"]
_LOG_PROBS = ["shifted", "log_sum"]  # log-probabilities are their difference


class OnnxEngine:
    """Runs the graphs that `seq2seq.translator.export` makes. Safe in threads, and in forked processes.

    Memory is a list of arrays and a shortlist, state a list of arrays.

    Args:
        graphs: the bytes of the graphs "encoder" and "step".
        source_tokenizer, target_tokenizer: the vocabularies.
        max_source_length: most source tokens of a sentence, end token included.
        precision: "float32" or "int8": what the graphs compute in.
        name: of the model, for messages.
        threads: batches translated side by side, each on one thread; 0 is one for each processor.

    Raises:
        ValueError: onnxruntime refuses a graph, or its inputs and outputs are not those of a translator.
    """

    special_ids = SpecialIds()

    def __init__(
        self,
        graphs: Mapping[str, bytes],
        source_tokenizer: Tokenizer,
        target_tokenizer: Tokenizer,
        *,
        max_source_length: int,
        precision: str = "float32",
        name: str = "the model",
        threads: int = 0,
    ):
        self.name = name
        self.source_tokenizer, self.target_tokenizer = source_tokenizer, target_tokenizer
        self.max_source_length = max_source_length
        self.precision = precision
        self.num_workers = threads or processors()
        self._graphs = dict(graphs)
        self._open()
        self._check_names()

    @classmethod
    def of_archive(cls, archive: Archive, *, name: str = "the model", threads: int = 0) -> "OnnxEngine":
        """The engine of what a `translator.zip` holds.

        Raises:
            ValueError: its graphs cannot be run.
        """
        try:
            return cls(
                archive.graphs,
                archive.source_tokenizer,
                archive.target_tokenizer,
                max_source_length=archive.max_source_length,
                precision=archive.precision,
                name=name,
                threads=threads,
            )
        except ValueError as error:
            raise ValueError(f"{name} is not a translator, or a damaged one: {error}") from error

    def _open(self) -> None:
        self._process = os.getpid()
        self._encoder, self._step = (_session(self._graphs[name], name) for name in (ENCODER, STEP))

    def _check_names(self) -> None:
        """Finds out which inputs and outputs the graphs have.

        Raises:
            ValueError: they are not those of a translator.
        """
        encoded, found = _names(self._encoder.get_outputs()), _names(self._step.get_outputs())
        self._memory, self._states = (_numbered(kind, encoded) for kind in ("memory", "state"))
        self._next_states = [f"next_{name}" for name in self._states]
        self._attention = ["attention"] if "attention" in found else []
        self.attends = bool(self._attention)
        self._inputs = [*_NUMBERS, *self._memory, *self._states]
        expected = [
            (encoded, [*self._memory, *self._states]),
            (_names(self._encoder.get_inputs()), ["source_ids"]),
            (_names(self._step.get_inputs()), self._inputs),
            (found, [*_PROPOSALS, *_LOG_PROBS, *self._attention, *self._next_states]),
        ]
        for names, wanted in expected:
            if sorted(names) != sorted(wanted):
                raise ValueError(f"a graph has {', '.join(names)[:200]}; a translator's has {', '.join(wanted)[:200]}.")

    def encode(self, source_ids: np.ndarray, shortlist: np.ndarray | None = None) -> tuple[Any, Any]:
        if self._process != os.getpid():  # onnxruntime's threads are not here
            self._open()
        found = self._encoder.run([*self._memory, *self._states], {"source_ids": source_ids})
        shortlist = np.zeros(0, np.int32) if shortlist is None else shortlist
        return (found[: len(self._memory)], shortlist), found[len(self._memory) :]

    def step(
        self, ids: np.ndarray, rows: np.ndarray, state: Any, memory: Any, num_best: int | None
    ) -> tuple[Proposals | np.ndarray, np.ndarray | None, Any]:
        memory, shortlist = memory
        numbers = [ids, rows, np.array(num_best or 1, np.int32), shortlist]
        inputs = dict(zip(self._inputs, [*numbers, *memory, *state], strict=True))
        wanted = _LOG_PROBS if num_best is None else _PROPOSALS
        found = self._step.run([*wanted, *self._attention, *self._next_states], inputs)
        attention = found[len(wanted)] if self.attends else None
        new_state = found[len(wanted) + self.attends :]
        if num_best is not None:
            ends, best, places = found[: len(wanted)]
            return Proposals(ends, best, target_ids(places, shortlist)), attention, new_state
        shifted, log_sum = found[: len(wanted)]
        return whole_vocabulary(shifted - log_sum, shortlist, self.target_tokenizer.vocab_size), attention, new_state

    def keep(self, memory: Any, sentences: np.ndarray) -> Any:
        memory, shortlist = memory
        return [leaf[sentences] for leaf in memory], shortlist


def new_session(graph: bytes) -> onnxruntime.InferenceSession:
    """A session on one thread: batches side by side are faster than the operations of one batch divided."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong arrives as an exception
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _session(graph: bytes, name: str) -> onnxruntime.InferenceSession:
    try:
        return new_session(graph)
    except Exception as error:  # onnxruntime has no common base of its own
        raise ValueError(f"the graph {name!r} cannot be run: {error}") from error


def _names(tensors: Sequence[onnxruntime.NodeArg]) -> list[str]:
    return [tensor.name for tensor in tensors]


def _numbered(kind: str, names: Sequence[str]) -> list[str]:
    """kind_0, kind_1, ...: as many of them as there are among the names."""
    return [f"{kind}_{number}" for number in range(sum(name.startswith(f"{kind}_") for name in names))]
