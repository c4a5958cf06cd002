"""Labelled text, checked: a label for each line, or a tag for each word. Both are read as a `ParallelCorpus`.

Its source is the text, and its target the labels. The tags of a sentence stand on one line with blanks between them.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.files import one_line
from seq2seq.text.labels import Labels
from seq2seq.text.lines import MAX_LINE_BYTES, LineFile
from seq2seq.text.workspace import check_is_file, unpacked, workspace

__all__ = ["check_column", "check_labels", "known_labels", "open_labelled", "open_tagged"]

logger = logging.getLogger("seq2seq")

_COLUMNS = {"upos": 3, "xpos": 4}  # of CoNLL-U, from 0
_FORM, _FEATS, _NUM_COLUMNS = 1, 5, 10
_NONE = "_"  # what CoNLL-U writes where there is nothing


def open_labelled(
    text: str | os.PathLike,
    labels: str | os.PathLike | None = None,
    *,
    cache_dir: str | os.PathLike | None = None,
    max_line_bytes: int = MAX_LINE_BYTES,
) -> ParallelCorpus:
    """A corpus of lines and their labels.

    Args:
        text: UTF-8 text, plain or packed, one sentence a line; or a .tsv file with both, without `labels`.
        labels: one label a line.
        cache_dir, max_line_bytes: as for `ParallelCorpus.open`.

    Raises:
        FileNotFoundError, ValueError: as for `ParallelCorpus.open`; or a line has no text or no label.
    """
    corpus = ParallelCorpus.open(text, labels, cache_dir=cache_dir, max_line_bytes=max_line_bytes)
    files = corpus.paths if len(corpus.paths) == 2 else corpus.paths * 2
    for side, lines, what in ((0, corpus.source, "no text"), (1, corpus.target, "no label")):
        for number, line in enumerate(lines, 1):
            if not line.strip():
                raise ValueError(f"{files[side]}:{number} has {what}. Remove the line in both files, or fill it in.")
    corpus.target = [" ".join(line.split()) for line in corpus.target]
    return corpus


def check_column(column: str) -> None:
    """Refuses a name that is no column of tags.

    Raises:
        ValueError: it is neither upos, xpos nor feats:NAME.
    """
    if column not in _COLUMNS and not (column.startswith("feats:") and column != "feats:"):
        raise ValueError(f"--column is {column!r}; it has to be upos, xpos, or a feature such as feats:Case.")


def open_tagged(
    path: str | os.PathLike, column: str = "upos", *, max_line_bytes: int = MAX_LINE_BYTES
) -> ParallelCorpus:
    """A corpus of sentences and the tags of their words.

    Args:
        path: a .conllu file (Universal Dependencies); or any other with a word and its tag on each line, which a tab or
            a blank separates. A blank line ends a sentence. Plain or packed.
        column: of CoNLL-U: "upos", "xpos", or a feature such as "feats:Case", which is "_" for a word without it.
        max_line_bytes: longer lines are cut there, with a warning.

    Raises:
        FileNotFoundError, ValueError: there is no such file, or a line is not as it should be; the message names it.
    """
    check_column(column)
    path = Path(path)
    check_is_file(path)
    is_conllu = ".conllu" in path.name.lower()
    sentences: list[list[tuple[str, str]]] = [[]]
    with workspace(None) as folder:
        lines = LineFile(unpacked(path, folder), shown=path, folder=folder, max_line_bytes=max_line_bytes)
        for number, line in enumerate(lines, 1):
            if not line.strip():
                sentences.append([])
            elif is_conllu:
                sentences[-1] += _conllu_word(line, column, f"{path}:{number}")
            else:
                sentences[-1].append(_two_columns(line, f"{path}:{number}"))
    sentences = [sentence for sentence in sentences if sentence]
    if not sentences:
        raise ValueError(f"{path} has no words.")
    if is_conllu and all(tag == _NONE for sentence in sentences for _, tag in sentence):
        raise ValueError(
            f"No word of {path} has a value of --column {column}. Give upos, xpos, or feats: with the name of a "
            "feature as its sixth column has it."
        )
    text, tags = ([" ".join(pair[side] for pair in sentence) for sentence in sentences] for side in (0, 1))
    return ParallelCorpus.from_lines(text, tags, name=path.name)


def _conllu_word(line: str, column: str, where: str) -> Iterator[tuple[str, str]]:
    """The word of a line and its tag; nothing for comments, and for ranges such as 3-4 and empty words such as 5.1."""
    if line.startswith("#"):
        return
    cells = line.split("\t")
    if len(cells) != _NUM_COLUMNS:
        raise ValueError(f"{where} has {len(cells)} columns; expected {_NUM_COLUMNS} between tabs.")
    if not cells[0].isdecimal():
        return
    word = "_".join(cells[_FORM].split())  # a few words of some languages hold a blank
    if column in _COLUMNS:
        tag = cells[_COLUMNS[column]]
    else:
        features = dict(part.partition("=")[::2] for part in cells[_FEATS].split("|"))
        tag = features.get(column.removeprefix("feats:"), _NONE)
    if not word or not tag.strip():
        raise ValueError(f"{where} has no {'tag' if word else 'word'}.")
    yield word, "_".join(tag.split())


def _two_columns(line: str, where: str) -> tuple[str, str]:
    cells = line.split()
    if len(cells) != 2:
        raise ValueError(f"{where} has {len(cells)} columns; expected a word and its tag, or a blank line.")
    return cells[0], cells[1]


def known_labels(corpora: Sequence[ParallelCorpus], *, per_word: bool) -> Labels:
    """The labels of some corpora, sorted.

    Raises:
        ValueError: fewer than two.
    """
    found = {label for corpus in corpora for line in corpus.target for label in (line.split() if per_word else [line])}
    if len(found) < 2:
        raise ValueError(f"{corpora[0].name} has one label alone ({one_line(min(found))}); there is nothing to learn.")
    return Labels(sorted(found))


def check_labels(corpus: ParallelCorpus, trained: Labels, *, per_word: bool) -> None:
    """Checks that a corpus has as many tags as words, and labels of the training text. A warning names rare others.

    Args:
        corpus: the text with its labels.
        trained: the labels of the training text.
        per_word: whether each word has a label.

    Raises:
        ValueError: a sentence has more or fewer tags than words, or no label occurs in the training text.
    """
    where = str(corpus.paths[-1]) + ":" if corpus.paths else f"{corpus.name}, sentence "
    others: dict[str, int] = {}  # label that is not trained -> number of the first line with it
    num_labels = num_others = 0
    for number, (text, line) in enumerate(zip(corpus.source, corpus.target, strict=True), 1):
        found: Sequence[str] = line.split() if per_word else [line]
        if per_word and len(found) != len(text.split()):
            raise ValueError(f"{where}{number} has {len(text.split())} words and {len(found)} tags; expected one each.")
        unknown = [label for label in found if trained.id(label) is None]
        num_labels, num_others = num_labels + len(found), num_others + len(unknown)
        for label in unknown:
            others.setdefault(label, number)
    if not others:
        return
    label, number = next(iter(others.items()))
    names = f"{', '.join(trained[:8])}{' ...' if len(trained) > 8 else ''}"
    first = f"{where}{number} has the label {one_line(label)[:40]!r}, which the training text does not have"
    if num_others == num_labels:
        raise ValueError(f"{first}, nor any other label of this text; it has {names}. Is it the right file?")
    logger.warning(f"{first}; {num_others:,} of {num_labels:,} labels are such, and count as mistakes")
