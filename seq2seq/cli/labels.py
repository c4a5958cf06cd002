"""What `seq2seq classify` and `seq2seq tag` have in common: lines in, labels out, window by window."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from seq2seq.cli.answers import open_output, without_controls
from seq2seq.cli.windows import count_input_lines, more_waits, open_input, windows
from seq2seq.command_line.options import Imports
from seq2seq.ranges import THREADS, check_ranges
from seq2seq.registry import register
from seq2seq.text.files import check_output
from seq2seq.text.lines import LINE_BYTES, MAX_LINE_BYTES, text_lines
from seq2seq.translator.opening import model_file

if TYPE_CHECKING:
    from seq2seq.translator.labeller import Labeller

__all__ = ["LabelCommand", "label_lines"]


@dataclass(frozen=True, kw_only=True)
class LabelCommand:
    """Options that both commands have."""

    run: tyro.conf.Positional[Annotated[Path, tyro.conf.arg(metavar="RUN")]]
    """Run folder, exported .zip file or .keras file."""
    imports: Imports = ()
    input: Path | None = None
    """Text, plain or packed (gzip, bzip2, xz, zip). Standard input by default."""
    output: Path | None = None
    """File for the result, written in one step at the end; .gz packs it. Standard output by default."""
    strict: bool = False
    """Stop at invalid UTF-8 instead of reading it as U+FFFD."""
    precision: Literal["float32", "int8"] = "float32"
    """Type of the matrix products. int8 rounds weights to 8 bits."""
    threads: int = 0
    """Processor threads; 0 is one for each processor."""
    window: int = 1_000
    """Most lines that are read before they are labelled."""
    max_line_bytes: int = MAX_LINE_BYTES
    """Longer lines are cut there, with a warning."""

    def __post_init__(self) -> None:
        limits = {"threads": THREADS, "window": (1, 100_000), "max_line_bytes": LINE_BYTES}
        check_ranges(self, limits, shown=lambda name: f"--{name.replace('_', '-')}")


def label_lines(options: LabelCommand, kind: str, answer: Callable[["Labeller", Sequence[str]], Sequence[str]]) -> None:
    """Reads lines, and writes what `answer` makes of each window of them, as soon as no more lines wait.

    Args:
        options: of the command.
        kind: of model, "classifier" or "tagger".
        answer: function (labeller, lines) -> lines to write.
    """
    with contextlib.ExitStack() as stack:
        model = model_file(options.run, kind)  # a wrong name is refused before the model is loaded
        check_output("--output", options.output, {"--input": options.input, "the model": model})
        file, name = open_input(options.input, stack)
        count_input_lines(file, name)  # checks the format
        from seq2seq.translator.labeller import Labeller  # here, so that --help need not load onnxruntime

        register(*options.imports)
        labeller = Labeller.load(options.run, kind, precision=options.precision, threads=options.threads)
        out = open_output(options.output, stack)
        shown = without_controls if out.isatty() else str  # the words of a text may hold anything
        arriving = text_lines(file, name, max_line_bytes=options.max_line_bytes, strict=options.strict)
        for lines in windows(arriving, options.window, lambda: more_waits(file)):
            out.writelines(f"{shown(line)}\n" for line in answer(labeller, lines))
            out.flush()
