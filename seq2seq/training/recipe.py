"""A whole training run: text -> tokenizers -> model -> training -> test scores -> pictures."""

import dataclasses
import functools
import itertools
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from rich.console import Console

from seq2seq.layers.precision import decide
from seq2seq.model import Adam
from seq2seq.startup import claim_tensorflow, set_threads
from seq2seq.text.batches import BatchPlan
from seq2seq.text.bleu_tokenizers import bleu_metric, no_4_grams_warning, tokenizer_for
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.encoding import EncodedCorpus, encode_corpus
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.training.checkpoints import mended
from seq2seq.training.corpora import Corpora, choose_corpora
from seq2seq.training.options import Config, RunOptions, TrainingOptions
from seq2seq.training.pipeline import SubwordSampler, training_dataset
from seq2seq.training.progress import ProgressLine, log_to
from seq2seq.training.run_folder import RunFolder, has_sha256
from seq2seq.training.schedules import competence, gold_probability, in_words
from seq2seq.training.scoring import TestScore, score_tests
from seq2seq.training.trainer import Trainer
from seq2seq.training.validation import Validation
from seq2seq.translator import Translator
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

__all__ = ["TrainedRun", "train"]

logger = logging.getLogger("seq2seq")

BuildModel = Callable[[Config, Tokenizer, Tokenizer], Any]
OwnCorpora = Callable[[Config], Corpora] | Corpora | None


@dataclasses.dataclass(frozen=True)
class TrainedRun:
    """The outcome of a run.

    Attributes:
        path: the run folder; `Translator.load(path)` has the best weights.
        update: updates made in all.
        best_update: the update whose weights were the best in validation.
        reason: why training ended.
        tests: name -> TestScore.
    """

    path: Path
    update: int
    best_update: int
    reason: str
    tests: dict[str, TestScore]


def train(
    config: Config,
    build_model: BuildModel,
    *,
    corpora: OwnCorpora = None,
    tokenizers: tuple[Tokenizer, Tokenizer] | None = None,
    compile_options: Mapping[str, Any] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    validate_first: bool = False,
) -> TrainedRun:
    """Train in `config.run_dir`, or go on with the training found there, then score the test sets.

    Args:
        config: options of the run.
        build_model: `build_model(config, source_tokenizer, target_tokenizer)` -> `Seq2Seq`.
        corpora: the corpora of the run; or a function of `config` that opens default corpora. Files named in `config`
            override those.
        tokenizers: of source and target, when they are not to be learnt from the training text.
        compile_options: arguments of `Seq2Seq.compile` that have no option in `config`.
        callbacks: Keras callbacks, as observers of the loop.
        validate_first: validate the model before training, and keep its weights if none are better.

    Returns:
        The outcome. After SIGINT, SIGTERM or SIGHUP, SystemExit is raised once a checkpoint is saved.

    Raises:
        ValueError: corpora or run folder are not as they should be; the message says what to do.

    Example:
        >>> def build_model(config, source, target):
        ...     decoder = ConditionalDecoder(target.vocab_size, 256, GRU(512), AdditiveAttention(512))
        ...     encoder = Encoder(source.vocab_size, 256, GRU(512))
        ...     return Seq2Seq(encoder, decoder, source_tokenizer=source, target_tokenizer=target)
        >>> files = {"train_source": "train.en", "train_target": "train.de"}
        >>> files |= {"valid_source": "valid.en", "valid_target": "valid.de"}
        >>> train(TrainingOptions(run_dir="runs/mine", **files), build_model)  # doctest: +SKIP
    """
    claim_tensorflow()
    bleu_metric(config.bleu_tokenizer)  # refuses one that cannot be loaded, before anything is written
    console = Console(soft_wrap=True)
    with RunFolder.open(config.run_dir) as run, log_to(run.log, console):
        set_threads(config.threads)
        chosen = choose_corpora(config, corpora, run.cache)
        is_new = not run.has_begun
        record = run.start(config, chosen.fingerprints(), decide(config.precision), chosen.test_files())
        config = config.with_plan(record["planned_updates"])
        if is_new:
            _warn_of_shared_pairs(chosen)
            _warn_of_no_4_grams(config, chosen)
        precision = record["precision"]
        tokenizers = tokenizers or _tokenizers(run, config, chosen.train)
        encoded = [_encoded(run, config, corpus, tokenizers) for corpus in (chosen.train, chosen.valid)]
        model = _compiled_model(config, build_model, tokenizers, precision, compile_options or {})
        trainer = _trainer(run, config, chosen, encoded, model, console, callbacks, validate_first)
        for line in [*in_words(config), *([model.risk.in_words()] if model.risk else [])]:
            logger.info(line)
        reason = trainer.run()
        state = trainer.state
        loss = "" if config.stop_on == "loss" else f" with loss {state.best_loss:.4g}"
        logger.info(
            f"finished after update {state.update}: {reason}. "
            f"Best {config.stop_on} {state.best_value:.4g}{loss} after update {state.best_update}."
        )
        if config.sampling != "none" and gold_probability(config, state) == 1:
            logger.warning("it ended before sampling began; give --sampling-warmup and --sampling-decay fewer updates")
        tests = score_tests(
            run,
            chosen.tests,
            best_update=state.best_update,
            beam_size=config.test_beam_size,
            bleu_tokenizer=config.bleu_tokenizer,
        )
        _draw_curves(run)
        logger.info(f"everything is in {run.path}")
        return TrainedRun(run.path, state.update, state.best_update, reason, tests)


def _warn_of_shared_pairs(corpora: Corpora) -> None:
    for name, count in corpora.shared_pairs().items():
        logger.warning(
            f"{count:,} pairs of the {name} text stand in the training text too: its BLEU will say little of new text"
        )


