"""`seq2seq score`: BLEU, chrF and TER of translations, each with the signature that makes it repeatable."""

import contextlib
import itertools
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import tyro

from seq2seq.command_line import parse
from seq2seq.ranges import check_ranges
from seq2seq.text.bleu_tokenizers import AUTO, bleu_metric, no_4_grams_warning, tokenizer_for
from seq2seq.text.lines import LINE_BYTES, MAX_LINE_BYTES, text_lines
from seq2seq.text.scores import References, Score, bleu, chrf, compare_systems, ter

__all__ = ["Options", "main", "measure", "read_lines", "warn_of_no_4_grams"]

logger = logging.getLogger("seq2seq")


@dataclass(frozen=True, kw_only=True)
class Options:
    """Score translations against references: BLEU, chrF and TER with their signatures.

    Several systems are also compared with the first one, by paired bootstrap resampling.
    """

    hypotheses: tyro.conf.Positional[Annotated[tuple[str, ...], tyro.conf.arg(metavar="[FILE ...]")]] = ("-",)
    """Translations, one file for each system, plain or packed (gzip, bzip2, xz, zip); - is standard input."""
    references: tyro.conf.UseAppendAction[Annotated[tuple[str, ...], tyro.conf.arg(metavar="FILE")]] = ()
    """Reference translations, one line for each line of the hypotheses. Each further --references adds a set."""
    tokenize: str = AUTO
    """BLEU's own tokenizer, as sacreBLEU names it (13a, intl, zh, char, ja-mecab, ...). none: the text is tokenized.
    auto: 13a, but zh for Chinese and char for other text without spaces."""
    lowercase: bool = False
    """Ignore the case of letters."""
    confidence: bool = False
    """Add 95 % intervals, by bootstrap resampling."""
    json: bool = False
    """Print one JSON object."""
    max_line_bytes: int = MAX_LINE_BYTES
    """Longer lines are cut there, with a warning."""

    def __post_init__(self) -> None:
        check_ranges(self, {"max_line_bytes": LINE_BYTES})


def main(argv: Sequence[str] | None = None) -> int:
    """Score each system, compare several, print."""
    options = parse(Options, argv=argv, prog="seq2seq score")
    _check_names(options)
    bleu_metric(options.tokenize)  # refuses one that cannot be loaded
    limit = options.max_line_bytes
    references = [read_lines(name, max_line_bytes=limit) for name in options.references]
    systems = {name: read_lines(name, max_line_bytes=limit) for name in options.hypotheses}
    for name, lines in systems.items():
        for partner, reference in zip(options.references, references, strict=True):
            _check_partners(name, len(lines), partner, len(reference))

    warn_of_no_4_grams(options.tokenize, references, systems)
    how = {"tokenize": options.tokenize, "lowercase": options.lowercase}
    scores = {name: measure(lines, references, confidence=options.confidence, **how) for name, lines in systems.items()}
    comparison = compare_systems(references, systems, **how) if len(systems) > 1 else []
    if options.json:
        print(_as_json(scores, comparison, len(references[0])))
    else:
        print(_as_text(scores, comparison))
    return 0


def measure(
    hypotheses: Sequence[str],
    references: References,
    *,
    tokenize: str = AUTO,
    lowercase: bool = False,
    confidence: bool = False,
) -> list[Score]:
    """BLEU, chrF and TER of one system.

    Args:
        hypotheses, references: as many lines of one as of the other; or several sets of references.
        tokenize: BLEU's own tokenizer, as for `bleu`.
        lowercase: ignore the case of letters.
        confidence: add 95 % intervals.
    """
    how = {"lowercase": lowercase, "confidence": confidence}
    return [
        bleu(hypotheses, references, tokenize=tokenize, **how),
        chrf(hypotheses, references, **how),
        ter(hypotheses, references, **how),
    ]


def warn_of_no_4_grams(
    tokenize: str, references: Sequence[Sequence[str]], systems: Mapping[str, Sequence[str]]
) -> None:
    """Warns that the references, or else some translations, have no 4-grams, so that BLEU is 0."""
    lines = [line for reference in references for line in reference]
    tokenizer = tokenizer_for(lines, tokenize)
    troubles = [no_4_grams_warning("the references", lines, tokenizer)]
    if troubles == [None]:
        troubles = [no_4_grams_warning(_shown(name), translations, tokenizer) for name, translations in systems.items()]
    for trouble in filter(None, troubles):
        logger.warning(trouble)


def read_lines(name: str, *, max_line_bytes: int = MAX_LINE_BYTES) -> list[str]:
    """The lines of a UTF-8 file, plain or packed, or of standard input.

    Args:
        name: a file, or "-" for standard input.
        max_line_bytes: longer lines are cut there, with a warning.

    Raises:
        ValueError: the file is no text or damaged, or a line is not UTF-8.
    """
    with contextlib.nullcontext(sys.stdin.buffer) if name == "-" else open(name, "rb") as file:
        return list(itertools.chain.from_iterable(text_lines(file, _shown(name), max_line_bytes=max_line_bytes)))


def _check_names(options: Options) -> None:
    """Refuses a command without references, a system named twice, and standard input read twice."""
    if not options.references:
        raise ValueError("there is nothing to score against: give --references FILE.")
    if len(set(options.hypotheses)) < len(options.hypotheses):
        raise ValueError(f"a system is named twice in {' '.join(options.hypotheses)}. Name each file once.")
    if (*options.hypotheses, *options.references).count("-") > 1:
        raise ValueError("standard input cannot be both hypotheses and references. Name a file for one of them.")


def _check_partners(name: str, num_lines: int, references: str, num_references: int) -> None:
    """Refuses a system with more or fewer lines than the references, or with none."""
    if num_lines != num_references:
        sides = (num_lines, _shown(name)), (num_references, _shown(references))
        (shorter, short), (longer, long) = sorted(sides)
        raise ValueError(
            f"{long}:{shorter + 1} has no partner; {short} ends at line {shorter} "
            f"({longer} and {shorter} lines). Line i of one must be the reference of line i of the other."
        )
    if not num_lines:
        raise ValueError(f"{_shown(name)} and {_shown(references)} are empty: there is nothing to score.")


def _shown(name: str) -> str:
    """How messages name a file or standard input."""
    return "standard input" if name == "-" else name


def _as_text(scores: dict[str, list[Score]], comparison: Sequence) -> str:
    """One line for each score; several systems each under their name, followed by their comparison."""
    if len(scores) == 1:
        return "\n".join(str(score) for of_system in scores.values() for score in of_system)
    blocks = ["\n  ".join([_shown(name), *map(str, of_system)]) for name, of_system in scores.items()]
    return "\n".join([*blocks, *map(str, comparison)])


def _as_json(scores: dict[str, list[Score]], comparison: Sequence, num_lines: int) -> str:
    systems = [
        {"name": _shown(name), "scores": [asdict(score) for score in of_system]} for name, of_system in scores.items()
    ]
    result = {"lines": num_lines, "systems": systems}
    if comparison:
        result["comparison"] = [asdict(system) for system in comparison]
    return json.dumps(result, indent=2, ensure_ascii=False)
