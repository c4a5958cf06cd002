"""What a parallel corpus is like: pairs, lengths, distinct words, letters that both sides share."""

import functools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.scripts import is_unspaced

__all__ = ["CorpusStatistics", "SideStatistics", "corpus_statistics"]

_SAMPLE = 2_000  # lines whose letters are compared

_unspaced = functools.cache(is_unspaced)


class SideStatistics(NamedTuple):
    """One side of a corpus. Spaces end a word; a letter of a script without spaces is a word of its own."""

    words: int
    distinct_words: int
    long_line: int
    """99 of 100 lines have at most so many words."""


class CorpusStatistics(NamedTuple):
    """Both sides of a corpus."""

    pairs: int
    source: SideStatistics
    target: SideStatistics
    shared_letters: float
    """Share of the letters of the target that occur in the source too, from 0 to 1."""

    @property
    def words(self) -> int:
        """Words of the larger side."""
        return max(self.source.words, self.target.words)


def corpus_statistics(corpus: ParallelCorpus) -> CorpusStatistics:
    """Counts the words of a corpus, line by line, and compares the letters of some thousand lines."""
    step = max(1, len(corpus) // _SAMPLE)
    letters, others = (_letters(side[number] for number in range(0, len(side), step)) for side in _sides(corpus))
    shared = sum(map(set(letters).__contains__, others)) / max(1, len(others))
    return CorpusStatistics(len(corpus), *map(_side, _sides(corpus)), shared)


def _sides(corpus: ParallelCorpus) -> tuple[Sequence[str], Sequence[str]]:
    return corpus.source, corpus.target


def _side(lines: Sequence[str]) -> SideStatistics:
    distinct: set[str] = set()
    lengths = []
    for line in lines:
        words = _words(line)
        distinct.update(words)
        lengths.append(len(words))
    return SideStatistics(sum(lengths), len(distinct), sorted(lengths)[int(0.99 * (len(lengths) - 1))])


def _words(line: str) -> list[str]:
    if not line.isascii() and any(map(_unspaced, line)):
        line = "".join(f" {letter} " if _unspaced(letter) else letter for letter in line)
    return line.split()


def _letters(lines: Iterable[str]) -> str:
    """All letters of some lines, in lower case."""
    return "".join(filter(str.isalpha, "".join(lines).lower()))