def _warn_of_no_4_grams(config: RunOptions, corpora: Corpora) -> None:
    """Warns before training of a text on which BLEU is always 0: one of single words, or cut by the wrong tokenizer."""
    for name, corpus in {"valid": corpora.valid, **corpora.tests}.items():
        references = list(corpus.target)
        trouble = no_4_grams_warning(f"the {name} text", references, tokenizer_for(references, config.bleu_tokenizer))
        if trouble and corpus is corpora.valid and config.stop_on == "bleu":
            trouble += " The loss will choose the weights, as with --stop-on loss; with --stop-on chrf chrF would."
        if trouble:
            logger.warning(trouble)


def _tokenizers(run: RunFolder, config: TrainingOptions, corpus: ParallelCorpus) -> tuple[Tokenizer, Tokenizer]:
    """The run's tokenizers: learnt from the training text at the first start, then read from the folder."""
    if config.joint_vocab:
        texts = {"joint.model": (corpus.source, corpus.target)}
    else:
        texts = {"source.model": (corpus.source,), "target.model": (corpus.target,)}
    if not run.has_begun:
        tokenizers = {name: _learnt(config, name, of) for name, of in texts.items()}
        for name, tokenizer in tokenizers.items():
            tokenizer.save(run.path / name)
        run.add_to_record({"vocabularies": {name: one.fingerprint for name, one in tokenizers.items()}})
    else:
        recorded = run.record()["vocabularies"]
        tokenizers = {
            name: Tokenizer(mended(run.path / name, has_sha256(recorded.get(name)), run.checkpoints)) for name in texts
        }
    source, *target = tokenizers.values()
    return source, *(target or [source])


def _learnt(config: TrainingOptions, name: str, texts: Sequence[Sequence[str]]) -> Tokenizer:
    logger.info(f"learning a {config.tokenizer} vocabulary ({name.removesuffix('.model')})")
    return Tokenizer.train(
        itertools.chain(*texts),
        kind=config.tokenizer,
        vocab_size=config.vocab_size,
        normalization=config.normalization,
    )


def _encoded(
    run: RunFolder, config: RunOptions, corpus: ParallelCorpus, tokenizers: tuple[Tokenizer, Tokenizer]
) -> EncodedCorpus:
    encoded = encode_corpus(corpus, *tokenizers, max_length=config.max_length, cache_dir=run.cache)
    logger.info(str(encoded.report))
    return encoded


def _compiled_model(
    config: Config,
    build_model: BuildModel,
    tokenizers: tuple[Tokenizer, Tokenizer],
    precision: str,
    compile_options: Mapping[str, Any],
) -> Any:
    keras.utils.set_random_seed(config.seed)  # for the initial weights; nothing later draws from it
    model = build_model(config, *tokenizers)
    model.compile(
        Adam(config.learning_rate, average_decay=config.average_decay),
        clip=None if config.clip == "none" else config.clip,
        clip_limit=config.clip_limit,
        seed=config.seed,
        precision=precision,
        sampling=config.scheduled_sampling,
        **compile_options,
    )
    pieces = " and ".join(f"{tokenizer.vocab_size:,}" for tokenizer in tokenizers)
    frozen = sum(math.prod(weight.shape) for weight in model.non_trainable_weights)
    parameters = f"{model.count_params():,} parameters" + (f" ({frozen:,} of them frozen)" if frozen else "")
    logger.info(f"model: {parameters}, {pieces} pieces, products in {precision}")
    return model


def _curriculum(config: RunOptions, corpus: EncodedCorpus) -> tuple[np.ndarray, Callable[[int], float]] | None:
    if config.curriculum == "none":
        return None
    difficulty = corpus.source_lengths if config.curriculum == "length" else corpus.source_rarity()
    return difficulty, functools.partial(competence, config)


def _trainer(
    run: RunFolder,
    config: RunOptions,
    corpora: Corpora,
    encoded: Sequence[EncodedCorpus],
    model: Any,
    console: Console,
    callbacks: Sequence[keras.callbacks.Callback],
    validate_first: bool,
) -> Trainer:
    train_ids, valid_ids = encoded
    tokenizers = (model.source_tokenizer, model.target_tokenizer)
    batch_tokens = config.batch_tokens
    if model.risk:
        batch_tokens = max(1, batch_tokens // (1 + model.risk.candidates))  # they are read beside the gold targets
    plan = BatchPlan(
        train_ids.source_lengths,
        train_ids.target_lengths,
        batch_tokens=batch_tokens,
        seed=config.seed,
        weights=corpora.pair_weights(train_ids.lines),
        curriculum=_curriculum(config, train_ids),
    )
    logger.info(f"{plan.batches_per_epoch:,} batches of up to {batch_tokens:,} tokens make an epoch")
    sampler = None
    if config.subword_sampling:
        sampler = SubwordSampler(corpora.train, *tokenizers, alpha=config.subword_sampling, seed=config.seed)
    validation = Validation(
        model,
        Translator(TensorFlowEngine(model, model.precision)),
        corpora.valid,
        valid_ids,
        batch_tokens=config.batch_tokens,
        beam_size=config.validation_beam_size,
        samples=config.samples,
        seed=config.seed,
        bleu_tokenizer=config.bleu_tokenizer,
    )
    return Trainer(
        model,
        lambda start: training_dataset(train_ids, plan, start=start, sampler=sampler),
        plan.batches_per_epoch,
        validation,
        run,
        config,
        ProgressLine(console, config, plan.batches_per_epoch, has_risk=bool(model.risk)),
        callbacks,
        validate_first=validate_first,
    )


def _draw_curves(run: RunFolder) -> None:
    from seq2seq.pictures import learning_curves  # loads matplotlib: only here

    learning_curves(run.path)
