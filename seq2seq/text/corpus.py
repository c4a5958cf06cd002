"""Parallel text, checked: plain and packed files, TSV files, lines in memory."""

import bisect
import hashlib
import itertools
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seq2seq.text.lines import MAX_LINE_BYTES, LineFile, fingerprint
from seq2seq.text.workspace import check_is_file, split_columns, unpacked, workspace

_PACKED = re.compile(r"\.(gz|bz2|xz|zip)$")

_logger = logging.getLogger("seq2seq")


class ParallelCorpus:
    """Sentence pairs: line i of the source and line i of the target. `open` and `from_lines` make one.

    Attributes:
        source, target: sequences of lines.
        name: the corpus in messages.
        paths: the files it was read from; empty for lines in memory and for a selection of lines.
        languages: codes of source and target, told by file names such as train.en and train.de.gz; or None.
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
        languages: tuple[str, str] | None = None,
    ) -> None:
        self.source, self.target, self.name, self.fingerprint = source, target, name, fingerprint
        self.paths, self.languages = paths, languages

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

        Two files with the same text get a warning on the logger `seq2seq`.

        Args:
            source, target: UTF-8 text files, plain or packed by gzip, bzip2, xz or zip, one sentence a line. Line i of
                one is the translation of line i of the other. Without `target`, `source` is a .tsv file, plain or
                packed: source, one tab, target.
            cache_dir: folder into which packed and TSV files are unpacked, once. Default: a temporary folder.
            same_file: allow one file, or one text, on both sides, for a model that is to learn to copy.
            max_line_bytes: longer lines are cut there, with a warning.

        Raises:
            FileNotFoundError, ValueError: the files are missing or empty, differ in their number of lines, are no UTF-8
                text, are one and the same, or have a line without exactly two columns. The message names file and
                line.
        """
        paths = (Path(source),) if target is None else (Path(source), Path(target))
        with workspace(cache_dir) as folder:
            options = {"folder": folder, "max_line_bytes": max_line_bytes}
            sources, targets = _columns(*paths, options) if target is None else _files(*paths, options, same_file)
        _check_partners(sources, targets)
        if sources.fingerprint == targets.fingerprint and not same_file:
            _logger.warning(
                "%s: source and target are the same text. If a model is to learn to copy, give "
                "--same-file (in training: --data.same-file).",
                " + ".join(map(str, paths)),
            )
        name = " + ".join(path.name for path in paths)
        joint = _joint(sources.fingerprint, targets.fingerprint)
        return cls(sources, targets, name=name, fingerprint=joint, paths=paths, languages=_languages(paths))

    @classmethod
    def from_lines(
        cls,
        source: Sequence[str],
        target: Sequence[str],
        *,
        name: str = "corpus",
        languages: tuple[str, str] | None = None,
    ) -> "ParallelCorpus":
        """A corpus of lines that are already in memory, without line ends."""
        source, target = list(source), list(target)
        if len(source) != len(target) or not source:
            raise ValueError(
                f"{name}: got {len(source)} source and {len(target)} target lines; expected as many of both."
            )
        for number, line in itertools.chain(enumerate(source), enumerate(target)):
            if "\n" in line:
                raise ValueError(f"{name}: line {number} holds a line break: {line[:40]!r}. Split it.")
        joint = _joint(fingerprint(source), fingerprint(target))
        return cls(source, target, name=name, fingerprint=joint, languages=languages)

    @classmethod
    def joined(cls, corpora: Sequence["ParallelCorpus"]) -> "ParallelCorpus":
        """Several corpora one after the other, read as one; nothing is copied."""
        return cls(
            _Joined([corpus.source for corpus in corpora]),
            _Joined([corpus.target for corpus in corpora]),
            name=" and ".join(corpus.name for corpus in corpora),
            fingerprint=_joint(*(corpus.fingerprint for corpus in corpora)),
            paths=tuple(path for corpus in corpora for path in corpus.paths),
            languages=corpora[0].languages,
        )

    def select(self, lines: Sequence[int], *, name: str) -> "ParallelCorpus":
        """The pairs on these lines, counted from 0, as a corpus of their own; no text is copied."""
        source, target = _Selected(self.source, lines), _Selected(self.target, lines)
        joint = _joint(fingerprint(source), fingerprint(target))
        return ParallelCorpus(source, target, name=name, fingerprint=joint, languages=self.languages)

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> tuple[str, str]:
        return self.source[index], self.target[index]

    def __repr__(self) -> str:
        return f"<ParallelCorpus {self.name}, {len(self)} pairs>"


