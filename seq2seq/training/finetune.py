"""Fine-tuning: a finished model goes on learning from another corpus, in a run folder of its own.

TensorFlow is loaded inside the functions that need it, after options and files have proved right.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import logging
import random
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seq2seq.startup import set_threads
from seq2seq.text.bleu_tokenizers import bleu_metric
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.evaluation import Score, bleu_and_chrf, compare_systems
from seq2seq.text.tokenizer import SAMPLED_KINDS, Tokenizer
from seq2seq.training.checkpoints import mended
from seq2seq.training.corpora import Corpora, choose_corpora, mixed, open_corpus, open_others, open_tests
from seq2seq.training.options import FinetuneOptions
from seq2seq.training.run_folder import RunFolder, has_sha256, write_text
from seq2seq.training.scoring import split_lines, write_lines

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq
    from seq2seq.training.recipe import TrainedRun

__all__ = ["FinetunedRun", "finetune"]

logger = logging.getLogger("seq2seq")

HELD_OUT = 0.1  # share of the training pairs that become the validation set if none is given
MOST_HELD_OUT = 500  # pairs
REPORT = "finetune.json"  # in the run folder: parent, vocabularies, BLEU and chrF before and after, significance


@dataclasses.dataclass(frozen=True)
class FinetunedRun:
    """The outcome of fine-tuning: that of the training, and the scores of each test set before it.

    Attributes:
        trained: TrainedRun.
        before: name -> {"bleu": Score, "chrf": Score}.
    """

    trained: TrainedRun
    before: dict[str, dict[str, Score]]


def finetune(options: FinetuneOptions) -> FinetunedRun:
    """Fine-tune `options.parent` in `options.run_dir`, or go on with the fine-tuning found there.

    Pairs longer than the parent's own limit are left out, whatever `options.max_length` is.

    Returns:
        The outcome, also printed and written to finetune.json in the run folder.

    Raises:
        FileNotFoundError: a file is missing, or there is no finished model at `options.parent`.
        ValueError: no training text, an option that does not suit the parent, or a corpus or folder that is not
            as it should be.
    """
    _check_options(options)
    own = _corpora(options)
    others = open_others(options, cache_dir=None)
    corpora = mixed(own, others)

    set_threads(options.threads)  # starts TensorFlow
    from seq2seq.model import load_model
    from seq2seq.model.extension import raise_new_biases
    from seq2seq.model.finetuning import freeze
    from seq2seq.training import train
    from seq2seq.translator.opening import translator_file

    model = load_model(translator_file(options.parent))
    _check_subword_sampling(options, model)
    old = model.source_tokenizer, model.target_tokenizer
    if options.extend_vocab:
        model = _extended(model, own.train, options.extend_vocab)
    options = dataclasses.replace(
        options, parent=options.parent.resolve(), max_length=min(options.max_length, model.max_source_length)
    )
    before = {}

    def parent_model(*_: Any) -> Seq2Seq:
        """Called once, when the run folder is open: checks and scores the parent before the first update."""
        if not RunFolder(options.run_dir).has_begun:
            _say_what_is_mixed(own.train, others)
            _say_what_is_new(old, (model.source_tokenizer, model.target_tokenizer))
            _warn_of_doubts(options, model, own, others)
        before.update(_scores_before(options, model, corpora.tests))
        if options.extend_vocab:
            raise_new_biases(model, old[1].vocab_size)
        freeze(model, options.freeze)
        return model

    trained = train(
        options,
        parent_model,
        corpora=corpora,
        tokenizers=(model.source_tokenizer, model.target_tokenizer),
        compile_options={"pull": options.pull, "risk": options.minimum_risk},
        validate_first=True,
    )
    _report(options, trained, before)
    return FinetunedRun(trained, before)


def _say_what_is_mixed(own: ParallelCorpus, others: Sequence[tuple[ParallelCorpus, float]]) -> None:
    for corpus, weight in others:
        logger.info(
            f"an epoch takes the {len(own):,} pairs of {own.name}, and beside them {weight * len(corpus):,.0f} of the "
            f"{len(corpus):,} of {corpus.name}"
        )


def _say_what_is_new(old: Sequence[Tokenizer], new: Sequence[Tokenizer]) -> None:
    """Logs the first new pieces of each vocabulary that has some."""
    vocabularies = dict(zip(("source", "target"), zip(old, new, strict=True), strict=True))
    if old[0] is old[1]:
        vocabularies = {"joint": vocabularies["source"]}
    for name, (before, after) in vocabularies.items():
        pieces = after.pieces(range(before.vocab_size, after.vocab_size))
        if pieces:
            shown = " ".join(pieces[:10]) + (" ..." if len(pieces) > 10 else "")
            logger.info(f"{len(pieces):,} new pieces in the {name} vocabulary: {shown}")


def _warn_of_doubts(
    options: FinetuneOptions, model: Seq2Seq, own: Corpora, others: Sequence[tuple[ParallelCorpus, float]]
) -> None:
    """Warns of texts that look wrong to the parent. It can judge texts with new pieces only after training."""
    from seq2seq.training.doubts import doubts

    texts = [corpus for corpus, _ in others]
    if not options.extend_vocab:
        given = [own.valid] if options.valid_source else []  # else pairs of own.train
        texts = [own.train, *texts, *given, *own.tests.values()]
    for doubt in doubts(model, texts, seed=options.seed, copies=options.same_file):
        logger.warning(doubt)


def _check_options(options: FinetuneOptions) -> None:
    """Refuses what can be refused before a text is read."""
    _check_folders(options)
    if options.extend_vocab and {"output", "decoder"} & set(options.freeze):
        raise ValueError(
            f"--freeze {' '.join(options.freeze)} would keep the new pieces of --extend-vocab from ever being said. "
            "Freeze other parts, or leave one of both out."
        )
    bleu_metric(options.bleu_tokenizer)  # refuses one that cannot be loaded


def _check_folders(options: FinetuneOptions) -> None:
    """Nothing may be written in the folder of the parent or below it."""
    parent, run_dir = options.parent.resolve(), options.run_dir.resolve()
    if (parent.parent / "run.json").exists():  # RUN/translator.keras
        parent = parent.parent
    if run_dir.is_relative_to(parent) or run_dir == parent.parent and parent.is_file():
        raise ValueError(
            f"--run-dir {options.run_dir} lies in the folder of the parent, which fine-tuning leaves as it is. "
            "Give a new folder elsewhere."
        )


def _check_subword_sampling(options: FinetuneOptions, model: Seq2Seq) -> None:
    for tokenizer in (model.source_tokenizer, model.target_tokenizer):
        if options.subword_sampling and tokenizer.kind not in SAMPLED_KINDS:
            raise ValueError(
                f"--subword-sampling needs a unigram or bpe vocabulary; {options.parent} has {tokenizer.kind} pieces, "
                "which cannot be sampled. Leave the option out."
            )


def _extended(model: Seq2Seq, corpus: ParallelCorpus, count: int) -> Seq2Seq:
    """The model with new pieces for unknown characters of the corpus, on each side that has some."""
    from seq2seq.model.extension import extended_model

    source, target = model.source_tokenizer, model.target_tokenizer
    if source is target:
        source = target = source.extended(itertools.chain(corpus.source, corpus.target), count)
    else:
        source, target = source.extended(corpus.source, count), target.extended(corpus.target, count)
    added = source.vocab_size - model.source_tokenizer.vocab_size, target.vocab_size - model.target_tokenizer.vocab_size
    if added == (0, 0):
        raise ValueError(
            f"--extend-vocab: the vocabulary knows every character of {corpus.name}. Leave the option out."
        )
    return extended_model(model, source, target)


def _corpora(options: FinetuneOptions) -> Corpora:
    """The user's corpora. Without a validation set, pairs are held out of the training pairs."""
    if options.train_source is None:
        raise ValueError("there is nothing to fine-tune on: give --train-source and --train-target.")
    if options.valid_source is not None or options.valid_target is not None:
        return choose_corpora(options, None, cache_dir=None)
    own = open_corpus("train", options.train_source, options.train_target, options, cache_dir=None)
    train, valid = _hold_out(own, options.seed)
    return Corpora(train, valid, open_tests(options, cache_dir=None))


