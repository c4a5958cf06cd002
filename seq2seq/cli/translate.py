"""`seq2seq translate`: translate text with a trained model, line by line."""

import contextlib
import ctypes
import logging
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import tyro

from seq2seq.cli.answers import as_json, as_list, open_output, plot_attention, without_controls
from seq2seq.cli.dialogue import greeting, is_dialogue, quiet_end, typed_lines
from seq2seq.cli.windows import count_input_lines, more_waits, open_input, windows
from seq2seq.command_line import parse
from seq2seq.command_line.options import Imports
from seq2seq.ranges import THREADS, check_ranges
from seq2seq.registry import register
from seq2seq.search import SearchOptions
from seq2seq.text.files import check_output, make_folder
from seq2seq.text.lines import LINE_BYTES, MAX_LINE_BYTES, text_lines
from seq2seq.text.tokenizer import is_unknown
from seq2seq.text.translation import Translation
from seq2seq.translator.constraints import TextConstraints, read_constraints
from seq2seq.translator.opening import model_file

if TYPE_CHECKING:
    from seq2seq.text.shortlist import Shortlist
    from seq2seq.translator import Translator

__all__ = ["Options", "main"]

_WINDOWS = (1, 100_000)  # range of --window
_LARGE_BLOCK = 256 << 10  # bytes
_M_MMAP_THRESHOLD = -3  # glibc's number of the parameter of `mallopt`

logger = logging.getLogger("seq2seq")


