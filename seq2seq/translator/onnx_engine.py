"""The engine of an exported model: two ONNX graphs, run by onnxruntime without TensorFlow."""

import os
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from seq2seq.model.kinds import ENCODER, KINDS, STEP
from seq2seq.search import Proposals, SpecialIds
from seq2seq.startup import processors
from seq2seq.text.features import Features
from seq2seq.text.files import one_line
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator.archive import Archive
from seq2seq.translator.engine import TextEngine
from seq2seq.translator.onnx_session import limit_memory, new_session, onnxruntime, run_graph, try_first
from seq2seq.translator.shortlists import target_ids, whole_vocabulary

__all__ = ["OnnxEngine"]

_NUMBERS = ["ids", "rows", "num_best", "shortlist"]  # inputs of the step, before memory and state
_PROPOSALS = ["ends", "best", "places"]
_LOG_PROBS = ["shifted", "log_sum"]  # log-probabilities are their difference
_NUMERIC = re.compile(r"tensor\((float|float16|double|bool|u?int(8|16|32|64))\)")
_MAX_SECONDS = 5  # for the trial step on a sentence of one token


class OnnxEngine(TextEngine):
    """Runs the graphs that `seq2seq.translator.export` makes. Safe in threads, and in forked processes.

    Memory is a list of arrays, the number of source positions and a shortlist; state is a list of arrays.

    Args:
        graphs: the bytes of the graphs "encoder" and "step".
        source_tokenizer, target_tokenizer: the vocabularies.
        max_source_length: most source tokens of a sentence, end token included.
        precision: "float32" or "int8", the type of the matrix products in the graphs.
        name: of the model, for messages.
        threads: batches translated side by side, each on one thread; 0 is one for each processor.
        num_lengths: see `TextEngine`.

    Raises:
        ValueError: onnxruntime refuses a graph, or it is not one of a translator with these vocabularies.
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
        num_lengths: int = 0,
    ):
        self.name = name
        self.num_lengths = num_lengths
        self.source_tokenizer, self.target_tokenizer = source_tokenizer, target_tokenizer
        self.max_source_length = max_source_length
        self.precision = precision
        self.num_workers = threads or processors()
        self._graphs = dict(graphs)
        self._run_options = onnxruntime.RunOptions()
        self._open()
        self._check_names()
        self._try_first_step()

    @classmethod
    def of_archive(cls, archive: Archive, *, name: str = "the model", threads: int = 0) -> "OnnxEngine":
        """The engine of an archive that `read_archive` read.

        Raises:
            ValueError: its graphs cannot be run.
        """
        try:
            engine = cls(
                archive.graphs,
                archive.source_tokenizer,
                archive.target_tokenizer,
                max_source_length=archive.max_source_length,
                precision=archive.precision,
                name=name,
                threads=threads,
                num_lengths=archive.num_lengths,
            )
        except ValueError as error:
            raise ValueError(f"{name} is not {KINDS[archive.kind].noun}, or a damaged one: {error}") from error
        engine.languages = archive.languages
        return engine

    def _open(self) -> None:
        limit_memory()  # once, before there are two threads
        try:
            with ThreadPoolExecutor() as pool:  # side by side: half of the time
                self._encoder, self._step = pool.map(new_session, (self._graphs[name] for name in (ENCODER, STEP)))
        except ValueError as error:
            raise ValueError(f"a graph in it cannot be opened: {error}") from error
        self._process = os.getpid()  # last: it tells other threads that both sessions are open

    def _check_names(self) -> None:
        """Reads the names of the graphs' inputs and outputs.

        Raises:
            ValueError: they are not those of a translator.
        """
        encoded, stepped = _names(self._encoder.get_outputs()), _names(self._step.get_outputs())
        self._memory, self._states = (_numbered(kind, encoded) for kind in ("memory", "state"))
        self._next_states = [f"next_{name}" for name in self._states]
        self._attention = ["attention"] if "attention" in stepped else []
        self.attends = bool(self._attention)
        self._inputs = [*_NUMBERS, *self._memory, *self._states]
        expected = [
            (encoded, [*self._memory, *self._states]),
            (_names(self._encoder.get_inputs()), ["source_ids"]),
            (_names(self._step.get_inputs()), self._inputs),
            (stepped, [*_PROPOSALS, *_LOG_PROBS, *self._attention, *self._next_states]),
        ]
        for names, wanted in expected:
            if sorted(names) != sorted(wanted):
                found, wanted = (one_line(", ".join(some))[:200] for some in (names, wanted))
                raise ValueError(f"a graph has {found}; a translator's has {wanted}.")
        inner = [*self._memory, *self._states, *self._next_states]  # only the graphs read them: numbers of any type
        for output in [*self._encoder.get_outputs(), *self._step.get_outputs()]:
            kind = "tensor(int32)" if output.name == "places" else "tensor(float)"
            if output.type != kind and not (output.name in inner and _NUMERIC.fullmatch(output.type)):
                raise ValueError(f"it gives {output.name} as {output.type}; expected {kind}.")

    def _try_first_step(self) -> None:
        """Encodes one sentence and makes one step, so that graphs that cannot translate are refused early.

        Raises:
            ValueError: the graphs fail, or take too long.
        """

        def first_step() -> None:
            memory, state = self.encode(_shortest(self.source_tokenizer, self.special_ids.eos))
            self.step(np.array([self.special_ids.bos], np.int32), np.zeros(1, np.int32), state, memory, None)

        try_first(first_step, self._run_options, "its first step", _MAX_SECONDS)

    def encode(self, source_ids: np.ndarray, shortlist: np.ndarray | None = None) -> tuple[Any, Any]:
        if self._process != os.getpid():  # a fork copies none of onnxruntime's threads
            self._open()
        num_sentences, length = source_ids.shape
        shapes = dict.fromkeys([*self._memory, *self._states], (num_sentences, ...))
        found = self._run(self._encoder, {"source_ids": source_ids}, shapes)
        memory, state = ([found[name] for name in names] for names in (self._memory, self._states))
        return (memory, length, np.zeros(0, np.int32) if shortlist is None else shortlist), state

    def step(
        self, ids: np.ndarray, rows: np.ndarray, state: Any, memory: Any, num_best: int | None
    ) -> tuple[Proposals | np.ndarray, np.ndarray | None, Any]:
        memory, length, shortlist = memory
        num_rows, num_tokens = len(ids), len(shortlist) or self.target_tokenizer.vocab_size
        numbers = [ids, rows, np.array(num_best or 1, np.int32), shortlist]
        inputs = dict(zip(self._inputs, [*numbers, *memory, *state], strict=True))
        shapes = dict.fromkeys(self._next_states, (num_rows, ...))
        shapes |= dict.fromkeys(self._attention, (num_rows, length))
        if num_best is None:
            shapes |= {"shifted": (num_rows, num_tokens), "log_sum": (num_rows, 1)}
        else:
            words = (num_rows, min(num_best, num_tokens - len(self.special_ids)))
            shapes |= {"ends": (num_rows,), "best": words, "places": words}
        found = self._run(self._step, inputs, shapes)
        attention, new_state = found.get("attention"), [found[name] for name in self._next_states]
        if num_best is None:
            log_probs = found["shifted"] - found["log_sum"]
            return whole_vocabulary(log_probs, shortlist, self.target_tokenizer.vocab_size), attention, new_state
        ends, best, places = (found[name] for name in _PROPOSALS)
        if places.size and not 0 <= places.min() <= places.max() < num_tokens:
            raise ValueError(f"{self.name} cannot be run: it chose a token that is not in its vocabulary.")
        if max(ends.max(), best.max(initial=-np.inf)) > 0:
            raise ValueError(f"{self.name} cannot be run: it gives probabilities above 1.")
        return Proposals(ends, best, target_ids(places, shortlist)), attention, new_state

    def _run(
        self, session: onnxruntime.InferenceSession, inputs: Mapping[str, np.ndarray], shapes: Mapping[str, tuple]
    ) -> dict[str, np.ndarray]:
        """The outputs of a graph that are wanted, see `run_graph`."""
        return run_graph(session, inputs, shapes, name=self.name, options=self._run_options)

    def keep(self, memory: Any, sentences: np.ndarray) -> Any:
        memory, length, shortlist = memory
        return [leaf[sentences] for leaf in memory], length, shortlist


def _shortest(vocabulary: Tokenizer | Features, eos_id: int) -> np.ndarray:
    """The shortest source, (1, 1), or a vector of zeros, (1, F)."""
    if isinstance(vocabulary, Features):
        return np.zeros((1, vocabulary.vocab_size), np.float32)
    return np.array([[eos_id]], np.int32)


def _names(tensors: Sequence[onnxruntime.NodeArg]) -> list[str]:
    return [tensor.name for tensor in tensors]


def _numbered(kind: str, names: Sequence[str]) -> list[str]:
    """kind_0, kind_1, ...: as many of them as there are among the names."""
    return [f"{kind}_{number}" for number in range(sum(name.startswith(f"{kind}_") for name in names))]
