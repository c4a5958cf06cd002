"""Parallel text, checked, and its ids, encoded once and read from disk."""

import bisect
import dataclasses
import hashlib
import itertools
import json
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seq2seq.text import id_file
from seq2seq.text.lines import MAX_LINE_BYTES, LineFile, fingerprint
from seq2seq.text.tokenizer import EOS_ID, Tokenizer
from seq2seq.text.workspace import check_is_file, split_columns, unpacked, workspace

_WINDOW = 10_000  # pairs encoded at a time

_logger = logging.getLogger("seq2seq")


class ParallelCorpus:
    """Sentence pairs: line i of the source and line i of the target. Made by `open` or `from_lines`.

    Attributes:
        source, target: sequences of lines.
        name: what messages call the corpus.
        paths: the files it was read from; empty for lines in memory.
        fingerprint: sha256 of both texts; the same for plain, packed and TSV files, with any line ends.

    Example:
        >>> corpus = ParallelCorpus.from_lines(["a cat"], ["eine Katze"])
        >>> len(corpus), corpus[0]
        (1, ('a cat', 'eine Katze'))
    """

    def __init__(
        self,
        source: Sequence[str],
        target: Sequence[str],
        *,
        name: str,
        fingerprint: str,
        paths: tuple[Path, ...] = (),
    ):
        self.source, self.target, self.name, self.fingerprint = source, target, name, fingerprint
        self.paths = paths

    @classmethod
    def open(
        cls,
        source: str | os.PathLike,
        target: str | os.PathLike | None = None,
        *,
        cache_dir: str | os.PathLike | None = None,
        same_file: bool = False,
        max_line_bytes: int = MAX_LINE_BYTES,
    ) -> "ParallelCorpus":
        """Checks files and makes them readable line by line; memory does not grow with their size.

        Two files of the same text are allowed, with a warning on the logger `seq2seq`: copying can be learnt.

        Args:
            source, target: UTF-8 text files, plain or packed by gzip, bzip2, xz or zip, one sentence a line, line i of
                one the translation of line i of the other. Without `target`, `source` is a .tsv file, plain or
                packed: source, one tab, target.
            cache_dir: where packed and TSV files are unpacked to, once. Default: a temporary folder.
            same_file: both sides may be one and the same file, or text, as when a model learns to copy.
            max_line_bytes: longer lines are cut there, with a warning.

        Raises:
            FileNotFoundError, ValueError: the files are missing or empty, differ in their number of lines,
                are no UTF-8 text, are one and the same, or have a line without exactly two columns. The
                message names file and line.
        """
        source = Path(source)
        check_is_file(source)
        with workspace(cache_dir) as folder:
            options = {"folder": folder, "max_line_bytes": max_line_bytes}
            if target is None:
                paths = (source,)
                sources, targets = cls._columns(source, options)
            else:
                paths = source, Path(target)
                check_is_file(paths[1])
                if os.path.samefile(*paths) and not same_file:
                    raise ValueError(
                        f"Source {source} and target {target} are the same file. Give one file a side, or --same-file "
                        "(same_file=True) if a model is to learn to copy."
                    )
                sources, targets = (LineFile(unpacked(path, folder), shown=path, **options) for path in paths)
        _check_partners(sources, targets)
        if sources.fingerprint == targets.fingerprint and not same_file:
            _logger.warning(
                "%s: source and target are the same text. That is right for a model that learns to copy; "
                "--same-file says it is meant.",
                " + ".join(map(str, paths)),
            )
        name = " + ".join(path.name for path in paths)
        joint = _joint(sources.fingerprint, targets.fingerprint)
        return cls(sources, targets, name=name, fingerprint=joint, paths=paths)

    @staticmethod
    def _columns(path: Path, options: Mapping[str, Any]) -> list[LineFile]:
        if not has_both_sides(path):
            raise ValueError(
                f"Got the source file {path} without a target file. Give both, or one .tsv file with two columns, "
                "plain or packed (.tsv.gz)."
            )
        plain = unpacked(path, options["folder"])
        return [
            LineFile(column, shown=path, **options) for column in split_columns(plain, options["folder"], shown=path)
        ]

    @classmethod
    def from_lines(cls, source: Sequence[str], target: Sequence[str], *, name: str = "corpus") -> "ParallelCorpus":
        """A corpus of lines that are already in memory, without line ends."""
        source, target = list(source), list(target)
        if len(source) != len(target) or not source:
            raise ValueError(
                f"{name}: got {len(source)} source and {len(target)} target lines; expected as many of both."
            )
        for number, line in itertools.chain(enumerate(source), enumerate(target)):
            if "\n" in line:
                raise ValueError(f"{name}: line {number} holds a line break: {line[:40]!r}. Split it.")
        return cls(source, target, name=name, fingerprint=_joint(fingerprint(source), fingerprint(target)))

    @classmethod
    def joined(cls, corpora: Sequence["ParallelCorpus"]) -> "ParallelCorpus":
        """One corpus of several, one after the other; nothing is copied."""
        return cls(
            _Joined([corpus.source for corpus in corpora]),
            _Joined([corpus.target for corpus in corpora]),
            name=" and ".join(corpus.name for corpus in corpora),
            fingerprint=_joint(*(corpus.fingerprint for corpus in corpora)),
            paths=tuple(path for corpus in corpora for path in corpus.paths),
        )

    def __len__(self):
        return len(self.source)

    def __getitem__(self, index: int) -> tuple[str, str]:
        return self.source[index], self.target[index]

    def __repr__(self):
        return f"<ParallelCorpus {self.name}, {len(self)} pairs>"


