"""`seq2seq evaluate`: translate a test set with a trained model and score the result."""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from seq2seq.cli.score import measure, warn_of_no_4_grams
from seq2seq.command_line import parse
from seq2seq.command_line.options import Imports
from seq2seq.ranges import check_ranges
from seq2seq.registry import register
from seq2seq.search import SearchOptions
from seq2seq.text.bleu_tokenizers import AUTO, bleu_metric
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.files import check_output, one_line, read_object, written_beside
from seq2seq.text.lines import LINE_BYTES, MAX_LINE_BYTES
from seq2seq.translator.opening import model_file

if TYPE_CHECKING:
    from seq2seq.translator import Translator

__all__ = ["Options", "main"]

logger = logging.getLogger("seq2seq")


@dataclass(frozen=True, kw_only=True)
class Options(SearchOptions):
    """Translate a test set with a trained model and score it: BLEU, chrF and TER with 95 % intervals."""

    run: tyro.conf.Positional[Annotated[Path, tyro.conf.arg(metavar="RUN")]]
    """Run folder, translator.zip or .keras file."""
    imports: Imports = ()
    source: Path | None = None
    """Text to translate, plain or packed, or a .tsv with both sides. By default each test set of the run."""
    target: Path | None = None
    """Its reference translations, line by line."""
    n_best: tyro.conf.Suppress[int] = 1
    """Hidden: only the best translation is scored."""
    precision: Literal["float32", "int8", "bfloat16", "auto"] = "float32"
    """Type of the matrix products, as in `seq2seq translate`."""
    tokenize: str = AUTO
    """BLEU's own tokenizer, as in `seq2seq score`."""
    lowercase: bool = False
    """Ignore the case of letters when scoring."""
    output: Path | None = None
    """File for the translations, one a line."""
    json: bool = False
    """Print one JSON object for each test set."""
    same_file: bool = False
    """Allow source and target to be the same file, for a model that learnt to copy."""
    max_line_bytes: int = MAX_LINE_BYTES
    """Longer lines are cut there, with a warning."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_ranges(self, {"max_line_bytes": LINE_BYTES})


def main(argv: Sequence[str] | None = None) -> int:
    """Translate, score, print."""
    options = parse(Options, argv=argv, prog="seq2seq evaluate")
    bleu_metric(options.tokenize)  # refuses one that cannot be loaded
    model = model_file(options.run)
    how = {"same_file": options.same_file, "max_line_bytes": options.max_line_bytes}
    tests = _test_files(options)
    corpora = {files: ParallelCorpus.open(*files, **how) for files in tests}
    for files, fingerprint in tests.items():
        if fingerprint not in (None, corpora[files].fingerprint):
            names = " and ".join(one_line(path) for path in files)
            logger.warning(f"{names} changed since the run was tested on this text")
    _check_output(options, model, corpora)

    # The model is loaded only now, after all arguments and files were checked.
    from seq2seq.translator import Translator

    register(*options.imports)
    translator = Translator.load(options.run, precision=options.precision)
    for (source, *target), corpus in corpora.items():
        _evaluate(translator, corpus, source, *target, options=options)
    return 0


def _evaluate(
    translator: "Translator", corpus: ParallelCorpus, source: Path, target: Path | None = None, *, options: Options
) -> None:
    """Translates one test set, scores it and prints the scores."""
    search = {field.name: getattr(options, field.name) for field in fields(SearchOptions)}
    started = time.perf_counter()
    hypotheses = translator.translate(list(corpus.source), **search)
    seconds = time.perf_counter() - started

    if options.output is not None:
        with written_beside(options.output) as path:
            path.write_text("".join(f"{line}\n" for line in hypotheses), encoding="utf-8", newline="\n")
    warn_of_no_4_grams(options.tokenize, [list(corpus.target)], {"the translations": hypotheses})
    scores = measure(
        hypotheses,
        list(corpus.target),
        tokenize=options.tokenize,
        lowercase=options.lowercase,
        confidence=True,
    )
    if options.json:
        result = {
            "run": str(options.run),
            "source": str(source),
            "target": str(target) if target else None,
            "sentences": len(hypotheses),
            "seconds": round(seconds, 3),
            "search": search,
            "precision": translator.precision,
            "scores": [asdict(score) for score in scores],
        }
        print(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        print(f"{len(hypotheses)} sentences of {source}, beam {options.beam_size}, {seconds:.1f} s")
        print(*scores, sep="\n")


def _check_output(options: Options, model: Path, corpora: Mapping[tuple[Path, ...], ParallelCorpus]) -> None:
    """Refuses one file for the translations of several texts, and a file that would replace what is read."""
    if options.output is not None and len(corpora) > 1:
        raise ValueError(
            f"--output is one file, but {options.run} was tested on {len(corpora)} texts. Name one by --source."
        )
    inputs = {f"the text {path}": path for files in corpora for path in files}
    check_output("--output", options.output, {**inputs, "the model": model})


def _test_files(options: Options) -> dict[tuple[Path, ...], str | None]:
    """The given test set, or all that the run was tested on.

    Returns:
        Source and target, or one .tsv -> fingerprint that the run recorded, if any.

    Raises:
        FileNotFoundError: a file that the run names is no longer there.
        ValueError: a target without a source was given, or the run names no test files.
    """
    if options.source is not None:
        return {(options.source, options.target) if options.target else (options.source,): None}
    if options.target is not None:
        raise ValueError(f"--target {options.target} has no --source: give the text to translate too.")
    record = options.run / "run.json"
    try:
        recorded, data = (read_object(record, field) if record.is_file() else {} for field in ("tests", "data"))
        named = {name: tuple(options.run / path for path in paths) for name, paths in recorded.items() if paths}
        if any(len(paths) > 2 for paths in named.values()):
            raise ValueError("a test set has more than two files")
        tests = {paths: data.get(name) for name, paths in named.items()}
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{record} is damaged ({type(error).__name__}: {error}). Restore it, or give --source and --target."
        ) from error
    if not tests:
        where = record if record.is_file() else options.run
        raise ValueError(f"{where} names no test files. Give --source and --target.")
    for path in [path for paths in tests for path in paths if not path.exists()]:
        raise FileNotFoundError(
            f"{one_line(path)}, which {record} names, is no longer there. Give --source and --target."
        )
    return tests
