"""Lines as the parts that a model reads: cut before they are translated, joined afterwards."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from seq2seq.text.features import Features
from seq2seq.text.segments import split_line
from seq2seq.text.tokenizer import EOS_ID, Tokenizer
from seq2seq.text.translation import BLANK, Translation, join_translations

__all__ = ["Part", "count_finished_lines", "cut_lines", "join_parts"]


class Part(NamedTuple):
    """A line, or a part of one that was too long, as the model reads it."""

    line: int  # its place among the lines
    glue: str  # what joins its translation to that of the part before it
    ids: list[int] | np.ndarray  # with the end token; or the numbers of a vector, float32 (F,)

    @property
    def size(self) -> int:
        """Tokens that count for the size of a batch."""
        return 1 if isinstance(self.ids, np.ndarray) else len(self.ids)


def cut_lines(lines: Sequence[str], tokenizer: Tokenizer | Features, max_length: int) -> list[Part]:
    """The parts of all lines in order: none for a blank line, several for a line that is too long.

    Args:
        lines: the text.
        tokenizer: of the source. With `Features` a line is a vector, and one part.
        max_length: most tokens of a part, end token included.
    """
    if isinstance(tokenizer, Features):
        numbers = [number for number, line in enumerate(lines) if line.strip()]
        vectors = tokenizer.read([lines[number] for number in numbers])
        return [Part(number, "", vector) for number, vector in zip(numbers, vectors, strict=True)]
    limit = max_length - 1  # 1: the end token
    numbers = [number for number, line in enumerate(lines) if line.strip()]
    parts = []
    for number, ids in zip(numbers, tokenizer.encode([lines[number] for number in numbers]), strict=True):
        if not ids:  # only invisible characters
            continue
        if len(ids) <= limit:
            parts.append(Part(number, "", [*ids, EOS_ID]))
            continue
        # Invisible characters must not decide where a line is cut, nor become a part of their own.
        line = tokenizer.cleaned(lines[number])
        segments = split_line(line, limit, lambda texts: [len(ids) for ids in tokenizer.encode(texts)])
        encoded = tokenizer.encode([segment.text for segment in segments])
        parts += [Part(number, segment.glue, [*ids, EOS_ID]) for segment, ids in zip(segments, encoded, strict=True)]
    return parts


def join_parts(num_lines: int, parts: Sequence[Part], found: Sequence[list[Translation]]) -> list[list[Translation]]:
    """The translations of each line, best first, from those of its parts."""
    pieces = [[] for _ in range(num_lines)]
    for part, translations in zip(parts, found, strict=True):
        pieces[part.line].append((part.glue, translations))
    return [join_translations(*zip(*line, strict=True)) if line else [BLANK] for line in pieces]


def count_finished_lines(
    num_lines: int, parts: Sequence[Part], progress: Callable[[int], object] | None
) -> Callable[[Iterable[Part]], None]:
    """A function to call with finished parts. It calls `progress` with the number of lines that they complete."""
    if progress is None:
        return lambda parts: None
    missing = Counter(part.line for part in parts)
    if len(missing) < num_lines:
        progress(num_lines - len(missing))  # blank lines

    def finish(parts: Iterable[Part]) -> None:
        numbers = [part.line for part in parts]
        missing.subtract(numbers)
        whole = sum(missing[number] == 0 for number in set(numbers))
        if whole:
            progress(whole)

    return finish
