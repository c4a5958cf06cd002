"""What the translation of a line has to look like: how it begins, which phrases it must or must not contain."""

import json
import os
from collections.abc import Sequence
from typing import Any, NamedTuple

from seq2seq.text.cleaning import is_text
from seq2seq.text.lines import text_lines

__all__ = ["Wishes", "read_constraints"]


class Wishes(NamedTuple):
    """Wishes for one line, as text."""

    prefix: str = ""
    required: Sequence[str] = ()
    forbidden: Sequence[str] = ()


def read_constraints(path: str | os.PathLike) -> list[Wishes]:
    """Reads the wishes of each line of text from a file of JSON lines; a blank line has none.

    Raises:
        ValueError: a line is not such an object; the message names it.
    """
    with open(path, "rb") as file:
        lines = [line for lines in text_lines(file, path) for line in lines]
    return [_wishes(f"{path}:{number}", line) for number, line in enumerate(lines, start=1)]


def _wishes(where: str, line: str) -> Wishes:
    if not line.strip():
        return Wishes()
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:  # RecursionError: a thousand brackets
        raise ValueError(
            f'{where} is no JSON: {error}. Expected an object such as {{"required": ["Pferd"]}}.'
        ) from error
    if not isinstance(values, dict) or set(values) - set(Wishes._fields):
        raise ValueError(f"{where} is {line[:60]}; expected an object with some of {', '.join(Wishes._fields)}.")
    wishes = Wishes(**values)
    if not isinstance(wishes.prefix, str) or not all(map(_is_texts, wishes[1:])):
        raise ValueError(f"{where}: prefix has to be a text, required and forbidden lists of texts.")
    for text in (wishes.prefix, *wishes.required, *wishes.forbidden):
        if not is_text(text):
            raise ValueError(f"{where} holds half a surrogate pair, which is no text: {text[:40]!r}.")
    return wishes


def _is_texts(values: Any) -> bool:
    return isinstance(values, list | tuple) and all(isinstance(value, str) for value in values)
