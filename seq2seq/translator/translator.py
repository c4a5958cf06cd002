"""Text in, text out: tokenizers, an engine and search behind one call."""

import dataclasses
import math
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seq2seq.search import (
    Constraints,
    SearchOptions,
    check_constraints,
    length_ids,
    plan_search,
    search,
    without_lengths,
)
from seq2seq.text.translation import Translation
from seq2seq.translator.batches import BATCH_TOKENS, make_batches, pad_sources, side_by_side
from seq2seq.translator.constraints import TextConstraints, as_tokens, spelling_of
from seq2seq.translator.engine import TextEngine
from seq2seq.translator.ensemble import Ensemble
from seq2seq.translator.hypotheses import read_hypotheses
from seq2seq.translator.opening import open_engine
from seq2seq.translator.parts import Part, count_finished_lines, cut_lines, join_parts

if TYPE_CHECKING:
    from seq2seq.text.shortlist import Shortlist

__all__ = ["BATCH_TOKENS", "Translator"]

_EXTRA_LENGTH = 10  # target tokens that even the shortest source may have beyond the factor


@dataclasses.dataclass(frozen=True, eq=False)
class Translator:
    """Translates lines of text with an engine. It cannot be changed, and threads may share it.

    Args:
        engine: `TensorFlowEngine`, `OnnxEngine` or `Ensemble`.

    Raises:
        ValueError: its model has no tokenizers.

    Example:
        >>> translator = Translator.load("runs/multi30k")  # doctest: +SKIP
        >>> translator.translate(["A man rides a horse."])  # doctest: +SKIP
        ['Ein Mann reitet ein Pferd.']
    """

    engine: TextEngine

    def __post_init__(self) -> None:
        if self.engine.source_tokenizer is None or self.engine.target_tokenizer is None:
            raise ValueError(
                "The model has no tokenizers, so it cannot read text. "
                "Build it with source_tokenizer=... and target_tokenizer=..."
            )

    @classmethod
    def load(cls, *paths: str | os.PathLike, precision: str = "float32", threads: int | None = None) -> "Translator":
        """Opens a run folder, a `translator.zip` or a `.keras` file; several paths become an ensemble.

        The graphs of a run folder or `translator.zip` need no TensorFlow. If a run folder has no graphs, or its weights
        are newer, the model is exported first, once. Keras opens a `.keras` file.

        Args:
            paths: of folders or files.
            precision: type of the matrix products: "float32", "int8" (weights rounded to 8 bits), "bfloat16" or
                "auto", which times float32 and bfloat16. The last two run the Keras model. A file that was
                exported in int8 stays so.
            threads: processor threads, 0 for all; None leaves TensorFlow's settings alone, where it is used.

        Raises:
            FileNotFoundError: there is no such file, or no finished model in the folder.
            ValueError: a file is damaged, or names a class that does not exist; or the target vocabularies of an
                ensemble differ.
        """
        engines = [open_engine(path, precision=precision, threads=threads) for path in paths]
        return cls(engines[0] if len(engines) == 1 else Ensemble(engines))

    @property
    def model(self) -> Any:
        """The Keras model, `Seq2Seq`.

        Raises:
            ValueError: the engine runs without one.
        """
        if self.engine.model is None:
            raise ValueError(
                "This translator runs exported graphs, without a Keras model. Use seq2seq.model.load_model(RUN)."
            )
        return self.engine.model

    @property
    def precision(self) -> str:
        """Type of the matrix products."""
        return self.engine.precision

    @property
    def attends(self) -> bool:
        """Whether the model has attention, and translations can have alignments."""
        return self.engine.attends

    @property
    def languages(self) -> tuple[str, str] | None:
        """Languages of source and target as the file of the model names them, if it does."""
        return self.engine.languages

    def save(self, path: str | os.PathLike) -> None:
        """Writes the Keras model and its tokenizers to one `.keras` file, in one step."""
        from seq2seq.model.archive import save_model

        save_model(self.model, Path(path))

    def translate(self, lines: Iterable[str], **options: Any) -> list[str]:
        """The best translation of each line, in the same order; a blank line gives a blank line.

        Args:
            lines: the text. One string alone is refused.
            options: as for `search`.
        """
        return [translations[0].text for translations in self.search(lines, **options)]

    def search(
        self,
        lines: Iterable[str],
        *,
        alignments: bool = False,
        batch_tokens: int = BATCH_TOKENS,
        shortlist: "Shortlist | None" = None,
        constraints: Sequence[TextConstraints] | None = None,
        progress: Callable[[int], object] | None = None,
        **options: Any,
    ) -> list[list[Translation]]:
        """The n best translations of each line, best first, in the order of the lines.

        A line over the model's `max_source_length` is cut at punctuation or spaces, translated in parts and joined.
        Sentences of like length are translated together; the other sentences of a batch have no influence.

        Args:
            lines: the text.
            alignments: also return the attention weights.
            batch_tokens: most source tokens of a batch, padding included (at least one sentence).
            shortlist: limits the target pieces of each batch to those it names, which is faster. Log-probabilities are
                then normalised over those pieces.
            constraints: for each line, how its translation begins and which phrases it must or must not contain.
            progress: called with the number of lines finished since the last call.
            options: `SearchOptions` by name: beam_size, n_best, length_penalty, no_repeat_ngram, ...

        Returns:
            For each line up to n_best translations; exactly one for a blank line.

        Raises:
            TypeError: `lines` is one string, or there is no such option.
            ValueError: an option is out of range, a constraint cannot be fulfilled, the shortlist belongs to another
                model, or the model's numbers are not finite.
        """
        if isinstance(lines, str):
            raise TypeError(f"Expected lines, got one string: {lines[:40]!r}. Put it in a list.")
        lines = list(lines)
        request = self._request(lines, SearchOptions.named(options), alignments, shortlist, constraints)
        return self._search(lines, request, batch_tokens, progress)

    def check_constraints(self, constraints: Sequence[TextConstraints]) -> None:
        """Refuses constraints that no translation can fulfil, for a whole text before any of it is translated.

        Raises:
            ValueError: a constraint cannot be fulfilled; the message counts lines from 1.
        """
        self._tokens(constraints)

    def _request(
        self,
        lines: Sequence[str],
        options: SearchOptions,
        alignments: bool,
        shortlist: "Shortlist | None",
        constraints: Sequence[TextConstraints] | None,
    ) -> "_Request":
        """The request for a text, after a check of shortlist and constraints."""
        if shortlist is not None:
            shortlist.check(self.engine.source_tokenizer, self.engine.target_tokenizer, self.engine.name)
        if constraints is None:
            return _Request(options, alignments, shortlist, None)
        if len(constraints) != len(lines):
            raise ValueError(
                f"There are {len(lines)} lines, but constraints for {len(constraints)}. Give one for each."
            )
        return _Request(options, alignments, shortlist, self._tokens(constraints))

    def _tokens(self, constraints: Sequence[TextConstraints]) -> list[Constraints]:
        """Constraints as token ids, after a check that they can be fulfilled."""
        tokenizer = self.engine.target_tokenizer
        tokens = as_tokens(constraints, tokenizer)
        max_lengths = np.full(len(constraints), self.engine.max_source_length)
        check_constraints(tokens, max_lengths, self.engine.special_ids, spelling_of(tokenizer))
        return tokens

    def _search(
        self, lines: Sequence[str], request: "_Request", batch_tokens: int, progress: Callable[[int], object] | None
    ) -> list[list[Translation]]:
        """Cuts the lines into parts, translates these in batches and joins their translations."""
        parts = cut_lines(lines, self.engine.source_tokenizer, self.engine.max_source_length)
        finish = count_finished_lines(len(lines), parts, progress)
        found: list[list[Translation]] = [[] for _ in parts]
        workers = self.engine.num_workers
        batches = make_batches([part.size for part in parts], batch_tokens, workers)

        def translated(batch: Sequence[int]) -> list[list[Translation]]:
            return self._search_batch([parts[index] for index in batch], request)

        for batch, rows in side_by_side(translated, batches, workers):
            for index, translations in zip(batch, rows, strict=True):
                if not translations:
                    raise ValueError(
                        f"The model gives no probabilities for {lines[parts[index].line][:60]!r}: its "
                        "numbers are not finite. It was damaged in training; use an earlier checkpoint."
                    )
                found[index] = translations
            finish([parts[index] for index in batch])
        return join_parts(len(lines), parts, found)

    def _search_batch(self, parts: Sequence[Part], request: "_Request") -> list[list[Translation]]:
        """Translates the parts of one batch."""
        engine, sources = self.engine, [part.ids for part in parts]
        constraints = None if request.constraints is None else [request.constraints[part.line] for part in parts]
        chooser, rules = plan_search(
            request.options,
            np.array([self._max_length(part, request.options) for part in parts]),
            constraints=constraints,
            spelling=None if constraints is None else spelling_of(engine.target_tokenizer),
            places=[part.line for part in parts],
            special_ids=engine.special_ids,
            num_lengths=engine.num_lengths,
        )
        found = search(
            engine,
            pad_sources(sources),
            chooser,
            rules=rules,
            shortlist=None if request.shortlist is None else self._shortlist(request.shortlist(sources), constraints),
            alignments=request.alignments,
        )
        found = without_lengths(found) if engine.num_lengths else found
        return read_hypotheses(found, sources, engine.source_tokenizer, engine.target_tokenizer)

    def _max_length(self, part: Part, options: SearchOptions) -> int:
        """Most target tokens: they follow from the source, or, for a vector, from the targets of training."""
        if isinstance(part.ids, np.ndarray):
            return self.engine.max_source_length
        return math.ceil(options.max_length_factor * len(part.ids)) + _EXTRA_LENGTH

    def _shortlist(self, ids: np.ndarray, constraints: Sequence[Constraints] | None) -> np.ndarray:
        """The shortlist with the tokens that prefixes and required phrases need, and the ids of predicted lengths."""
        phrases = [phrase for some in constraints or () for phrase in (some.prefix, *some.required)]
        lengths = length_ids(self.engine.num_lengths)
        return np.unique(np.concatenate([ids, lengths, *map(np.array, filter(None, phrases))])).astype(np.int32)


class _Request(NamedTuple):
    """What a caller of `search` wants for each sentence of a text."""

    options: SearchOptions
    alignments: bool
    shortlist: "Shortlist | None"
    constraints: Sequence[Constraints] | None  # of each line
