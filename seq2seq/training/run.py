"""A whole run: open the folder, read the data, train, and finish the task, for example by scoring test sets."""

import contextlib
import dataclasses
import functools
import logging
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import keras
from rich.console import Console

from seq2seq.layers.precision import decide
from seq2seq.model import Adam
from seq2seq.model.composition import check_fit, compose
from seq2seq.model.objectives.objective import Objective
from seq2seq.model.own_classes import places_of_classes
from seq2seq.model.seq2seq import Seq2Seq
from seq2seq.model.trainable import Trainable
from seq2seq.startup import claim_tensorflow, set_threads
from seq2seq.tasks.corpora import Corpora
from seq2seq.tasks.task import Layout, Task
from seq2seq.tasks.translation import Translation
from seq2seq.tasks.vector_to_sequence import VectorToSequence, corpora_of
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.training.journal import Journal
from seq2seq.training.options import RunOptions, TrainingOptions
from seq2seq.training.progress import Progress, log_to
from seq2seq.training.run_folder import RunFolder
from seq2seq.training.schedules import is_stuck, stopping_rules
from seq2seq.training.trainer import Trainer
from seq2seq.training.watchers import KerasCallbacks, TensorBoard, Watcher

__all__ = ["FinishedRun", "OpenRun", "begin", "open_run", "run_task", "train", "train_task", "train_vector_to_sequence"]

logger = logging.getLogger("seq2seq")

Config = TypeVar("Config", bound=TrainingOptions)


@dataclasses.dataclass(frozen=True)
class FinishedRun:
    """The outcome of a run.

    Attributes:
        path: the run folder, with the best weights.
        update: updates made in all.
        best_update: the update whose weights were the best in validation.
        reason: why training ended.
        results: what the task found at the end; of translation: name of a test set -> TestScore.
    """

    path: Path
    update: int
    best_update: int
    reason: str
    results: Any


class OpenRun(NamedTuple):
    """A run folder that this process has locked, and the console it reports to."""

    folder: RunFolder
    console: Console