class _Joined(Sequence[str]):
    """Sequences of lines read as one."""

    def __init__(self, parts: Sequence[Sequence[str]]) -> None:
        self._parts = parts
        self._starts = [0, *itertools.accumulate(map(len, parts))]

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return [self[i] for i in range(start, stop, step)]
            parts = zip(self._parts, self._starts, strict=False)
            return [line for part, first in parts for line in part[max(0, start - first) : max(0, stop - first)]]
        index = range(len(self))[index]  # counts negative ones from the end, and refuses those outside
        number = bisect.bisect_right(self._starts, index) - 1
        return self._parts[number][index - self._starts[number]]

    def __iter__(self) -> Iterator[str]:
        return itertools.chain.from_iterable(self._parts)


class _Selected(Sequence[str]):
    """Some lines of a sequence, by number."""

    def __init__(self, lines: Sequence[str], numbers: Sequence[int]) -> None:
        self._lines, self._numbers = lines, np.asarray(numbers, np.int64)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._lines[number] for number in self._numbers[index].tolist()]
        return self._lines[int(self._numbers[index])]


def _columns(path: Path, options: Mapping[str, Any]) -> list[LineFile]:
    """Source and target of a TSV file."""
    check_is_file(path)
    if not has_both_sides(path):
        raise ValueError(
            f"Got the source file {path} without a target file. Give both, or one .tsv file with two columns, plain or "
            "packed (.tsv.gz)."
        )
    columns = split_columns(unpacked(path, options["folder"]), options["folder"], shown=path)
    return [LineFile(column, shown=path, **options) for column in columns]


def _files(source: Path, target: Path, options: Mapping[str, Any], same_file: bool) -> list[LineFile]:
    """Source and target of two files."""
    check_is_file(source)
    check_is_file(target)
    if os.path.samefile(source, target) and not same_file:
        raise ValueError(
            f"Source {source} and target {target} are the same file. Give one file a side. If a model is to "
            "learn to copy, give --same-file (in training: --data.same-file; in Python: same_file=True)."
        )
    return [LineFile(unpacked(path, options["folder"]), shown=path, **options) for path in (source, target)]


def _check_partners(sources: LineFile, targets: LineFile) -> None:
    if len(sources) != len(targets):
        shorter, longer = sorted((sources, targets), key=len)
        raise ValueError(
            f"{longer.shown}:{len(shorter) + 1} has no partner; {shorter.shown} ends at line "
            f"{len(shorter)}. Give files of equal length: line i of one belongs to line i of the other."
        )


def _joint(*fingerprints: str) -> str:
    return hashlib.sha256(" ".join(fingerprints).encode()).hexdigest()


def _languages(paths: Sequence[Path]) -> tuple[str, str] | None:
    """The languages of two files whose names end in two letters each, as test.en and test.de.gz do."""
    endings = [_PACKED.sub("", path.name).rpartition(".")[2] for path in paths]
    return tuple(endings) if len(endings) == 2 and all(re.fullmatch("[a-z]{2}", ending) for ending in endings) else None


def has_both_sides(path: Path) -> bool:
    """Whether a file holds source and target, by its name: .tsv, .tsv.gz and the like."""
    return re.search(r"\.tsv(\.(gz|bz2|xz|lzma|zip))?$", path.name.lower()) is not None
