"""Lines that are too long for a model: cutting them into parts, and joining the translations of the parts."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

# A line may be cut behind a match of one of these, tried in this order until a match lies near the middle. A match
# starts only where a run of its signs starts, and possessive quantifiers (++) do not backtrack: each run is read once.
_SENTENCE_END = re.compile(r"""(?<![.!?…])[.!?…]++["'”’»)\]]*+\s++|[。！？]++[”’」』）]*+\s*+""")
_CLAUSE_END = re.compile(r"(?<![,;:–—،؛])[,;:–—،؛]++\s++|[、，；：]++\s*+")
_SPACE = re.compile(r"\s++")
_NEAR = 4  # a place is near the middle if both parts have at least 1 / 4 of the line

_ZERO_WIDTH_JOINER = "\u200d"


class Segment(NamedTuple):
    """A part of a line, and the glue between it and the part before it: a space, or "" inside a word."""

    text: str
    glue: str


def split_line(line: str, limit: int, count_tokens: Callable[[Sequence[str]], Sequence[int]]) -> list[Segment]:
    """Cuts a line into parts of at most `limit` tokens, halving it as often as needed.

    Each cut lies near the middle: at the end of a sentence if there is one, else of a clause, else of a word, else
    between two characters. Nothing is left out but the white space around the parts.

    Args:
        line: the text.
        limit: most tokens of a part. A single character stays whole, however many tokens it has.
        count_tokens: function from a list of texts to the number of tokens of each.

    Returns:
        The parts in order. A line within the limit is one part.

    Example:
        >>> words = lambda texts: [len(text.split()) for text in texts]
        >>> [part.text for part in split_line("It rains. We stay, but they go.", 5, words)]
        ['It rains.', 'We stay, but they go.']
    """
    parts, are_short = [Segment(line.strip(), "")], [False]
    while not all(are_short):
        # Only fresh parts are counted, so a round takes no longer than encoding the line once.
        counts = iter(
            count_tokens([part.text for part, is_short in zip(parts, are_short, strict=True) if not is_short])
        )
        halves = [
            [part] if is_short or next(counts) <= limit else _halved(part)
            for part, is_short in zip(parts, are_short, strict=True)
        ]
        parts, are_short = [part for half in halves for part in half], [len(half) == 1 for half in halves for _ in half]
    return parts


def join_segments(texts: Sequence[str], glues: Sequence[str]) -> str:
    """Joins the translations of a line's parts. Empty ones and the first glue are left out."""
    kept = [(glue, text) for text, glue in zip(texts, glues, strict=True) if text]
    return "".join(text if number == 0 else glue + text for number, (glue, text) in enumerate(kept))


def _halved(part: Segment) -> list[Segment]:
    """The part cut once, near its middle; a single character stays whole."""
    text = part.text
    if len(text) < 2:
        return [part]
    place, glue = _best_cut(text)
    left, right = text[:place].rstrip(), text[place:].lstrip()
    return [Segment(left, part.glue), Segment(right, glue)]


def _best_cut(text: str) -> tuple[int, str]:
    """The place where the right part begins, and the glue between the two parts."""
    for kind in (_SENTENCE_END, _CLAUSE_END, _SPACE):
        places = [match.end() for match in kind.finditer(text)]
        near = [place for place in places if min(place, len(text) - place) * _NEAR >= len(text)]
        if near:
            return min(near, key=lambda place: abs(2 * place - len(text))), " "
    return _character_cut(text), ""


def _character_cut(text: str) -> int:
    """The place nearest the middle that does not separate a letter from its accents; the middle if there is none."""
    middle = len(text) // 2
    before = (place for place in range(middle, 0, -1) if not _is_joined(text, place))
    behind = (place for place in range(middle + 1, len(text)) if not _is_joined(text, place))
    places = [place for place in (next(before, None), next(behind, None)) if place is not None]
    return min(places, key=lambda place: abs(2 * place - len(text)), default=middle)


def _is_joined(text: str, place: int) -> bool:
    """Whether the characters before and after the place make one visible character."""
    after = text[place]
    return unicodedata.category(after).startswith("M") or _ZERO_WIDTH_JOINER in (text[place - 1], after)
