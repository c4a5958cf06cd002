"""Constraints on the translation of a line: how it begins, which phrases it must or must not contain."""

import functools
import json
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from seq2seq.search import Constraints, Spelling
from seq2seq.text.cleaning import is_text
from seq2seq.text.lines import text_lines
from seq2seq.text.scripts import is_unspaced
from seq2seq.text.tokenizer import UNK_ID, Tokenizer

__all__ = ["TextConstraints", "as_tokens", "read_constraints", "spelling_of"]

_SPACE = "\u2581".encode()  # as SentencePiece writes it


class TextConstraints(NamedTuple):
    """Constraints on the translation of one line."""

    prefix: str = ""
    required: Sequence[str] = ()
    forbidden: Sequence[str] = ()


def read_constraints(path: str | os.PathLike) -> list[TextConstraints]:
    """Reads the constraints of each line of text from a file of JSON lines; a blank line has none.

    Raises:
        ValueError: a line is not such an object; the message names it.
    """
    with open(path, "rb") as file:
        lines = [line for lines in text_lines(file, path) for line in lines]
    return [_read_line(f"{path}:{number}", line) for number, line in enumerate(lines, start=1)]


def as_tokens(constraints: Sequence[TextConstraints], tokenizer: Tokenizer) -> list[Constraints]:
    """Constraints for a search: token ids, and forbidden texts as the pieces of the vocabulary spell them.

    Raises:
        ValueError: the vocabulary lacks a word of a prefix or required phrase.
    """
    wanted = list(dict.fromkeys(text for some in constraints for text in (some.prefix, *some.required)))
    ids = dict(zip(wanted, tokenizer.encode(wanted), strict=True))
    for text, tokens in ids.items():
        if UNK_ID in tokens:
            raise ValueError(f"{text[:60]!r} is required, but the target vocabulary lacks a word of it.")
    return [
        Constraints(ids[some.prefix], [ids[text] for text in some.required], _forbidden(some.forbidden, tokenizer))
        for some in constraints
    ]


@functools.lru_cache(maxsize=8)
def spelling_of(tokenizer: Tokenizer) -> Spelling:
    """The text that the pieces of a vocabulary stand for; made once for each vocabulary."""
    (start,) = tokenizer.spelled(["a"])
    return Spelling(tokenizer.writing(range(tokenizer.vocab_size)), start[: start.index(b"a")])


def _forbidden(texts: Sequence[str], tokenizer: Tokenizer) -> list[bytes]:
    """Forbidden texts as pieces spell them. A text begins at the beginning of a word, if words begin with a space."""
    spelled = tokenizer.spelled(texts)
    words = [text.removeprefix(_SPACE) for text in spelled]
    pairs = zip(spelled, words, strict=True)
    return [word if not word or is_unspaced(word.decode()[0]) else text for text, word in pairs]


def _read_line(where: str, line: str) -> TextConstraints:
    if not line.strip():
        return TextConstraints()
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:  # RecursionError: a thousand brackets
        raise ValueError(
            f'{where} is no JSON: {error}. Expected an object such as {{"required": ["Pferd"]}}.'
        ) from error
    names = TextConstraints._fields
    if not isinstance(values, dict) or set(values) - set(names):
        raise ValueError(f"{where} is {line[:60]}; expected an object with some of {', '.join(names)}.")
    constraints = TextConstraints(**values)
    if not isinstance(constraints.prefix, str) or not all(map(_is_texts, constraints[1:])):
        raise ValueError(f"{where}: prefix has to be a text, required and forbidden lists of texts.")
    for text in (constraints.prefix, *constraints.required, *constraints.forbidden):
        if not is_text(text):
            raise ValueError(f"{where} holds half a surrogate pair, which is no text: {text[:40]!r}.")
    return constraints


def _is_texts(values: Any) -> bool:
    return isinstance(values, list | tuple) and all(isinstance(value, str) for value in values)
