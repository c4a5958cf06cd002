"""`seq2seq tag`: a tag for each word, by a trained tagger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seq2seq.cli.labels import LabelCommand, label_lines
from seq2seq.command_line import parse

if TYPE_CHECKING:
    from seq2seq.translator.labeller import Labeller

__all__ = ["Options", "main"]


@dataclass(frozen=True, kw_only=True)
class Options(LabelCommand):
    """Tag the words of sentences with a trained tagger.

    A line is a sentence, with blanks between words and punctuation, as the tagger learnt them: `Anna liest .` Each
    word is written as word/TAG. A blank line stays blank. Lines that arrive slowly, from a terminal or another program,
    are answered as soon as no more are waiting.
    """

    columns: bool = False
    """Write a word, a tab and its tag on each line, and a blank line after each sentence."""


def main(argv: Sequence[str] | None = None) -> int:
    """Tag standard input or a file, window by window."""
    options = parse(Options, argv=argv, prog="seq2seq tag")
    between, end = ("\t", "\n") if options.columns else ("/", " ")

    def answer(labeller: "Labeller", lines: Sequence[str]) -> list[str]:
        sentences = [line.split() for line in lines]
        tags = [line.split(" ") for line in labeller.labels_of(lines)]
        pairs = [zip(words, found, strict=bool(words)) for words, found in zip(sentences, tags, strict=True)]
        written = [end.join(f"{word}{between}{tag}" for word, tag in pair) for pair in pairs]
        return [f"{text}\n" if options.columns and text else text for text in written]

    label_lines(options, "tagger", answer)
    return 0