class _Joined(Sequence):
    """Sequences of lines read as one."""

    def __init__(self, parts: Sequence[Sequence[str]]):
        self._parts = parts
        self._starts = [0, *itertools.accumulate(map(len, parts))]

    def __len__(self):
        return self._starts[-1]

    def __getitem__(self, index):
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return [self[i] for i in range(start, stop, step)]
            parts = zip(self._parts, self._starts, strict=False)
            return [line for part, first in parts for line in part[max(0, start - first) : max(0, stop - first)]]
        index = range(len(self))[index]  # also from the end; IndexError where there is none
        number = bisect.bisect_right(self._starts, index) - 1
        return self._parts[number][index - self._starts[number]]

    def __iter__(self):
        return itertools.chain.from_iterable(self._parts)


def _check_partners(sources: LineFile, targets: LineFile) -> None:
    if len(sources) != len(targets):
        shorter, longer = sorted((sources, targets), key=len)
        raise ValueError(
            f"{longer.shown}:{len(shorter) + 1} has no partner; {shorter.shown} ends at line "
            f"{len(shorter)}. Give files of equal length: line i of one translates line i of the other."
        )


def _joint(*fingerprints: str) -> str:
    return hashlib.sha256(" ".join(fingerprints).encode()).hexdigest()


@dataclasses.dataclass(frozen=True, kw_only=True)
class CorpusReport:
    """What was found in a corpus, and what of it was kept.

    Attributes:
        name: the corpus.
        lines: pairs in the files.
        pairs: pairs kept.
        blank: pairs dropped because a side has no text.
        too_long: pairs dropped because a side has more than `max_length` tokens.
        max_length: the limit, in tokens, end of sentence included, as in all lengths here.
        mean_source_length, mean_target_length, max_source_length, max_target_length: tokens per kept line.
        identical: fraction of the kept pairs whose two sides are the same text.
    """

    name: str
    lines: int
    pairs: int
    blank: int
    too_long: int
    max_length: int
    mean_source_length: float
    mean_target_length: float
    max_source_length: int
    max_target_length: int
    identical: float

    def __str__(self):
        text = (
            f"{self.name}: {self.pairs:,} of {self.lines:,} pairs. Tokens a sentence: source "
            f"{self.mean_source_length:.1f} (at most {self.max_source_length}), target "
            f"{self.mean_target_length:.1f} (at most {self.max_target_length}).\n"
            f"  Dropped: {self.blank:,} with a blank side, {self.too_long:,} over {self.max_length} tokens. "
            f"Same text on both sides: {100 * self.identical:.1f} %."
        )
        return text


class EncodedCorpus:
    """The ids of a corpus, mapped from a file. Made by `encode_corpus`.

    Attributes:
        source_lengths, target_lengths: int32 (pairs,). Tokens, end of sentence included.
        lines: int64 (pairs,). Which line of the corpus, counted from 0, pair i is.
        report: what was kept and dropped.
    """

    def __init__(self, stored: id_file.StoredIds, report: CorpusReport):
        self.source_lengths, self.target_lengths = stored.source_lengths, stored.target_lengths
        self.lines, self.report = stored.lines, report
        self._ids = stored.ids
        self._starts = np.zeros(len(self.lines) + 1, np.int64)
        ends = self._starts[1:]
        np.add(self.source_lengths, self.target_lengths, out=ends)
        np.cumsum(ends, out=ends)

    def source(self, index: int) -> np.ndarray:
        """int32 (S,): the source of pair `index`, ending in EOS."""
        start = self._starts[index]
        return self._ids[start : start + self.source_lengths[index]]

    def target(self, index: int) -> np.ndarray:
        """int32 (T,): the target of pair `index`, ending in EOS, without BOS."""
        end = self._starts[index + 1]
        return self._ids[end - self.target_lengths[index] : end]

    def source_rarity(self) -> np.ndarray:
        """float64 (pairs,): minus the sum of ln p over the source tokens of each pair; p is a token's share of all
        source tokens (Platanios et al., 2019, equation 4). Long sentences of rare words have the highest values."""
        counts = np.zeros(0, np.int64)
        for _, ids, _ in self._source_windows():
            seen = np.bincount(ids, minlength=len(counts))
            seen[: len(counts)] += counts
            counts = seen
        surprise = -np.log(np.maximum(counts, 1) / counts.sum())
        rarity = np.empty(len(self))
        for window, ids, starts in self._source_windows():
            rarity[window] = np.add.reduceat(surprise[ids], starts)
        return rarity

    def _source_windows(self) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """For each window of pairs: (the window, its source ids in one row, where each source begins in it)."""
        for first in range(0, len(self), _WINDOW):
            window = slice(first, min(first + _WINDOW, len(self)))
            lengths = np.stack([self.source_lengths[window], self.target_lengths[window]], axis=1)
            is_source = np.repeat(np.tile([True, False], len(lengths)), lengths.ravel())
            ids = self._ids[self._starts[window.start] : self._starts[window.stop]][is_source]
            yield window, ids, np.cumsum(lengths[:, 0]) - lengths[:, 0]

    def __len__(self):
        return len(self.lines)