def _hold_out(corpus: ParallelCorpus, seed: int) -> tuple[ParallelCorpus, ParallelCorpus]:
    """Divides a corpus by seed into training and validation pairs; no pair is in both."""
    pairs = [corpus[line] for line in range(len(corpus))]
    count = min(MOST_HELD_OUT, int(HELD_OUT * len(pairs)))
    held_out = set(random.Random(seed).sample(pairs, count))  # a pair that occurs twice is held out with its copies
    if not 0 < len(held_out) < len(set(pairs)):
        raise ValueError(
            f"{corpus.name} has {len(set(pairs))} different pairs, too few to hold some out for validation. "
            "Give --valid-source and --valid-target."
        )

    def part(name: str, is_held_out: bool) -> ParallelCorpus:
        sources, targets = zip(*(pair for pair in pairs if (pair in held_out) == is_held_out), strict=True)
        return ParallelCorpus.from_lines(sources, targets, name=f"{corpus.name} ({name})")

    return part("to learn from", False), part("held out", True)


def _scores_before(
    options: FinetuneOptions, model: Seq2Seq, tests: Mapping[str, ParallelCorpus]
) -> dict[str, dict[str, Score]]:
    """Scores of the parent on each test set, which it translates when the run begins.

    The parent may have changed in the meantime; the run goes on with weights of its own.

    Raises:
        ValueError: its vocabularies have changed.
    """
    from seq2seq.translator import Translator
    from seq2seq.translator.tensorflow_engine import TensorFlowEngine

    run = RunFolder(options.run_dir)
    vocabularies = [tokenizer.fingerprint for tokenizer in (model.source_tokenizer, model.target_tokenizer)]
    if run.has_begun:
        report = _read(run, tests)
        if report["vocabularies"] != vocabularies:
            raise ValueError(
                f"{options.parent} has other vocabularies than the model from which {run.path} began. "
                "Give that model, or a new --run-dir."
            )
        before = {}
        for name, corpus in tests.items():  # restored now, before the next checkpoint stores a damaged file
            is_right = has_sha256(report["tests"][name]["sha256"])
            hypotheses = split_lines(mended(_hypotheses_before(run.path, name), is_right, run.checkpoints))
            before[name] = bleu_and_chrf(hypotheses, list(corpus.target), tokenize=options.bleu_tokenizer)
        return before

    translator = Translator(TensorFlowEngine(model))
    before, rows = {}, {}
    for name, corpus in tests.items():
        logger.info(f"translating {name} before fine-tuning: {len(corpus):,} lines, beam {options.test_beam_size}")
        hypotheses = translator.translate(list(corpus.source), beam_size=options.test_beam_size)
        before[name] = bleu_and_chrf(hypotheses, list(corpus.target), tokenize=options.bleu_tokenizer)
        sha256 = write_lines(_hypotheses_before(run.path, name), hypotheses)
        rows[name] = {"before": _as_json(before[name]), "sha256": sha256}
        for score in before[name].values():
            logger.info(f"{name} before fine-tuning: {score}")
    _write(run, {"parent": str(options.parent), "vocabularies": vocabularies, "tests": rows})
    return before


