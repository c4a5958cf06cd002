"""`seq2seq translate`: translate text with a trained model, line by line."""

import contextlib
import ctypes
import gzip
import io
import json
import os
import select
import stat
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal, TextIO

import tyro

from seq2seq.ranges import THREADS, check_ranges
from seq2seq.search import SearchOptions
from seq2seq.text.files import check_output, make_folder, written_beside
from seq2seq.text.lines import LINE_BYTES, MAX_LINE_BYTES, count_lines, text_lines
from seq2seq.text.tokenizer import is_unknown
from seq2seq.text.translation import Translation
from seq2seq.translator.constraints import TextConstraints, read_constraints
from seq2seq.translator.opening import translator_file

if TYPE_CHECKING:
    from seq2seq.text.shortlist import Shortlist
    from seq2seq.translator import Translator

__all__ = ["Options", "main", "windows"]

_WINDOWS = (1, 100_000)  # range of --window
_PAUSE = 0.05  # seconds without another byte, after which the lines so far are translated
_LARGE_BLOCK = 256 << 10  # bytes
_M_MMAP_THRESHOLD = -3  # glibc's number of the parameter of `mallopt`
# Allowed in JSON, but many tools end a line at these characters.
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}


@dataclass(frozen=True, kw_only=True)
class Options(SearchOptions):
    """Translate text with a trained model: one line out for each line in, in the same order.

    Lines end at a line feed and nowhere else. A blank line stays blank. A line longer than the model was
    trained for is split at punctuation or spaces, translated in parts and joined. From a file, --window lines at
    a time are read, translated and written. Lines that arrive slowly, from a terminal or another program, are
    answered as soon as no more are waiting.

    With --n-best above 1, each translation is a line `number ||| text ||| score`; lines are numbered from 0,
    as in Moses. With --json, each line of text gives one object on one line: "line" (numbered from 1),
    "source", "source_pieces" and "hypotheses", best first, each with "text", "score" (its log-probability
    divided by the length penalty), "log_prob" (natural log), "target_pieces" and "alignment" (attention
    weights, one row for each target piece; null for a model without attention, or a line of thousands of pieces).
    """

    run: tyro.conf.Positional[tuple[Path, ...]]
    """Run folder, translator.zip or .keras file; several translate together as an ensemble."""
    input: Path | None = None
    """Text to translate, plain or packed (gzip, bzip2, xz, zip); standard input by default."""
    output: Path | None = None
    """File for the translations, written in one step at the end, packed if it ends in .gz; standard output by
    default."""
    json: bool = False
    """Write one JSON object for each line: hypotheses, scores, alignments."""
    plot_attention: Path | None = None
    """Folder for a picture of the attention of each line's best translation."""
    strict: bool = False
    """Stop at invalid UTF-8 instead of reading it as U+FFFD."""
    verbose: bool = False
    """Report unknown source pieces even if standard error is no terminal."""
    precision: Literal["float32", "int8", "bfloat16", "auto"] = "float32"
    """Type of matrix products. int8 rounds the weights to 8 bits, which is faster; about one line in twelve changes
    (`seq2seq evaluate --precision int8` measures it); what was exported in int8 stays so. bfloat16
    runs the Keras model; auto times that and float32."""
    constraints: Path | None = None
    """JSON lines, one for each line of text: {"prefix": "...", "required": ["..."], "forbidden": ["..."]}."""
    shortlist: Path | None = None
    """File that `seq2seq shortlist` wrote: looks only at target pieces that the source may need, which is faster."""
    threads: int = 0
    """Processor threads; 0 is one for each processor."""
    window: int = 1_000
    """Most lines that are read before they are translated. More fill the batches better, fewer take less memory."""
    max_line_bytes: int = MAX_LINE_BYTES
    """Longer lines are cut there, with a warning."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, {"threads": THREADS, "window": _WINDOWS, "max_line_bytes": LINE_BYTES})


def main(argv: Sequence[str] | None = None) -> int:
    """Translate standard input or a file, window by window."""
    options = tyro.cli(Options, args=argv, prog="seq2seq translate", config=(tyro.conf.FlagCreatePairsOff,))
    _hand_back_large_blocks()
    with contextlib.ExitStack() as stack:
        if not options.run:
            raise ValueError("There is no model to translate with. Name one: seq2seq translate RUN")
        # Files come first, so that a wrong name is refused before the model is loaded.
        models = [translator_file(run) for run in options.run]
        file, name = _input(options, stack)
        total = _count_lines(file, name)
        names = ["the model"] if len(models) == 1 else [f"the model {model}" for model in models]
        read = {f"--{name}": getattr(options, name) for name in ("input", "constraints", "shortlist")}
        check_output("--output", options.output, {**read, **dict(zip(names, models, strict=True))})
        if options.plot_attention is not None:
            import seq2seq.pictures  # noqa: F401  that matplotlib is missing is told before anything is translated

            make_folder("--plot-attention", options.plot_attention)
        shortlist = None if options.shortlist is None else _shortlist(options.shortlist)
        constraints = None if options.constraints is None else read_constraints(options.constraints)
        if constraints is not None and total not in (None, len(constraints)):
            raise ValueError(
                f"{options.constraints} has constraints for {len(constraints)} lines, {name} has {total}. "
                "Give one for each line."
            )
        from seq2seq.translator import Translator

        translator = Translator.load(*options.run, precision=options.precision, threads=options.threads)
        if options.plot_attention is not None and not translator.attends:
            raise ValueError("--plot-attention: this model has no attention. Leave the option out.")
        if constraints is not None:
            translator.check_constraints(constraints)
        out = _output(options, stack)
        shown = sys.stderr.isatty() and not file.isatty() and not out.isatty()
        progress = stack.enter_context(_progress(total)) if shown else None
        limits = {"max_line_bytes": options.max_line_bytes, "strict": options.strict}
        lines = text_lines(file, name, warn=_warn, **limits)
        texts = windows(lines, options.window, lambda: _more_waits(file))
        _translate(translator, texts, out, options, shortlist, constraints, progress)
    return 0


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


def windows(arriving: Iterable[list[str]], size: int, more_waits: Callable[[], bool]) -> Iterator[list[str]]:
    """Lines to translate together: at most `size`, and fewer when no more are waiting.

    Args:
        arriving: lines, as they arrive; lines before an error are given before it is raised.
        size: most lines of a window.
        more_waits: whether the next lines, or the end, can be read without waiting.
    """
    window = []
    try:
        for lines in arriving:
            for line in lines:
                window.append(line)
                if len(window) == size:
                    yield window
                    window = []
            if window and not more_waits():
                yield window
                window = []
    except (ValueError, OSError):
        if window:
            yield window
        raise
    if window:
        yield window


def _translate(
    translator: "Translator",
    windows: Iterable[list[str]],
    out: TextIO,
    options: Options,
    shortlist: "Shortlist | None",
    constraints: list[TextConstraints] | None,
    progress: Callable[[int], object] | None,
) -> None:
    search = {field.name: getattr(options, field.name) for field in fields(SearchOptions)}
    search["shortlist"] = shortlist
    alignments = options.json or options.plot_attention is not None
    done, unknown = 0, Counter()
    try:
        for texts in windows:
            if constraints is not None:
                if len(constraints) < done + len(texts):
                    raise ValueError(
                        f"{options.constraints} has constraints for {len(constraints):,} lines, and the text has more. "
                        "Give one for each line."
                    )
                search["constraints"] = constraints[done : done + len(texts)]
            found = translator.search(texts, alignments=alignments, progress=progress, **search)
            for number, (text, translations) in enumerate(zip(texts, found, strict=True), start=done):
                out.write(_answer(number, text, translations, options))
                unknown[number] = sum(map(is_unknown, translations[0].source_pieces))
                if options.plot_attention is not None:
                    _plot(number, translations[0], options.plot_attention)
            out.flush()
            done += len(texts)
            unknown = +unknown  # without the zeros
    finally:  # also after Ctrl-C, as which many end a dialogue, and before an error
        if unknown and (options.verbose or sys.stderr.isatty()):
            _warn(_unknown_in_words(unknown, done))
    if constraints is not None and done < len(constraints):  # of a pipe it is known only now
        _warn(f"there were constraints for {len(constraints):,} lines, but {done:,} of text")


def _unknown_in_words(unknown: Counter, num_lines: int) -> str:
    """What is said of pieces that the model cannot know, counted by the number of the line."""
    where = f"in {len(unknown):,} of {num_lines:,} lines"
    if unknown.total() == 1:
        what = f"1 source piece, {where}, is an unknown word or a byte of a character"
        return f"{what} that the vocabulary lacks: the model has not learnt what it means"
    what = f"{unknown.total():,} source pieces, {where}, are unknown words or bytes of characters"
    return f"{what} that the vocabulary lacks: the model has not learnt what they mean"


def _answer(number: int, source: str, translations: Sequence[Translation], options: Options) -> str:
    """The output for one line of text; `number` counts from 0."""
    if options.json:
        line = json.dumps(_as_json(number, source, translations), ensure_ascii=False)
        return line.translate(_ESCAPED) + "\n"
    if options.n_best > 1:
        return "".join(f"{number} ||| {one.text} ||| {one.score:.4f}\n" for one in translations)
    return translations[0].text + "\n"


def _as_json(number: int, source: str, translations: Sequence[Translation]) -> dict:
    hypotheses = []
    for translation in translations:
        hypothesis = asdict(translation)
        del hypothesis["source_pieces"]  # the same for all
        if translation.alignment is not None:
            rows = translation.alignment.tolist()
            hypothesis["alignment"] = [[round(weight, 4) for weight in row] for row in rows]
        hypotheses.append(hypothesis)
    pieces = translations[0].source_pieces
    return {"line": number + 1, "source": source, "source_pieces": pieces, "hypotheses": hypotheses}


def _plot(number: int, translation: Translation, folder: Path) -> None:
    from seq2seq.pictures import attention_map  # loads matplotlib

    if translation.alignment is not None:  # not a blank line, nor one that is too long for a picture
        attention_map(translation, folder / f"line-{number + 1:06d}.png")


def _input(options: Options, stack: contextlib.ExitStack) -> tuple[BinaryIO, str]:
    """The text to translate, and its name for messages."""
    if options.input is None:
        return sys.stdin.buffer, "standard input"
    return stack.enter_context(open(options.input, "rb")), str(options.input)


def _count_lines(file: BinaryIO, name: str) -> int | None:
    """The number of lines of a regular file, whose format is checked; None for a stream that can be read only once."""
    if not _is_regular(file):
        return None
    start = file.tell()
    count = count_lines(file, name)
    file.seek(start)
    return count


def _is_regular(file: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    except io.UnsupportedOperation:  # a stream in memory
        return False


def _more_waits(file: BinaryIO) -> bool:
    """Whether more text, or the end, can be read from a stream now or within `_PAUSE`."""
    try:
        return bool(select.select([file], [], [], _PAUSE)[0])
    except io.UnsupportedOperation:  # a stream in memory never waits
        return True
    except OSError:  # on Windows `select` takes only sockets
        return False


def _warn(message: str) -> None:
    print(f"warning: {message}", file=sys.stderr)


def _output(options: Options, stack: contextlib.ExitStack) -> TextIO:
    if options.output is None:
        return sys.stdout
    beside = stack.enter_context(written_beside(options.output))
    if options.output.suffix != ".gz":
        return stack.enter_context(open(beside, "w", encoding="utf-8", newline="\n"))
    file = stack.enter_context(open(beside, "wb"))
    # Without name and time, so that the same text gives the same bytes (and a clock before 1970 does not fail).
    packed = stack.enter_context(gzip.GzipFile("", "wb", fileobj=file, mtime=0))
    return stack.enter_context(io.TextIOWrapper(packed, encoding="utf-8", newline="\n"))


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
