"""`seq2seq translate`: translate text with a trained model, line by line."""

import contextlib
import ctypes
import gzip
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Literal, TextIO

import tyro

from seq2seq.ranges import THREADS, check_ranges
from seq2seq.search import SearchOptions
from seq2seq.text.files import check_output, make_folder, translator_file, written_beside
from seq2seq.text.lines import decoded, gunzipped, is_gzip
from seq2seq.text.shortlist import Shortlist
from seq2seq.text.translation import Translation

__all__ = ["Options", "main"]

WINDOW = 1_000  # lines read before they are translated: memory stays flat, batches stay full
_LARGE_BLOCK = 256 << 10  # bytes
_M_MMAP_THRESHOLD = -3  # glibc's name for what `mallopt` is to set
# JSON lets these stand as they are, but many a tool ends a line at them.
_ESCAPED = {ord(c): f"\\u{ord(c):04x}" for c in "\x85\u2028\u2029"}


@dataclass(frozen=True, kw_only=True)
class Options(SearchOptions):
    """Translate text with a trained model: one line out for each line in, in the same order.

    Lines end at a line feed and nowhere else. A blank line stays blank. A line longer than the model was
    trained for is split at punctuation or spaces, translated in parts and joined. Lines typed at a terminal
    are answered one by one; from a file or a pipe 1 000 at a time are read, translated and written.

    With --n-best above 1, each translation is a line `number ||| text ||| score`; lines are numbered from 0,
    as in Moses. With --json, each line of text gives one object on one line: "line" (numbered from 1),
    "source", "source_pieces" and "hypotheses", best first, each with "text", "score" (its log-probability
    divided by the length penalty), "log_prob" (natural log), "target_pieces" and "alignment" (attention
    weights, one row for each target piece; null for a model without attention).
    """

    run: tyro.conf.Positional[Path]
    """Run folder, or a .keras file."""
    input: Path | None = None
    """Text to translate, plain or .gz; standard input by default."""
    output: Path | None = None
    """File for the translations, written in one step at the end, packed if it ends in .gz; standard output by
    default."""
    json: bool = False
    """Write one JSON object for each line: hypotheses, scores, alignments."""
    plot_attention: Path | None = None
    """Folder for a picture of the attention of each line's best translation."""
    strict: bool = False
    """Stop at invalid UTF-8 instead of reading it as U+FFFD."""
    precision: Literal["auto", "float32", "bfloat16", "int8"] = "float32"
    """Type of matrix products; bfloat16 is faster on some processors, auto tries both for a moment. int8 rounds the
    weights to 8 bits: faster on processors that multiply such (x86 with VNNI), after a longer start; one line in twenty
    or so comes out in other words (`seq2seq evaluate --precision int8` says how well)."""
    shortlist: Path | None = None
    """File that `seq2seq shortlist` wrote: looks only at target pieces that the source may need, which is faster."""
    threads: int = 0
    """Processor threads; 0 is one for each processor."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, {"threads": THREADS})


def main(argv: Sequence[str] | None = None) -> int:
    """Translate standard input or a file, window by window."""
    options = tyro.cli(Options, args=argv, prog="seq2seq translate", config=(tyro.conf.FlagCreatePairsOff,))
    _hand_back_large_blocks()
    with contextlib.ExitStack() as stack:
        # Files come first: a wrong name is told before the seconds that TensorFlow takes to load.
        model = translator_file(options.run)
        lines, interactive, total = _input(options, stack)
        check_output("--output", options.output, {"--input": options.input, "the model": model})
        if options.plot_attention is not None:
            make_folder("--plot-attention", options.plot_attention)
        shortlist = None if options.shortlist is None else Shortlist.load(options.shortlist)
        from seq2seq.translator import Translator

        translator = Translator.load(model, precision=options.precision, threads=options.threads)
        if options.plot_attention is not None and not translator.attends:
            raise ValueError("--plot-attention: this model has no attention.")
        out = _output(options, stack)
        shown = sys.stderr.isatty() and not interactive and not out.isatty()
        progress = stack.enter_context(_progress(total)) if shown else None
        window = 1 if interactive else WINDOW
        _translate(translator, lines, out, options, shortlist, window=window, progress=progress)
    return 0


def _hand_back_large_blocks() -> None:
    """Lets memory stay flat however long the text is: what is large goes back to the system as soon as it is free.

    By itself glibc raises the limit of "large" to the largest block that was ever freed, up to 32 MB; blocks below it
    are kept among small ones, and with batches of all sizes the gaps between them add up. Other C libraries do not.
    """
    with contextlib.suppress(AttributeError, TypeError, OSError):  # no such function, or no library of that kind
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def _translate(
    translator,
    lines: Iterable[str],
    out: TextIO,
    options: Options,
    shortlist: Shortlist | None,
    *,
    window: int,
    progress: Callable[[int], object] | None,
) -> None:
    search = {field.name: getattr(options, field.name) for field in fields(SearchOptions)}
    search["shortlist"] = shortlist
    alignments = options.json or options.plot_attention is not None
    lines, done = iter(lines), 0
    while texts := list(islice(lines, window)):
        found = translator.search(texts, alignments=alignments, progress=progress, **search)
        for number, (text, translations) in enumerate(zip(texts, found, strict=True), start=done):
            out.write(_answer(number, text, translations, options))
            if options.plot_attention is not None:
                _plot(number, translations[0], options.plot_attention)
        out.flush()
        done += len(texts)


def _answer(number: int, source: str, translations: Sequence[Translation], options: Options) -> str:
    """What is written for one line of text; `number` counts from 0."""
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
    from seq2seq.pictures import attention_map  # draws, so it loads matplotlib

    if translation.source_pieces:  # not a blank line
        attention_map(translation, folder / f"line-{number + 1:06d}.png")


def _input(options: Options, stack: contextlib.ExitStack) -> tuple[Iterator[str], bool, int | None]:
    """The lines to translate; whether a person types them; their number, if it can be known."""
    warn = None if options.strict else _warn
    if options.input is None:
        name = "standard input"
        return decoded(gunzipped(sys.stdin.buffer, name), name, warn=warn), sys.stdin.isatty(), None
    file = stack.enter_context(open(options.input, "rb"))
    total = None
    if file.seekable() and not is_gzip(options.input):
        total = sum(1 for _ in file)
        file.seek(0)
    return decoded(gunzipped(file, options.input), options.input, warn=warn), False, total


def _warn(message: str) -> None:
    print(f"warning: {message}", file=sys.stderr)


def _output(options: Options, stack: contextlib.ExitStack) -> TextIO:
    if options.output is None:
        return sys.stdout
    beside = stack.enter_context(written_beside(options.output))
    if options.output.suffix == ".gz":
        return stack.enter_context(gzip.open(beside, "wt", encoding="utf-8", newline="\n"))
    return stack.enter_context(open(beside, "w", encoding="utf-8", newline="\n"))


@contextlib.contextmanager
def _progress(total: int | None) -> Iterator[Callable[[int], object]]:
    """A progress bar on standard error; gives the function that moves it on by a number of lines."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("translating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    # Standard output is left alone: it is a pipe or a file.
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=total)
        yield lambda lines: bar.advance(task, lines)
