"""A dialogue on a terminal: a greeting, a prompt, a line of text, its translation, until Ctrl-D or Ctrl-C."""

import contextlib
import itertools
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

from seq2seq.cli import INTERRUPTED
from seq2seq.text.files import one_line
from seq2seq.text.lines import cut_in_words, cut_line

__all__ = ["greeting", "is_dialogue", "quiet_end", "typed_lines"]

_PROMPT = "> "
_END = "Ctrl-Z and Enter end" if os.name == "nt" else "Ctrl-D ends"

logger = logging.getLogger("seq2seq")


def is_dialogue(file: BinaryIO, out: TextIO) -> bool:
    """Whether a person types the text and reads the translations on a terminal."""
    return file is sys.stdin.buffer and out is sys.stdout and file.isatty() and out.isatty()


def greeting(runs: Sequence[Path], languages: tuple[str, str] | None) -> str:
    """Which model translates, and how to use it.

    Args:
        runs: folders or files of the models.
        languages: of source and target, as the model's file names them.
    """
    names = " and ".join(run.resolve().name if run.is_dir() else str(run) for run in runs)
    direction = f" ({one_line(languages[0])} to {one_line(languages[1])})" if languages else ""
    return f"{names}{direction}. Type a line and press Enter to translate it; {_END} the program."


@contextlib.contextmanager
def quiet_end() -> Iterator[None]:
    """A block that Ctrl-C ends without a message, with the status that a shell expects."""
    try:
        yield
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def typed_lines(*, strict: bool, max_line_bytes: int) -> Iterator[list[str]]:
    """The lines typed after a prompt, one by one, until Ctrl-D.

    The arrow keys edit a line and bring back earlier ones. The prompt is on standard error, or on the terminal itself
    where Python has `readline`.

    Args:
        strict: refuse invalid UTF-8. Otherwise it is read as U+FFFD.
        max_line_bytes: longer lines are cut there, with a warning; at least 4.

    Raises:
        ValueError: invalid UTF-8.
    """
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - with it, `input` edits and remembers lines
    sys.stdin.reconfigure(errors="strict" if strict else "replace")
    for number in itertools.count(1):
        try:
            line = input(_PROMPT)
        except EOFError:
            print(file=sys.stderr)  # leaves the line with the prompt
            return
        except UnicodeDecodeError as error:
            raise ValueError(
                f"Line {number} is not valid UTF-8 (its byte {error.start + 1} is {error.object[error.start]:#04x}). "
                "Set the terminal to UTF-8, or leave --strict out."
            ) from error
        raw = line.encode("utf-8")
        if len(raw) > max_line_bytes:
            logger.warning(cut_in_words("standard input", number, max_line_bytes))
            line = cut_line(raw, max_line_bytes).decode("utf-8")
        yield [line]
