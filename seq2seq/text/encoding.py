"""Parallel corpora as ids, encoded once and read from disk."""

import dataclasses
import hashlib
import itertools
import json
import logging
import os
from collections.abc import Iterator

import numpy as np

from seq2seq.text import id_file
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.tokenizer import EOS_ID, Tokenizer
from seq2seq.text.workspace import workspace

__all__ = ["CorpusReport", "EncodedCorpus", "encode_corpus"]

_WINDOW = 10_000  # pairs encoded at a time

_logger = logging.getLogger("seq2seq")


@dataclasses.dataclass(frozen=True, kw_only=True)
class CorpusReport:
    """How many pairs of a corpus were kept and dropped, and how long they are.

    Lengths are in tokens, end of sentence included.

    Attributes:
        name: of the corpus.
        lines: pairs in the files.
        pairs: pairs kept.
        blank: pairs dropped because a side has no text.
        too_long: pairs dropped because a side has more than `max_length` tokens.
        max_length: the limit.
        mean_source_length, mean_target_length, max_source_length, max_target_length: tokens per kept line.
        identical: fraction of the kept pairs with the same text on both sides.
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

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.pairs:,} of {self.lines:,} pairs. Tokens a sentence: source "
            f"{self.mean_source_length:.1f} (at most {self.max_source_length}), target "
            f"{self.mean_target_length:.1f} (at most {self.max_target_length}).\n"
            f"  Dropped: {self.blank:,} with a blank side, {self.too_long:,} over {self.max_length} tokens. "
            f"Same text on both sides: {100 * self.identical:.1f} %."
        )


class EncodedCorpus:
    """The ids of a corpus, mapped from a file. `encode_corpus` makes one.

    Attributes:
        source_lengths, target_lengths: int32 (pairs,). Tokens, end of sentence included.
        lines: int64 (pairs,). The line of the corpus, counted from 0, that became pair i.
        report: how many pairs were kept and dropped.
    """

    def __init__(self, stored: id_file.StoredIds, report: CorpusReport) -> None:
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
        source tokens (Platanios et al., 2019, equation 4). Long sentences of rare words get the highest values."""
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
        """Yields for each window of pairs: (the window, its source ids in one row, where each source begins there)."""
        for first in range(0, len(self), _WINDOW):
            window = slice(first, min(first + _WINDOW, len(self)))
            lengths = np.stack([self.source_lengths[window], self.target_lengths[window]], axis=1)
            is_source = np.repeat(np.tile([True, False], len(lengths)), lengths.ravel())
            ids = self._ids[self._starts[window.start] : self._starts[window.stop]][is_source]
            yield window, ids, np.cumsum(lengths[:, 0]) - lengths[:, 0]

    def __len__(self) -> int:
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
        source_tokenizer, target_tokenizer: one a side; the same one twice for a joint vocabulary.
        max_length: most tokens a side, end of sentence included, at least 2.
        cache_dir: folder of the file with the ids. A later call with the same text, tokenizers and `max_length` reads
            it instead of encoding again; a damaged file is replaced. Default: a temporary folder.

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


def _windows(
    corpus: ParallelCorpus,
    source_tokenizer: Tokenizer,
    target_tokenizer: Tokenizer,
    max_length: int,
    counts: dict[str, int],
) -> Iterator[id_file.Window]:
    """Encodes window after window of the corpus, counting in `counts` what is dropped."""
    if len(corpus) > _WINDOW:  # fewer take no time
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


def _report(corpus: ParallelCorpus, stored: id_file.StoredIds, max_length: int) -> CorpusReport:
    pairs, counts = len(stored.lines), stored.counts
    if not pairs:
        raise ValueError(
            f"{corpus.name}: none of {len(corpus)} pairs is left; {counts['blank']} have a blank side, "
            f"{counts['too_long']} a side over max_length={max_length} tokens. "
            "Split long lines, or allow more (--data.max-length)."
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
