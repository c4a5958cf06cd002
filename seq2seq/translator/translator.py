"""Text in, text out: tokenizers, an engine and search behind one call."""

import functools
import math
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seq2seq.search import Constraints, Hypotheses, SearchOptions, Spelling, check_constraints, plan_search, search
from seq2seq.search.sizes import count_within, length_above
from seq2seq.text.segments import split_line
from seq2seq.text.tokenizer import EOS_ID, PAD_ID
from seq2seq.text.translation import BLANK, Translation, join_translations
from seq2seq.translator.constraints import TextConstraints, as_tokens, spelling_of
from seq2seq.translator.ensemble import Ensemble
from seq2seq.translator.opening import opened

if TYPE_CHECKING:
    from seq2seq.text.shortlist import Shortlist

__all__ = ["Translator"]

BATCH_TOKENS = 2048
_FEWEST_TOKENS = 256  # batches are made smaller than that only to keep the budget
_SHORTEST = 8  # sources are padded to at least so many tokens: fewer shapes for products to prepare for
_LEAST_LENGTH = 16  # a sentence counts as at least so many tokens, because its logits are as large as any other's
_EXTRA_LENGTH = 10  # target tokens that even the shortest source may have beyond the factor


class _Part(NamedTuple):
    """A line, or a part of one that was too long, as the model reads it."""

    line: int  # its place among the lines
    glue: str  # what joins its translation to that of the part before it
    ids: list[int]  # with the end token


