"""The output of `seq2seq translate` for each line of text: a translation, a list of the n best, or JSON."""

import contextlib
import gzip
import io
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from seq2seq.text.files import written_beside
from seq2seq.text.translation import Translation

__all__ = ["ESCAPED", "as_json", "as_list", "open_output", "plot_attention", "without_controls"]

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but tab and line feed
# Allowed in JSON, but many tools end a line at these characters.
ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}


def open_output(path: Path | None, stack: contextlib.ExitStack) -> TextIO:
    """Where to write: standard output for None, else a file that `stack` puts in its place, complete, at the end."""
    if path is None:
        return sys.stdout
    beside = stack.enter_context(written_beside(path))
    if path.suffix != ".gz":
        return stack.enter_context(open(beside, "w", encoding="utf-8", newline="\n"))
    file = stack.enter_context(open(beside, "wb"))
    # Without name and time, so that the same text gives the same bytes (and a clock before 1970 does not fail).
    packed = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0))
    return stack.enter_context(io.TextIOWrapper(packed, encoding="utf-8", newline="\n"))


def without_controls(answer: str) -> str:
    """An answer for a terminal: a model can write any character, also those that control a terminal."""
    return _CONTROLS.sub("?", answer)


def as_list(number: int, translations: Sequence[Translation]) -> str:
    """The n best translations of a line, one a line, as Moses writes them; `number` counts from 0."""
    return "".join(f"{number} ||| {one.text} ||| {one.score:.4f}\n" for one in translations)


def as_json(number: int, source: str, translations: Sequence[Translation]) -> str:
    """A line and its translations as one JSON object on one line; `number` counts from 0."""
    answer = {
        "line": number + 1,
        "source": source,
        "source_pieces": translations[0].source_pieces,
        "hypotheses": [_hypothesis(translation) for translation in translations],
    }
    return json.dumps(answer, ensure_ascii=False).translate(ESCAPED) + "\n"


def _hypothesis(translation: Translation) -> dict[str, Any]:
    fields = asdict(translation)
    del fields["source_pieces"]  # the same for all
    if translation.alignment is not None:
        fields["alignment"] = [[round(weight, 4) for weight in row] for row in translation.alignment.tolist()]
    return fields


def plot_attention(number: int, translation: Translation, folder: Path) -> None:
    """Draws the attention of a translation, if it has an alignment; `number` counts from 0."""
    from seq2seq.pictures import attention_map  # loads matplotlib

    if translation.alignment is not None:  # not a blank line, nor one that is too long for a picture
        attention_map(translation, folder / f"line-{number + 1:06d}.png")