def train(
    config: Config,
    build_model: Callable[[Config, Any, Any], Any] | None = None,
    *,
    corpora: Corpora | Callable[[Config], Corpora] | None = None,
    objective: Objective | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> FinishedRun:
    """Trains a translation model in `config.run_dir`, or continues the training found there, and scores the test sets.

    Args:
        config: options of the run.
        build_model: `build_model(config, source_tokenizer, target_tokenizer)` -> `Seq2Seq`; by default the model that
            `config.model` describes.
        corpora: Corpora, used whatever files `config` names; or a function of `config` that opens default corpora,
            which files named in `config` override.
        objective: Objective, in place of the one that `config` describes.
        callbacks: Keras callbacks, which observe the loop.

    Returns:
        The outcome. After SIGINT, SIGTERM or SIGHUP, SystemExit is raised once a checkpoint is saved.

    Raises:
        ValueError: options, corpora or run folder are not as they should be; the message says what to do.

    Example:
        >>> files = {"train": ParallelFiles(source="train.en", target="train.de")}
        >>> files |= {"valid": ParallelFiles(source="valid.en", target="valid.de")}
        >>> model = ModelOptions(cell="lstm", units=512)
        >>> train(TrainingOptions(run_dir="runs/mine", model=model, **files))  # doctest: +SKIP
    """
    set_threads(config.threads)  # before the check below, with which TensorFlow starts to compute
    if build_model is None:
        check_fit(config.model)  # before any text is read
        build_model = _compose
    task = Translation(
        config,
        seed=config.seed,
        corpora=functools.partial(corpora, config) if callable(corpora) else corpora,
        build_model=functools.partial(build_model, config),
        objective=objective,
        accumulate=config.accumulate,
    )
    return run_task(config, task, callbacks=callbacks)


def train_vector_to_sequence(
    config: Config,
    *,
    corpora: Callable[[Config], Corpora] | None = None,
    names: Callable[[Config], Sequence[str]] | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> FinishedRun:
    """Trains a model that describes vectors, and scores the test set. Arguments: as for `train`, and

    Args:
        config: options whose groups `train`, `valid` and `test` name vectors; see `seq2seq.tasks.vector_options`.
        corpora: opens default corpora, whose sources are lines of numbers.
        names: the names of the numbers in the default corpora.

    Raises:
        ValueError: options, corpora or run folder are not as they should be.
    """
    set_threads(config.threads)
    check_fit(config.model)
    found, is_own = corpora_of(config, corpora and functools.partial(corpora, config))
    task = VectorToSequence(
        config,
        names=functools.partial(names, config) if names and is_own else None,
        seed=config.seed,
        corpora=found,
        build_model=functools.partial(_compose, config),
        accumulate=config.accumulate,
    )
    return run_task(config, task, callbacks=callbacks)


def run_task(options: RunOptions, task: Task, *, callbacks: Sequence[keras.callbacks.Callback] = ()) -> FinishedRun:
    """Trains a task in `options.run_dir`, or continues the training found there.

    Args:
        options: RunOptions.
        task: Task, not yet read.
        callbacks: Keras callbacks, which observe the loop.
    """
    with open_run(options, task.layout) as opened:
        precision = begin(opened.folder, options, task)
        return train_task(opened, options, task, precision, callbacks=callbacks)


@contextlib.contextmanager
def open_run(options: RunOptions, layout: Layout) -> Iterator[OpenRun]:
    """Locks the run folder and sends the log there, for a `with` block.

    Raises:
        ValueError: the folder is no run folder, the run in it was given up, or another process trains in it.
    """
    claim_tensorflow()
    console = Console(soft_wrap=True)
    with RunFolder.open(options.run_dir, layout) as folder, log_to(folder.log, console):
        set_threads(options.threads)
        yield OpenRun(folder, console)


def begin(folder: RunFolder, options: RunOptions, task: Task) -> str:
    """Reads the data of a task and records the run, or checks that the recorded run is being continued.

    Returns:
        The type of matrix products in this run, "float32" or "bfloat16".

    Raises:
        ValueError: the data are not as they should be, or options or data are not those of the recorded run.
    """
    return folder.start(options, task.read(folder.cache), decide(options.precision))["precision"]


def train_task(
    opened: OpenRun,
    options: RunOptions,
    task: Task,
    precision: str,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    validate_first: bool = False,
    map_l2: float = 0.0,
) -> FinishedRun:
    """Trains a task in a run that `begin` recorded, from its newest checkpoint on, and finishes the task.

    Args:
        opened: from `open_run`.
        options: options of the run.
        task: Task, read by `begin`.
        precision: from `begin`.
        callbacks: Keras callbacks, which observe the loop.
        validate_first: validate the model before training, and keep its weights if none are better.
        map_l2: strength with which the weights are held near their first values.
    """
    folder = opened.folder
    model, objective = task.prepare(folder, precision)
    places = places_of_classes(model)
    if places:
        folder.add_to_record({"classes": places})
    _compile(model, options, precision, map_l2)
    for line in [*objective.describe(), *task.describe(), stopping_rules(options)]:
        logger.info(line)
    watchers = _watchers(opened, options, task, model, objective, callbacks)
    trainer = Trainer(model, task, objective, folder, options, watchers, validate_first=validate_first)
    reason = trainer.run()
    state = trainer.state
    logger.info(
        f"finished after update {state.update}: {reason}. Best {state.best_decision} after update {state.best_update}."
    )
    if state.best_update == state.update and not is_stuck(options, state):
        logger.info("The last validation was the best: the same command with a higher limit trains further.")
    for line in objective.warnings(state.update):
        logger.warning(line)
    results = task.finish(folder, state.best_update)
    _draw_curves(folder)
    logger.info(f"everything is in {folder.path}")
    return FinishedRun(folder.path, state.update, state.best_update, reason, results)


def _compose(config: TrainingOptions, source_tokenizer: Tokenizer, target_tokenizer: Tokenizer) -> Seq2Seq:
    """The model that `config.model` describes."""
    sizes = {"max_source_length": config.data.max_length, "share_embeddings": config.vocab.joint}
    return compose(config.model, source_tokenizer, target_tokenizer, **sizes)


def _compile(model: Trainable, options: RunOptions, precision: str, map_l2: float) -> None:
    optimizer = options.optimizer
    model.compile(
        Adam(optimizer.learning_rate, average_decay=optimizer.average_decay),
        clip=None if optimizer.clip == "none" else optimizer.clip,
        clip_limit=optimizer.clip_limit,
        seed=options.seed,
        precision=precision,
        map_l2=map_l2,
        vanishing_penalty=optimizer.vanishing_penalty,
    )
    frozen = sum(math.prod(weight.shape) for weight in model.non_trainable_weights)
    parameters = f"{model.count_params():,} parameters" + (f" ({frozen:,} of them frozen)" if frozen else "")
    logger.info(f"model: {parameters}, products in {precision}")


def _watchers(
    opened: OpenRun,
    options: RunOptions,
    task: Task,
    model: Trainable,
    objective: Objective,
    callbacks: Sequence[keras.callbacks.Callback],
) -> list[Watcher]:
    updates_per_epoch = task.batches_per_epoch / options.accumulate
    progress = Progress(
        opened.console,
        options,
        updates_per_epoch,
        loss_name=objective.loss_name,
        details=lambda update: [*objective.progress(update), *task.progress(update)],
    )
    watchers = [progress, Journal(opened.folder, objective)]
    if options.tensorboard:
        watchers.append(TensorBoard(opened.folder.path / "tensorboard"))
    if callbacks:
        watchers.append(KerasCallbacks(callbacks, model, task.batches_per_epoch, options.accumulate))
    return watchers


def _draw_curves(run: RunFolder) -> None:
    from seq2seq.pictures import learning_curves  # loads matplotlib: only here

    learning_curves(run.path)
