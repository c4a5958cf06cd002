"""Text in, labels out: an exported classifier or tagger, run by onnxruntime without TensorFlow."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from seq2seq.model.kinds import LABELLER
from seq2seq.startup import processors
from seq2seq.text.labels import parts_of_sentence, pieces_of_words, word_ends
from seq2seq.text.tokenizer import EOS_ID
from seq2seq.translator.archive import Archive
from seq2seq.translator.batches import BATCH_TOKENS, make_batches, pad_sources, side_by_side
from seq2seq.translator.onnx_session import new_session, onnxruntime, run_graph, try_first
from seq2seq.translator.opening import exported

__all__ = ["Labeller"]

_MAX_SECONDS = 5  # for the trial on a sentence of one token
_INPUTS = {"classifier": ["source_ids"], "tagger": ["source_ids", "word_ends"]}


class Labeller:
    """Chooses a label for each line (a classifier), or for each word of a sentence (a tagger).

    Args:
        archive: of kind "classifier" or "tagger".
        name: of the model, for messages.
        threads: batches side by side, each on one thread; 0 is one for each processor.

    Attributes:
        labels: the names of the labels.

    Raises:
        ValueError: the graph cannot be run, or it is not one of such a model with these labels.

    Example:
        >>> tagger = Labeller.load("runs/tagger", "tagger")  # doctest: +SKIP
        >>> tagger.labels_of(["Anna liest ."])  # doctest: +SKIP
        ['NAME-nom VERB PUNCT']
    """

    def __init__(self, archive: Archive, *, name: str = "the model", threads: int = 0) -> None:
        self.name, self.kind = name, archive.kind
        self.labels, self._tokenizer = archive.opened["labels.json"], archive.source_tokenizer
        self._limit = archive.max_source_length
        self._num_workers = threads or processors()
        self._options = onnxruntime.RunOptions()
        try:
            blank = [label for label in self.labels if " " in label]
            if blank and self.kind == "tagger":
                raise ValueError(f"its label {blank[0]!r} holds a blank, which separates the tags of a sentence.")
            self._session = new_session(archive.graphs[LABELLER])
            found = sorted(one.name for one in self._session.get_inputs())
            if found != _INPUTS[self.kind]:
                raise ValueError(f"its graph reads {', '.join(found)[:200]}; expected {', '.join(_INPUTS[self.kind])}.")
            first = {"source_ids": np.array([[EOS_ID]], np.int32), "word_ends": np.zeros((1, 1), np.int32)}
            try_first(lambda: self._run(first), self._options, "its first sentence", _MAX_SECONDS)
        except ValueError as error:
            raise ValueError(f"{name} is not a {self.kind}, or a damaged one: {error}") from error

    @classmethod
    def load(cls, path: str | os.PathLike, kind: str, *, precision: str = "float32", threads: int = 0) -> "Labeller":
        """Opens a run folder, an exported file or a `.keras` file; the last one is exported first.

        Args:
            path: of the folder or file.
            kind: "classifier" or "tagger".
            precision: "float32" or "int8".
            threads: as for the class.

        Raises:
            FileNotFoundError: there is no such file, or no finished model in the folder.
            ValueError: the file is damaged, or holds a model of another kind.
        """
        return cls(exported(Path(path), precision, kind), name=str(path), threads=threads)

    def classify(self, lines: Sequence[str]) -> np.ndarray:
        """The probabilities of the labels of each line, float32 (lines, L).

        A line is cut at the longest sentence of training. A blank line is read as an empty sentence.
        """
        sources = [[*ids[: self._limit - 1], EOS_ID] for ids in self._tokenizer.encode(lines)]
        rows = self._rows(sources, lambda places: {"source_ids": pad_sources([sources[place] for place in places])})
        return np.array(rows, np.float32).reshape(len(lines), len(self.labels))

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[np.ndarray]:
        """The probabilities of the labels of each word, float32 (words, L) for each sentence.

        A sentence longer than those of training is read in parts.

        Args:
            sentences: the words of each sentence, without blanks.
        """
        words = [pieces_of_words(self._tokenizer, sentence, self._limit) for sentence in sentences]
        parts = [(number, part) for number, one in enumerate(words) for part in parts_of_sentence(one, self._limit)]
        sources = [[token for word in part for token in word] for _, part in parts]
        ends = [word_ends(part) for _, part in parts]

        def inputs(places: Sequence[int]) -> dict[str, np.ndarray]:
            sides = {"source_ids": sources, "word_ends": ends}
            return {name: pad_sources([side[place] for place in places]) for name, side in sides.items()}

        tagged = [[np.zeros((0, len(self.labels)), np.float32)] for _ in sentences]
        for (number, part), rows in zip(parts, self._rows(sources, inputs), strict=True):
            tagged[number].append(rows[: len(part)])
        return [np.concatenate(rows) for rows in tagged]

    def labels_of(self, lines: Sequence[str]) -> list[str]:
        """The likeliest label of each line; of a tagger the labels of its words, which blanks separate, in one line."""
        if self.kind == "classifier":
            return [self.labels[int(number)] for number in self.classify(lines).argmax(axis=1)]
        found = self.tag([line.split() for line in lines])
        return [" ".join(self.labels[int(number)] for number in rows.argmax(axis=1)) for rows in found]

    def _rows(self, sources: Sequence[Sequence[int]], inputs: Callable[[Sequence[int]], dict]) -> list[np.ndarray]:
        """What the graph gives for each source: batches of like length, some of them side by side.

        Args:
            sources: token ids.
            inputs: function from places among the sources to the inputs of their batch.
        """
        batches = make_batches([len(ids) for ids in sources], BATCH_TOKENS, self._num_workers)
        rows: list[np.ndarray] = [np.zeros(0)] * len(sources)
        for places, found in side_by_side(lambda places: self._run(inputs(places)), batches, self._num_workers):
            for place, row in zip(places, found, strict=True):
                rows[place] = row
        return rows

    def _run(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Probabilities, float32 (B, L) or (B, W, L)."""
        places = inputs["word_ends"].shape if self.kind == "tagger" else inputs["source_ids"].shape[:1]
        shapes = {"probabilities": (*places, len(self.labels))}
        inputs = {name: inputs[name] for name in _INPUTS[self.kind]}
        return run_graph(self._session, inputs, shapes, name=self.name, options=self._options)["probabilities"]