@dataclass(frozen=True, kw_only=True)
class Options(SearchOptions):
    """Translate text with a trained model: one line out for each line in, in the same order.

    Lines end at a line feed and nowhere else. A blank line stays blank. A line longer than the model was trained for is
    split at punctuation or spaces, translated in parts and joined. A file is read, translated and written in windows of
    --window lines. Lines that arrive slowly, from a terminal or another program, are answered as soon as no more are
    waiting. On a terminal, a prompt asks for line after line until Ctrl-D.

    With --n-best above 1, each translation is a line `number ||| text ||| score`, and lines are numbered from 0, as in
    Moses. With --json, each line of text gives one object on one line: "line" (numbered from 1), "source",
    "source_pieces" and "hypotheses", best first, each with "text", "score" (its log-probability divided by the length
    penalty), "log_prob" (natural log), "target_pieces" and "alignment" (attention weights, one row for each target
    piece; null for a model without attention, or a line of thousands of pieces).
    """

    run: tyro.conf.Positional[
        Annotated[tuple[Path, ...], tyro.conf.arg(metavar="RUN [RUN ...]", help_behavior_hint="(required)")]
    ] = ()
    """Run folder, translator.zip or .keras file. Several translate together as an ensemble."""
    imports: Imports = ()
    input: Path | None = None
    """Text to translate, plain or packed (gzip, bzip2, xz, zip); vectors (.npy) for a model that reads these. Standard
    input by default."""
    output: Path | None = None
    """File for the translations, written in one step at the end; .gz packs it. Standard output by default."""
    json: bool = False
    """Write one JSON object for each line: hypotheses, scores, alignments."""
    plot_attention: Path | None = None
    """Folder for a picture of the attention of each line's best translation."""
    strict: bool = False
    """Stop at invalid UTF-8 instead of reading it as U+FFFD."""
    verbose: bool = False
    """Report unknown source pieces even if standard error is no terminal."""
    precision: Literal["float32", "int8", "bfloat16", "auto"] = "float32"
    """Type of the matrix products. int8 rounds weights to 8 bits: faster, but about one line in twelve changes.
    bfloat16 runs the Keras model; auto takes the faster of float32 and bfloat16."""
    constraints: Path | None = None
    """JSON lines, one for each line of text: {"prefix": "...", "required": ["..."], "forbidden": ["..."]}."""
    shortlist: Path | None = None
    """File written by `seq2seq shortlist`: choose among the target pieces that the source may need, which is faster."""
    threads: int = 0
    """Processor threads; 0 is one for each processor."""
    window: int = 1_000
    """Most lines that are read before they are translated. More lines fill batches better and take more memory."""
    max_line_bytes: int = MAX_LINE_BYTES
    """Longer lines are cut there, with a warning."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, {"threads": THREADS, "window": _WINDOWS, "max_line_bytes": LINE_BYTES})


def main(argv: Sequence[str] | None = None) -> int:
    """Translate standard input or a file, window by window."""
    options = parse(Options, argv=argv, prog="seq2seq translate")
    _hand_back_large_blocks()
    with contextlib.ExitStack() as stack:
        # Files come first, so that a wrong name is refused before the model is loaded.
        _check_paths(options)
        file, name = open_input(options.input, stack)
        total = count_input_lines(file, name)
        shortlist = None if options.shortlist is None else _shortlist(options.shortlist)
        constraints = None if options.constraints is None else read_constraints(options.constraints)
        if constraints is not None and total not in (None, len(constraints)):
            raise ValueError(
                f"{options.constraints} has constraints for {len(constraints)} lines, {name} has {total}. "
                "Give one for each line."
            )
        from seq2seq.translator import Translator

        register(*options.imports)
        translator = Translator.load(*options.run, precision=options.precision, threads=options.threads)
        if options.plot_attention is not None and not translator.attends:
            raise ValueError("--plot-attention: this model has no attention. Leave the option out.")
        if constraints is not None:
            translator.check_constraints(constraints)
        out = open_output(options.output, stack)
        shown = sys.stderr.isatty() and not file.isatty() and not out.isatty()
        search = {field.name: getattr(options, field.name) for field in fields(SearchOptions)}
        search["shortlist"] = shortlist
        search["alignments"] = options.json or options.plot_attention is not None
        search["progress"] = stack.enter_context(_progress(total)) if shown else None
        limits = {"max_line_bytes": options.max_line_bytes, "strict": options.strict}
        if is_dialogue(file, out):
            print(greeting(options.run, translator.languages), file=sys.stderr)
            stack.enter_context(quiet_end())
            texts = typed_lines(**limits)
        else:
            texts = windows(text_lines(file, name, **limits), options.window, lambda: more_waits(file))
        _translate(translator, texts, out, search, constraints, options)
    return 0


def _check_paths(options: Options) -> None:
    """Refuses missing models, and an output that would replace what is read."""
    if not options.run:
        raise ValueError("There is no model to translate with. Name one: seq2seq translate RUN")
    models = [model_file(run) for run in options.run]
    names = ["the model"] if len(models) == 1 else [f"the model {model}" for model in models]
    inputs = {f"--{name}": getattr(options, name) for name in ("input", "constraints", "shortlist")}
    check_output("--output", options.output, {**inputs, **dict(zip(names, models, strict=True))})
    if options.plot_attention is not None:
        import seq2seq.pictures  # noqa: F401  a missing matplotlib is an error before anything is translated

        make_folder("--plot-attention", options.plot_attention)


def _hand_back_large_blocks() -> None:
    """Keeps memory flat however long the text is: large blocks go back to the system as soon as they are free.

    By default glibc raises the limit of "large" to the largest block that was ever freed, up to 32 MB. It keeps smaller
    blocks, and with batches of all sizes the gaps between them add up. Other C libraries do not.
    """
    with contextlib.suppress(AttributeError, TypeError, OSError):  # no such function, or no library of that kind
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def _shortlist(path: Path) -> "Shortlist":
    from seq2seq.text.shortlist import Shortlist

    return Shortlist.load(path)


def _translate(
    translator: "Translator",
    windows: Iterable[list[str]],
    out: TextIO,
    search: dict[str, Any],
    constraints: Sequence[TextConstraints] | None,
    options: Options,
) -> None:
    """Translates window after window, and warns about source pieces that the model cannot know."""
    on_terminal = out.isatty()
    num_lines = num_unknown = num_affected = 0  # lines; unknown source pieces, and lines that have some
    try:
        for texts in windows:
            if constraints is not None:
                search["constraints"] = constraints[num_lines : num_lines + len(texts)]
                if len(search["constraints"]) < len(texts):
                    raise ValueError(
                        f"{options.constraints} has constraints for {len(constraints):,} lines, and the text has more. "
                        "Give one for each line."
                    )
            found = translator.search(texts, **search)
            for number, (text, translations) in enumerate(zip(texts, found, strict=True), start=num_lines):
                answer = _answer(number, text, translations, options)
                out.write(without_controls(answer) if on_terminal else answer)
                unknown = sum(map(is_unknown, translations[0].source_pieces))
                num_unknown, num_affected = num_unknown + unknown, num_affected + bool(unknown)
            out.flush()
            num_lines += len(texts)
    except KeyboardInterrupt:
        if sys.stderr.isatty():
            print(file=sys.stderr)  # leaves the line with ^C
        raise
    finally:  # also before an error
        if num_unknown and (options.verbose or sys.stderr.isatty()):
            logger.warning(_unknown_in_words(num_unknown, num_affected, num_lines))
    if constraints is not None and num_lines < len(constraints):  # of a pipe it is known only now
        logger.warning(f"there were constraints for {len(constraints):,} lines, but {num_lines:,} of text")


def _answer(number: int, text: str, translations: Sequence[Translation], options: Options) -> str:
    """The output for a line; `number` counts from 0. Draws its attention, if pictures are wanted."""
    if options.plot_attention is not None:
        plot_attention(number, translations[0], options.plot_attention)
    if options.json:
        return as_json(number, text, translations)
    return as_list(number, translations) if options.n_best > 1 else translations[0].text + "\n"


def _unknown_in_words(num_pieces: int, num_affected: int, num_lines: int) -> str:
    """The warning about source pieces that the model cannot know."""
    where = f"in {num_affected:,} of {num_lines:,} lines"
    if num_pieces == 1:
        what = f"1 source piece, {where}, is an unknown word or a byte of a character"
        return f"{what} that the vocabulary lacks: the model has not learnt what it means"
    what = f"{num_pieces:,} source pieces, {where}, are unknown words or bytes of characters"
    return f"{what} that the vocabulary lacks: the model has not learnt what they mean"


@contextlib.contextmanager
def _progress(total: int | None) -> Iterator[Callable[[int], object]]:
    """A progress bar on standard error. Yields the function that advances it by a number of lines."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("translating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    # Standard output is left alone: it is a pipe or a file.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=total)
        yield lambda lines: bar.advance(task, lines)
