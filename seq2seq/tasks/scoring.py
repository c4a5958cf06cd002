"""Test sets: translated once, with the best weights; hypotheses and scores are kept."""

import dataclasses
import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seq2seq.search import SearchOptions
from seq2seq.tasks.corpora import Corpora
from seq2seq.tasks.task import Folder
from seq2seq.text.bleu_tokenizers import AUTO
from seq2seq.text.files import write_text
from seq2seq.text.scores import Score, bleu_and_chrf
from seq2seq.translator import Translator
from seq2seq.translator.archive import ExportError, write_archive
from seq2seq.translator.opening import exported, zip_file

__all__ = ["SCORES", "TestScore", "score_tests", "split_lines", "write_lines"]

logger = logging.getLogger("seq2seq")

SCORES = "scores.json"


@dataclasses.dataclass(frozen=True)
class TestScore:
    """A test set, its translation by the best weights, and the scores of the translation."""

    __test__ = False  # pytest would take the name for a test case

    bleu: Score
    chrf: Score
    sources: list[str]
    references: list[str]
    hypotheses: list[str]


def score_tests(
    run: Folder, corpora: Corpora, *, best_update: int, beam_size: int, bleu_tokenizer: str = AUTO
) -> dict[str, TestScore]:
    """Translates and scores each test set with the run folder's translator: the one that `translate` uses, in float32.

    Hypotheses go to NAME.hyp.txt, scores with their signatures to scores.json. A test set that was translated by
    the same weights before is not translated again. The scores also go to translator.zip, which is exported first if it
    is missing.

    Args:
        run: the run folder.
        corpora: the texts of the run, with its test sets.
        best_update: update of the translator's weights.
        beam_size: int.
        bleu_tokenizer: sacreBLEU's tokenizer for BLEU, or "auto".

    Returns:
        name -> TestScore.
    """
    stored = _read_scores(run)
    results, translator = {}, None
    for name, corpus in corpora.tests.items():
        made_by = {"update": best_update, "beam_size": beam_size, "corpus": corpus.fingerprint}
        made_by |= {"bleu_tokenizer": bleu_tokenizer}
        path = run.path / f"{name}.hyp.txt"
        sources, references = list(corpus.source), list(corpus.target)
        known = stored.get(name, {})
        hypotheses = _kept_lines(path, known.get("made_by"), made_by)
        if hypotheses is None:
            logger.info(f"translating {name}: {len(sources):,} lines, beam {beam_size}")
            translator = translator or Translator.load(run.path)
            hypotheses = translator.translate(sources, beam_size=beam_size)
            known = {"made_by": {**made_by, "sha256": write_lines(path, hypotheses)}}
        scores = bleu_and_chrf(hypotheses, references, tokenize=bleu_tokenizer)  # much faster than the translation
        row = {"made_by": known["made_by"], **{key: dataclasses.asdict(score) for key, score in scores.items()}}
        if row != known:
            if "bleu" in known:
                logger.warning(f"{_scores_file(run)} does not hold the scores of {path}; they are computed again")
            stored[name] = row
            write_text(_scores_file(run), json.dumps(stored, indent=2, ensure_ascii=False) + "\n")
        for score in scores.values():
            logger.info(f"{name}: {score}")
        results[name] = TestScore(**scores, sources=sources, references=references, hypotheses=hypotheses)
    _complete_archive(run, stored, beam_size, corpora.languages)
    return results


def _kept_lines(path: Path, known: Any, made_by: Mapping[str, Any]) -> list[str] | None:
    """The translation that an earlier start made in the same way; None if there is none, or its file was changed."""
    text = path.read_bytes() if path.exists() else b""
    if known != {**made_by, "sha256": hashlib.sha256(text).hexdigest()}:
        return None
    return split_lines(text)


def split_lines(text: bytes) -> list[str]:
    """The lines of a translation that `write_lines` wrote."""
    return text.decode("utf-8").removesuffix("\n").split("\n")


def write_lines(path: Path, lines: Sequence[str]) -> str:
    """Writes a translation, one line for each line; returns the sha256 of the file."""
    text = "".join(f"{line}\n" for line in lines)
    write_text(path, text)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _complete_archive(
    run: Folder, scores: Mapping[str, Any], beam_size: int, languages: tuple[str, str] | None
) -> None:
    """Adds search options and scores of the tests to translator.zip."""
    try:
        archive = exported(run.path, "float32")  # exports the best weights unless that is done
    except ExportError as error:
        logger.warning(f"there is no translator.zip: {error}")
        return
    test_scores = {name: {key: row[key] for key in ("bleu", "chrf")} for name, row in scores.items()}
    complete = dataclasses.replace(
        archive, search=SearchOptions(beam_size=beam_size), languages=languages, scores=test_scores
    )
    if complete != archive:
        write_archive(complete, zip_file(run.path, complete.kind))


def _scores_file(run: Folder) -> Path:
    return run.path / SCORES


def _read_scores(run: Folder) -> dict[str, Any]:
    """What scores.json holds; empty if it is damaged, so that the tests are scored again."""
    if not _scores_file(run).exists():
        return {}
    try:
        stored = json.loads(_scores_file(run).read_text(encoding="utf-8"))
        return {name: dict(row) for name, row in stored.items() if {"made_by", "bleu", "chrf"} <= set(row)}
    except (ValueError, AttributeError, TypeError, RecursionError):
        logger.warning(f"{_scores_file(run)} is damaged; the test sets are scored again")
        return {}