class Translator:
    """Translates lines of text with an engine. It is immutable, and threads may share it.

    Args:
        engine: `TensorFlowEngine`, `OnnxEngine` or `Ensemble`.

    Raises:
        ValueError: its model has no tokenizers.

    Example:
        >>> translator = Translator.load("runs/multi30k")  # doctest: +SKIP
        >>> translator.translate(["A man rides a horse."])  # doctest: +SKIP
        ['Ein Mann reitet ein Pferd.']
    """

    def __init__(self, engine: Any):
        if engine.source_tokenizer is None or engine.target_tokenizer is None:
            raise ValueError(
                "The model has no tokenizers, so it cannot read text. "
                "Build it with source_tokenizer=... and target_tokenizer=..."
            )
        self.engine = engine

    @classmethod
    def load(cls, *paths: str | os.PathLike, precision: str = "float32", threads: int | None = None) -> "Translator":
        """Opens a run folder, a `translator.zip` or a `.keras` file; of several, their ensemble.

        The graphs of a run folder or `translator.zip` need no TensorFlow. A run folder without them, or whose weights
        are newer, is exported first, once. A `.keras` file is opened by Keras.

        Args:
            paths: of folders or files.
            precision: type of the matrix products: "float32", "int8" (weights rounded to 8 bits), "bfloat16" or
                "auto", which times float32 and bfloat16. The last two run the Keras model. A file that was
                exported in int8 stays so.
            threads: processor threads, 0 for all; None leaves TensorFlow's settings alone, where it is used.

        Raises:
            FileNotFoundError: there is no such file, or no finished model in the folder.
            ValueError: a file is damaged, or names a class that is not there; or the target vocabularies of an
                ensemble differ.
        """
        engines = [opened(path, precision=precision, threads=threads) for path in paths]
        return cls(engines[0] if len(engines) == 1 else Ensemble(engines))

    @property
    def model(self) -> Any:
        """The Keras model, `Seq2Seq`.

        Raises:
            ValueError: the engine runs without one.
        """
        model = getattr(self.engine, "model", None)
        if model is None:
            raise ValueError(
                "This translator runs exported graphs, without a Keras model. Use seq2seq.model.load_model(RUN)."
            )
        return model

    @property
    def precision(self) -> str:
        """Type of the matrix products."""
        return self.engine.precision

    @property
    def attends(self) -> bool:
        """Whether the model has attention, so that there are alignments to ask for."""
        return self.engine.attends

    def save(self, path: str | os.PathLike) -> None:
        """Writes the Keras model and its tokenizers to one `.keras` file, in one step."""
        from seq2seq.model.archive import save_model

        save_model(self.model, Path(path))

    def translate(self, lines: Iterable[str], **options) -> list[str]:
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
        **options,
    ) -> list[list[Translation]]:
        """The n best translations of each line, best first, in the order of the lines.

        Lines over the model's `max_source_length` are cut at punctuation or spaces, translated in parts and
        joined. Sentences are translated in batches of like length; the order returned is that of the lines,
        and what stands together in a batch has no influence.

        Args:
            lines: the text.
            alignments: also return the attention weights.
            batch_tokens: most source tokens of a batch, padding included (at least one sentence).
            shortlist: limits the target pieces of each batch to those it names, which is faster; log-probabilities are
                then those among them.
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
        search_options = SearchOptions.named(options)
        if shortlist is not None:
            shortlist.check(self.engine.source_tokenizer, self.engine.target_tokenizer, self.engine.name)
        lines = list(lines)
        if constraints is not None and len(constraints) != len(lines):
            raise ValueError(
                f"There are {len(lines)} lines, but constraints for {len(constraints)}. Give one for each."
            )
        checked = None if constraints is None else self._checked(constraints)
        parts = self._parts(lines)
        finish = _count_finished_lines(lines, parts, progress)
        found = [[] for _ in parts]
        workers = self.engine.num_workers
        batches = _batches([len(part.ids) for part in parts], batch_tokens, workers)

        def translated(batch: Sequence[int]) -> list[list[Translation]]:
            wanted = None if checked is None else [checked[parts[index].line] for index in batch]
            return self._search_batch([parts[index] for index in batch], search_options, alignments, shortlist, wanted)

        for batch, rows in _side_by_side(translated, batches, workers):
            for index, translations in zip(batch, rows, strict=True):
                if not translations:
                    raise ValueError(
                        f"The model gives no probabilities for {lines[parts[index].line][:60]!r}: its "
                        "numbers are not finite. It was damaged in training; use an earlier checkpoint."
                    )
                found[index] = translations
            finish([parts[index].line for index in batch])
        return _join_parts(len(lines), parts, found)

    def check_constraints(self, constraints: Sequence[TextConstraints]) -> None:
        """Refuses what no translation can fulfil, for a whole text before any of it is translated.

        Raises:
            ValueError: a constraint cannot be fulfilled; the message counts lines from 1.
        """
        self._checked(constraints)

    def _parts(self, lines: Sequence[str]) -> list[_Part]:
        """What the model reads: no part for a blank line, several parts for a line that is too long."""
        tokenizer, limit = self.engine.source_tokenizer, self.engine.max_source_length - 1  # 1: the end token
        numbers = [number for number, line in enumerate(lines) if line.strip()]
        parts = []
        for number, ids in zip(numbers, tokenizer.encode([lines[number] for number in numbers]), strict=True):
            if not ids:  # only invisible characters
                continue
            if len(ids) <= limit:
                parts.append(_Part(number, "", [*ids, EOS_ID]))
                continue
            # Invisible characters must not decide where a line is cut, nor become a part of their own.
            line = tokenizer.cleaned(lines[number])
            segments = split_line(line, limit, lambda texts: [len(ids) for ids in tokenizer.encode(texts)])
            encoded = tokenizer.encode([segment.text for segment in segments])
            parts += [
                _Part(number, segment.glue, [*ids, EOS_ID]) for segment, ids in zip(segments, encoded, strict=True)
            ]
        return parts

    def _search_batch(
        self,
        parts: Sequence[_Part],
        options: SearchOptions,
        alignments: bool,
        shortlist: "Shortlist | None",
        constraints: Sequence[Constraints] | None,
    ) -> list[list[Translation]]:
        """Translates the sentences of one batch."""
        sources = [part.ids for part in parts]
        source_ids = np.full((len(sources), _padded_length(max(map(len, sources)))), PAD_ID, np.int32)
        for row, ids in zip(source_ids, sources, strict=True):
            row[: len(ids)] = ids
        lengths = np.array([math.ceil(options.max_length_factor * len(ids)) + _EXTRA_LENGTH for ids in sources])
        chooser, rules = plan_search(
            options,
            lengths,
            constraints=constraints,
            spelling=None if constraints is None else self._spelling,
            places=[part.line for part in parts],
            special_ids=self.engine.special_ids,
        )
        limits = None if shortlist is None else _with_phrases(shortlist(sources), constraints)
        found = search(self.engine, source_ids, chooser, rules=rules, shortlist=limits, alignments=alignments)
        return self._read(sources, found)

    def _checked(self, constraints: Sequence[TextConstraints]) -> list[Constraints]:
        tokens = as_tokens(constraints, self.engine.target_tokenizer)
        most = np.full(len(constraints), self.engine.max_source_length)
        check_constraints(tokens, most, self.engine.special_ids, self._spelling)
        return tokens

    @functools.cached_property
    def _spelling(self) -> Spelling:
        return spelling_of(self.engine.target_tokenizer)

    def _read(self, sources: Sequence[list[int]], found: Hypotheses) -> list[list[Translation]]:
        """Hypotheses as translations, without those that do not exist."""
        ids, lengths, scores, log_probs, attention = found
        tokenizer = self.engine.target_tokenizer
        source_pieces = [tuple(self.engine.source_tokenizer.pieces(source)) for source in sources]
        kept = [(int(number), int(rank)) for number, rank in np.argwhere(lengths)]
        targets = [ids[number, rank, : lengths[number, rank]] for number, rank in kept]
        rows = [[] for _ in sources]
        for (number, rank), target, text in zip(kept, targets, tokenizer.decode(targets), strict=True):
            alignment = None
            if attention is not None:
                alignment = attention[number, rank, : len(target), : len(sources[number])].copy()
            rows[number].append(
                Translation(
                    text=text,
                    score=float(scores[number, rank]),
                    log_prob=float(log_probs[number, rank]),
                    source_pieces=source_pieces[number],
                    target_pieces=tuple(tokenizer.pieces(target)),
                    alignment=alignment,
                )
            )
        return rows


def _with_phrases(shortlist: np.ndarray, constraints: Sequence[Constraints] | None) -> np.ndarray:
    """The shortlist with the words that prefixes and required phrases need."""
    phrases = [phrase for some in constraints or () for phrase in (some.prefix, *some.required)]
    return np.unique(np.concatenate([shortlist, *map(np.array, filter(None, phrases))])).astype(np.int32)


def _padded_length(length: int) -> int:
    return length_above(max(length, _SHORTEST))


def _batches(lengths: Sequence[int], batch_tokens: int, workers: int) -> list[list[int]]:
    """The places of the sentences of each batch. The longest come first, so that no worker ends
    with them alone."""
    sizes = [max(_padded_length(length), _LEAST_LENGTH) for length in lengths]
    budget = min(batch_tokens, max(_FEWEST_TOKENS, math.ceil(sum(sizes) / workers)))  # a batch for each worker
    batches, longest_first, start = [], sorted(range(len(lengths)), key=lambda index: -lengths[index]), 0
    while start < len(longest_first):
        room = budget // sizes[longest_first[start]]
        count = count_within(max(1, min(room, len(longest_first) - start)))
        batches.append(longest_first[start : start + count])
        start += count
    return batches


def _side_by_side(function: Callable, items: Sequence, workers: int) -> Iterator[tuple]:
    """Pairs (item, function(item)) in the order of the items, computed in `workers` threads."""
    pool = ThreadPoolExecutor(workers)
    try:
        yield from zip(items, pool.map(function, items), strict=True)
    finally:  # also when the caller stops early
        pool.shutdown(cancel_futures=True)


def _count_finished_lines(
    lines: Sequence[str], parts: Sequence[_Part], progress: Callable[[int], object] | None
) -> Callable[[Iterable[int]], None]:
    """A function that takes the line numbers of finished parts and reports lines that are now complete."""
    if progress is None:
        return lambda numbers: None
    missing = Counter(part.line for part in parts)
    if len(missing) < len(lines):
        progress(len(lines) - len(missing))  # blank lines

    def finish(numbers: Iterable[int]) -> None:
        missing.subtract(numbers)
        whole = sum(missing[number] == 0 for number in set(numbers))
        if whole:
            progress(whole)

    return finish


def _join_parts(num_lines: int, parts: Sequence[_Part], found: Sequence[list[Translation]]) -> list[list[Translation]]:
    """The translations of each line, from those of its parts in order."""
    pieces = [[] for _ in range(num_lines)]
    for part, translations in zip(parts, found, strict=True):
        pieces[part.line].append((part.glue, translations))
    return [join_translations(*zip(*line, strict=True)) if line else [BLANK] for line in pieces]
