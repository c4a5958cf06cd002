"""Fine-tuning: continues a finished model on another corpus, in a run folder of its own.

TensorFlow is loaded inside the functions that need it, after options and files have proved right.
"""

from __future__ import annotations

import dataclasses
import itertools
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seq2seq.registry import register
from seq2seq.startup import set_threads
from seq2seq.tasks.corpora import Corpora, choose_corpora, hold_out, mixed, open_corpora, open_corpus, open_tests
from seq2seq.text.bleu_tokenizers import bleu_metric
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.training.options import FinetuneOptions, MixOptions

if TYPE_CHECKING:
    from seq2seq.model import Seq2Seq
    from seq2seq.training.finetune_report import Scores
    from seq2seq.training.run import FinishedRun

__all__ = ["FinetunedRun", "finetune"]

logger = logging.getLogger("seq2seq")

Weighted = Sequence[tuple[ParallelCorpus, float]]


@dataclasses.dataclass(frozen=True)
class FinetunedRun:
    """The outcome of fine-tuning: that of the training, and the scores of each test set before it.

    Attributes:
        finished: FinishedRun.
        before: name -> {"bleu": Score, "chrf": Score}.
    """

    finished: FinishedRun
    before: dict[str, Scores]


def finetune(options: FinetuneOptions) -> FinetunedRun:
    """Fine-tunes `options.parent` in `options.run_dir`, or continues the fine-tuning found there.

    Pairs longer than the parent's own limit are left out, whatever `options.data.max_length` is.

    Returns:
        The outcome, also printed and written to finetune.json in the run folder.

    Raises:
        FileNotFoundError: a file is missing, or there is no finished model at `options.parent`.
        ValueError: no training text, an option that does not suit the parent, or a corpus or folder that is not as it
            should be.
    """
    _check_folders(options)
    bleu_metric(options.validation.bleu_tokenizer)  # refuses one that cannot be loaded
    own = _corpora(options)
    others = _others(options)

    set_threads(options.threads)  # starts TensorFlow
    from seq2seq.model.extension import raise_new_biases
    from seq2seq.model.finetuning import freeze
    from seq2seq.training.finetune_report import FinetuneTask, report_changes, scores_before
    from seq2seq.training.run import begin, open_run, train_task

    parent = _parent(options)
    model = _extended(parent, own.train, options.extend_vocab) if options.extend_vocab else parent
    options = dataclasses.replace(options, parent=options.parent.resolve())
    with open_run(options, FinetuneTask.layout) as opened:
        corpora = mixed(own, others)
        task = FinetuneTask(options, seed=options.seed, corpora=corpora, model=model, accumulate=options.accumulate)
        precision = begin(opened.folder, options, task)
        if not opened.folder.has_begun:
            _describe_corpora(own.train, others)
            _describe_new_pieces(parent, model)
            _check_corpora(options, model, own, others)
        before = scores_before(opened.folder, options, model, corpora.tests)
        if options.extend_vocab:
            raise_new_biases(model, parent.target_tokenizer.vocab_size)
        freeze(model, options.freeze)
        finished = train_task(opened, options, task, precision, validate_first=True, map_l2=options.map_l2)
        report_changes(opened.folder, options, finished.results, before)
    return FinetunedRun(finished, before)


def _parent(options: FinetuneOptions) -> Seq2Seq:
    """The finished model.

    Raises:
        ValueError: the options want subword sampling, which its vocabularies do not allow.
    """
    from seq2seq.model import load_model
    from seq2seq.translator.opening import model_file

    register(*options.imports)
    model = load_model(model_file(options.parent), "translator")
    if model.num_features:
        raise ValueError(f"{options.parent} describes vectors; seq2seq finetune reads text. Train it again instead.")
    for tokenizer in (model.source_tokenizer, model.target_tokenizer):
        options.check_subword_sampling(tokenizer.kind)
    return model


def _describe_corpora(own: ParallelCorpus, others: Weighted) -> None:
    for corpus, weight in others:
        logger.info(
            f"an epoch takes the {len(own):,} pairs of {own.name}, and {weight * len(corpus):,.0f} of the "
            f"{len(corpus):,} pairs of {corpus.name}"
        )


def _describe_new_pieces(parent: Seq2Seq, model: Seq2Seq) -> None:
    """Logs the first new pieces of each vocabulary that has some."""
    old, new = (_vocabularies(one) for one in (parent, model))
    for name in old:
        pieces = new[name].pieces(range(old[name].vocab_size, new[name].vocab_size))
        if pieces:
            shown = " ".join(pieces[:10]) + (" ..." if len(pieces) > 10 else "")
            logger.info(f"{len(pieces):,} new pieces in the {name} vocabulary: {shown}")


def _vocabularies(model: Seq2Seq) -> dict[str, Tokenizer]:
    source, target = model.source_tokenizer, model.target_tokenizer
    return {"joint": source} if source is target else {"source": source, "target": target}


def _check_corpora(options: FinetuneOptions, model: Seq2Seq, own: Corpora, others: Weighted) -> None:
    """Warns of texts that look wrong to the parent. It can judge texts with new pieces only after training."""
    from seq2seq.tasks.corpus_checks import corpus_warnings

    texts = [corpus for corpus, _ in others]
    if not options.extend_vocab:
        given = [own.valid] if options.valid.source else []  # else pairs of own.train
        texts = [own.train, *texts, *given, *own.tests.values()]
    for warning in corpus_warnings(model, texts, seed=options.seed, copies=options.data.same_file):
        logger.warning(warning)


def _check_folders(options: FinetuneOptions) -> None:
    """Refuses a run folder inside the folder of the parent, where nothing may be written."""
    parent, run_dir = options.parent.resolve(), options.run_dir.resolve()
    if (parent.parent / "run.json").exists():  # RUN/translator.keras
        parent = parent.parent
    if run_dir.is_relative_to(parent) or run_dir == parent.parent and parent.is_file():
        raise ValueError(
            f"--run-dir {options.run_dir} lies in the folder of the parent, which fine-tuning leaves as it is. "
            "Give a new folder elsewhere."
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
    if options.train.source is None:
        raise ValueError("there is nothing to fine-tune on: give --train.source and --train.target.")
    if options.valid.source is not None or options.valid.target is not None:
        return choose_corpora(options, None, cache_dir=None)
    own = open_corpus("train", options.train, options.data, cache_dir=None)
    return Corpora(**hold_out(own, options.seed), tests=open_tests(options.test, options.data, cache_dir=None))


def _others(options: FinetuneOptions) -> Weighted:
    """The corpora of `options.mix`, each with its weight.

    Raises:
        ValueError: the numbers of sources, targets and weights do not agree.
    """
    mix: MixOptions = options.mix
    corpora = open_corpora("mix", mix.source, mix.target, options.data, cache_dir=None)
    weights = mix.weight * len(corpora) if len(mix.weight) == 1 else mix.weight
    if len(weights) != len(corpora):
        raise ValueError(f"--mix.weight has {len(weights)} numbers for {len(corpora)} corpora; give one, or one each.")
    return list(zip(corpora, weights, strict=True))