def encode_corpus(
    corpus: ParallelCorpus,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    *,
    max_length: int,
    cache_dir: str | os.PathLike | None = None,
) -> EncodedCorpus:
    """Encodes a corpus once; pairs with a blank or too long side are dropped and counted.

    Args:
        corpus: the text.
        source_tokenizer, target_tokenizer: one a side; twice the same for a joint vocabulary.
        max_length: most tokens a side, end of sentence included, at least 2.
        cache_dir: where the ids are kept, under the hash of text, tokenizers and `max_length`, so that they
            are encoded once. A damaged file there is written anew. Default: a temporary file.

    Raises:
        ValueError: no pair is left.
    """
    if max_length < 2:
        raise ValueError(f"max_length={max_length} leaves no room for a token and the end of the sentence.")
    versions = [
        id_file.FORMAT,
        corpus.fingerprint,
        source_tokenizer.fingerprint,
        target_tokenizer.fingerprint,
    ]
    key = hashlib.sha256(json.dumps([*versions, max_length]).encode()).hexdigest()
    with workspace(cache_dir) as folder:
        path = folder / f"ids-{key[:24]}.bin"
        stored = id_file.read(path, key) if path.exists() else None
        if stored is None:
            counts = {"blank": 0, "too_long": 0, "identical": 0}
            windows = _windows(corpus, source_tokenizer, target_tokenizer, max_length, counts)
            id_file.write(path, key, windows, counts)
            stored = id_file.read(path, key)
    return EncodedCorpus(stored, _report(corpus, stored, max_length))


def _windows(corpus, source_tokenizer, target_tokenizer, max_length, counts) -> Iterator[id_file.Window]:
    """Encodes window after window of the corpus, counting in `counts` what is dropped."""
    if len(corpus) > _WINDOW:  # fewer are done at once
        _logger.info("Encoding the %d pairs of %s", len(corpus), corpus.name)
    for start in range(0, len(corpus), _WINDOW):
        sources, targets = corpus.source[start : start + _WINDOW], corpus.target[start : start + _WINDOW]
        source_ids, target_ids = source_tokenizer.encode(sources), target_tokenizer.encode(targets)
        kept = []
        for i, (source, target) in enumerate(zip(source_ids, target_ids, strict=True)):
            # The normalizer may leave nothing of a text, so the ids are checked too.
            if not (source and target and sources[i].strip() and targets[i].strip()):
                counts["blank"] += 1
            elif max(len(source), len(target)) + 1 > max_length:
                counts["too_long"] += 1
            else:
                counts["identical"] += sources[i].strip() == targets[i].strip()
                kept.append(i)
        sides = [ids[i] + [EOS_ID] for i in kept for ids in (source_ids, target_ids)]
        lengths = np.array([len(side) for side in sides], np.int32)
        yield id_file.Window(
            ids=np.array(list(itertools.chain.from_iterable(sides)), np.int32),
            source_lengths=lengths[0::2],
            target_lengths=lengths[1::2],
            lines=start + np.array(kept, np.int64),
        )


def has_both_sides(path: Path) -> bool:
    """Whether the name of a file says that it holds source and target: .tsv, .tsv.gz and the like."""
    return re.search(r"\.tsv(\.(gz|bz2|xz|lzma|zip))?$", path.name.lower()) is not None


def _report(corpus: ParallelCorpus, stored: id_file.StoredIds, max_length: int) -> CorpusReport:
    pairs, counts = len(stored.lines), stored.counts
    if not pairs:
        raise ValueError(
            f"{corpus.name}: none of {len(corpus)} pairs is left; {counts['blank']} have a blank side, "
            f"{counts['too_long']} a side over max_length={max_length} tokens."
        )
    return CorpusReport(
        name=corpus.name,
        lines=len(corpus),
        pairs=pairs,
        blank=counts["blank"],
        too_long=counts["too_long"],
        max_length=max_length,
        mean_source_length=float(stored.source_lengths.mean()),
        mean_target_length=float(stored.target_lengths.mean()),
        max_source_length=int(stored.source_lengths.max()),
        max_target_length=int(stored.target_lengths.max()),
        identical=counts["identical"] / pairs,
    )
