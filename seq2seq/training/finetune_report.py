"""What fine-tuning changed: scores of the parent before the first update, and of the best weights at the end."""

import dataclasses
import json
import logging
from collections.abc import Collection, Mapping
from typing import Any

from seq2seq.model import Seq2Seq
from seq2seq.tasks.scoring import TestScore, split_lines, write_lines
from seq2seq.tasks.translation import Translation
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.files import has_sha256, write_text
from seq2seq.text.scores import Score, bleu_and_chrf, compare_systems
from seq2seq.training.options import FinetuneOptions
from seq2seq.training.run_folder import RunFolder
from seq2seq.translator import Translator
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

__all__ = ["FinetuneTask", "Scores", "report_changes", "scores_before"]

logger = logging.getLogger("seq2seq")

REPORT = "finetune.json"  # in the run folder: parent, vocabularies, BLEU and chrF before and after, significance

Scores = dict[str, Score]


class FinetuneTask(Translation):
    """Translation by a given model, with a report in the run folder. Its vocabularies are those of the model."""

    layout = Translation.layout._replace(kept=(REPORT, "*.before.txt"))


def scores_before(
    run: RunFolder, options: FinetuneOptions, model: Seq2Seq, tests: Mapping[str, ParallelCorpus]
) -> dict[str, Scores]:
    """Scores of the parent on each test set, which it translates when the run begins.

    The parent may have changed in the meantime; the run goes on with weights of its own.

    Raises:
        ValueError: its vocabularies have changed.
    """
    vocabularies = [tokenizer.fingerprint for tokenizer in (model.source_tokenizer, model.target_tokenizer)]
    return (
        _stored(run, options, vocabularies, tests) if run.has_begun else _made(run, options, model, vocabularies, tests)
    )


def _stored(
    run: RunFolder, options: FinetuneOptions, vocabularies: list[str], tests: Mapping[str, ParallelCorpus]
) -> dict[str, Scores]:
    """Scores of the translations that an earlier start stored."""
    report = _read(run, tests)
    if report["vocabularies"] != vocabularies:
        raise ValueError(
            f"{options.parent} has other vocabularies than the model from which {run.path} began. "
            "Give that model, or a new --run-dir."
        )
    before = {}
    for name, corpus in tests.items():  # restored now, before the next checkpoint stores a damaged file
        is_right = has_sha256(report["tests"][name]["sha256"])
        hypotheses = split_lines(run.intact(_hypotheses_before(name), is_right))
        before[name] = _scores(options, hypotheses, corpus)
    return before


def _made(
    run: RunFolder,
    options: FinetuneOptions,
    model: Seq2Seq,
    vocabularies: list[str],
    tests: Mapping[str, ParallelCorpus],
) -> dict[str, Scores]:
    """Scores of translations made now, and stored."""
    translator = Translator(TensorFlowEngine(model))
    before, rows = {}, {}
    for name, corpus in tests.items():
        logger.info(f"translating {name} before fine-tuning: {len(corpus):,} lines, beam {options.test.beam_size}")
        hypotheses = translator.translate(list(corpus.source), beam_size=options.test.beam_size)
        before[name] = _scores(options, hypotheses, corpus)
        sha256 = write_lines(run.path / _hypotheses_before(name), hypotheses)
        rows[name] = {"before": _as_json(before[name]), "sha256": sha256}
        for score in before[name].values():
            logger.info(f"{name} before fine-tuning: {score}")
    _write(run, {"parent": str(options.parent), "vocabularies": vocabularies, "tests": rows})
    return before


def report_changes(
    run: RunFolder,
    options: FinetuneOptions,
    results: Mapping[str, TestScore],
    before: Mapping[str, Mapping[str, Score]],
) -> None:
    """Prints BLEU and chrF before and after, with the significance of the difference, and completes finetune.json."""
    report = _read(run, before)
    for name, scores in before.items():
        test = results[name]
        after = {"bleu": test.bleu, "chrf": test.chrf}
        old = split_lines((run.path / _hypotheses_before(name)).read_bytes())
        changes = compare_systems(
            test.references,
            {"before": old, "after": test.hypotheses},
            metrics=["BLEU", "chrF"],
            tokenize=options.validation.bleu_tokenizer,
        )
        for (metric, score), change in zip(scores.items(), changes, strict=True):
            now = f"{after[metric].value:.2f} after ({change.difference:+.2f}, {change.verdict})"
            print(f"{name}: {score.name} {score.value:.2f} before, {now}")
        p_values = {metric: change.p_value for metric, change in zip(scores, changes, strict=True)}
        report["tests"][name] |= {"before": _as_json(scores), "after": _as_json(after), "p_value": p_values}
    if not before:
        print("no BLEU before and after, for no test set was given; next time: --test.source F --test.target F")
    _write(run, report)


def _as_json(scores: Mapping[str, Score]) -> dict[str, dict]:
    return {metric: dataclasses.asdict(score) for metric, score in scores.items()}


def _hypotheses_before(name: str) -> str:
    return f"{name}.before.txt"


def _scores(options: FinetuneOptions, hypotheses: list[str], corpus: ParallelCorpus) -> Scores:
    return bleu_and_chrf(hypotheses, list(corpus.target), tokenize=options.validation.bleu_tokenizer)


def _read(run: RunFolder, tests: Collection[str]) -> dict[str, Any]:
    """Reads finetune.json, which has a row for each test set; a damaged file is restored."""

    def is_report(contents: bytes) -> bool:
        try:
            report = json.loads(contents)
            rows = {name for name, row in report["tests"].items() if isinstance(row["sha256"], str)}
            return {"parent", "vocabularies"} <= set(report) and rows == set(tests)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False

    return json.loads(run.intact(REPORT, is_report))


def _write(run: RunFolder, report: dict[str, Any]) -> None:
    write_text(run.path / REPORT, json.dumps(report, indent=2, ensure_ascii=False) + "\n")
