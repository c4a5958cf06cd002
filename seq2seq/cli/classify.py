"""`seq2seq classify`: a label for each line, by a trained classifier."""

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
    """Choose a label for each line of text with a trained classifier.

    A blank line stays blank. Lines that arrive slowly, from a terminal or another program, are answered as soon as no
    more are waiting. With --probabilities, a line is `label probability` for each label, likeliest first, with tabs
    between them.
    """

    probabilities: bool = False
    """Write all labels with their probabilities."""


def main(argv: Sequence[str] | None = None) -> int:
    """Classify standard input or a file, window by window."""
    options = parse(Options, argv=argv, prog="seq2seq classify")

    def answer(labeller: "Labeller", lines: Sequence[str]) -> list[str]:
        written = []
        for line, row in zip(lines, labeller.classify(lines).tolist(), strict=True):
            best_first = sorted(zip(row, labeller.labels, strict=True), key=lambda pair: -pair[0])
            found = [f"{label} {share:.4f}" for share, label in best_first]
            text = "\t".join(found) if options.probabilities else best_first[0][1]
            written.append(text if line.strip() else "")
        return written

    label_lines(options, "classifier", answer)
    return 0
