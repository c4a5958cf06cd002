"""`seq2seq sample`: let a language model continue prompts, or write from the beginning of a text."""

import dataclasses
import itertools
import json
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import tyro

from seq2seq.cli.answers import ESCAPED, without_controls
from seq2seq.cli.windows import more_waits, windows
from seq2seq.command_line import parse
from seq2seq.command_line.options import Imports
from seq2seq.ranges import check_ranges
from seq2seq.registry import register
from seq2seq.search import SearchOptions
from seq2seq.search.options import BEAM_SIZES
from seq2seq.tasks.language_options import LENGTHS
from seq2seq.text.lines import text_lines
from seq2seq.text.tokenizer import UNK_ID
from seq2seq.text.translation import Translation
from seq2seq.translator.continuation import continue_texts
from seq2seq.translator.opening import open_engine

__all__ = ["Options", "main"]

logger = logging.getLogger("seq2seq")

_WINDOW = 32  # prompts that are continued together


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """Continue prompts with a language model, or write from the beginning of a text.

    Prompts come from --prompt, or one a line from standard input. Without any, the model writes from the beginning of a
    text, as it does after an empty line. Each sample is its prompt and what follows it, as text of any number of lines.
    A line of dashes stands between two samples. With --json, each prompt gives one object on one line: "prompt", and
    "continuations", each with "text" (without the prompt) and "log_prob" (natural log, of all characters and the end).

    The same seed writes the same text: the n-th prompt has the same samples whatever the other prompts are.
    """

    HEADINGS: ClassVar[dict] = {"search": ("search", "temperature", "top_k", "top_p", "seed", "beam_size")}

    run: tyro.conf.Positional[Annotated[Path, tyro.conf.arg(metavar="RUN", help_behavior_hint="(required)")]]
    """Run folder, language_model.zip or .keras file."""
    imports: Imports = ()
    prompt: Annotated[tuple[str, ...], tyro.conf.arg(metavar="TEXT ...")] = ()
    """Texts to continue, in place of standard input."""
    length: int = 500
    """Most characters to write after each prompt; a text ends earlier where the model ends it."""
    number: int = 1
    """Samples of each prompt."""
    json: bool = False
    """Write one JSON object for each prompt."""
    separator: Annotated[str, tyro.conf.arg(metavar="TEXT")] = "-" * 40
    """Line between two samples."""
    precision: Literal["float32", "int8"] = "float32"
    """Type of the matrix products; int8 rounds weights to 8 bits."""
    search: Literal["sample", "beam"] = "sample"
    """sample: draw characters at random; beam: the most probable texts, which are soon the same over and over."""
    temperature: float = 1.0
    """Sampling divides log-probabilities by this; below 1, probable characters become more probable."""
    top_k: int = 0
    """Sample among this many of the most probable characters; 0 for all."""
    top_p: float = 1.0
    """Sample among the fewest characters whose probabilities add up to this; 1 for all."""
    seed: int = 1
    """Seed of sampling: the same seed writes the same text."""
    beam_size: int = 5
    """Texts kept at each position of a beam search."""

    def __post_init__(self) -> None:
        check_ranges(self, {"length": LENGTHS, "number": BEAM_SIZES, "beam_size": BEAM_SIZES})
        self.search_options()

    def search_options(self) -> SearchOptions:
        """The options of the search.

        Raises:
            ValueError: an option is out of range, or has no effect.
        """
        names = ("search", "temperature", "top_k", "top_p", "seed")
        chosen = {name: getattr(self, name) for name in names}
        return SearchOptions(n_best=self.number, beam_size=max(self.beam_size, self.number), **chosen)


def main(argv: Sequence[str] | None = None) -> int:
    """Continue the prompts, each as soon as no more are waiting."""
    options = parse(Options, argv=argv, prog="seq2seq sample")
    search = options.search_options()
    register(*options.imports)
    engine = open_engine(options.run, "language_model", precision=options.precision)
    on_terminal, num_prompts, num_unknown = sys.stdout.isatty(), 0, 0
    for prompts in _prompts(options.prompt):
        found = continue_texts(engine, prompts, length=options.length, options=search, first=num_prompts)
        for number, (prompt, texts) in enumerate(zip(prompts, found, strict=True), start=num_prompts):
            answer = _as_json(prompt, texts) if options.json else _as_text(prompt, texts, options.separator, number > 0)
            sys.stdout.write(without_controls(answer) if on_terminal else answer)
        sys.stdout.flush()
        num_prompts += len(prompts)
        num_unknown += sum(ids.count(UNK_ID) for ids in engine.source_tokenizer.encode(prompts))
    if num_unknown:
        what = "1 character of the prompts is" if num_unknown == 1 else f"{num_unknown:,} characters of the prompts are"
        logger.warning(f"{what} unknown to the model")
    return 0


def _prompts(given: Sequence[str]) -> Iterator[list[str]]:
    """The prompts that are continued together, as they arrive; an empty one if there is none."""
    file = sys.stdin.buffer if not given and not sys.stdin.isatty() else None
    if file is None:
        arriving: Iterator[list[str]] = windows([list(given)], _WINDOW, lambda: True)
    else:
        arriving = windows(text_lines(file, "standard input"), _WINDOW, lambda: more_waits(file))
    yield from itertools.chain([next(arriving, [""])], arriving)


def _as_text(prompt: str, continuations: Sequence[Translation], separator: str, follows: bool) -> str:
    """Prompt and continuation, as lines; the separator between two of them, and first if others came before."""
    texts = [prompt + one.text for one in continuations]
    lines = [text if text.endswith("\n") else f"{text}\n" for text in texts]
    return (f"{separator}\n" if follows else "") + f"{separator}\n".join(lines)


def _as_json(prompt: str, continuations: Sequence[Translation]) -> str:
    found = [{"text": one.text, "log_prob": one.log_prob} for one in continuations]
    return json.dumps({"prompt": prompt, "continuations": found}, ensure_ascii=False).translate(ESCAPED) + "\n"