def _report(options: FinetuneOptions, trained: TrainedRun, before: Mapping[str, Mapping[str, Score]]) -> None:
    """Print BLEU and chrF before and after, with the significance of the difference, and complete finetune.json."""
    run = RunFolder(trained.path)
    report = _read(run, before)
    for name, scores in before.items():
        test = trained.tests[name]
        after = {"bleu": test.bleu, "chrf": test.chrf}
        old = split_lines(_hypotheses_before(run.path, name).read_bytes())
        changes = compare_systems(
            test.references,
            {"before": old, "after": test.hypotheses},
            metrics=["BLEU", "chrF"],
            tokenize=options.bleu_tokenizer,
        )
        for (metric, score), change in zip(scores.items(), changes, strict=True):
            now = f"{after[metric].value:.2f} after ({change.difference:+.2f}, {change.verdict})"
            print(f"{name}: {score.name} {score.value:.2f} before, {now}")
        p_values = {metric: change.p_value for metric, change in zip(scores, changes, strict=True)}
        report["tests"][name] |= {"before": _as_json(scores), "after": _as_json(after), "p_value": p_values}
    if not before:
        print("no BLEU before and after, for no test set was given; next time: --test-source F --test-target F")
    _write(run, report)


def _as_json(scores: Mapping[str, Score]) -> dict[str, dict]:
    return {metric: dataclasses.asdict(score) for metric, score in scores.items()}


def _hypotheses_before(folder: Path, name: str) -> Path:
    return folder / f"{name}.before.txt"


def _read(run: RunFolder, tests: Collection[str]) -> dict[str, Any]:
    """Reads finetune.json, which has a row for each test set; a damaged file is restored."""

    def is_report(contents: bytes) -> bool:
        try:
            report = json.loads(contents)
            rows = {name for name, row in report["tests"].items() if isinstance(row["sha256"], str)}
            return {"parent", "vocabularies"} <= set(report) and rows == set(tests)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return False

    return json.loads(mended(run.path / REPORT, is_report, run.checkpoints))


def _write(run: RunFolder, report: dict[str, Any]) -> None:
    write_text(run.path / REPORT, json.dumps(report, indent=2, ensure_ascii=False) + "\n")
