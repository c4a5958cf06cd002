"""The training loop.

Its only random state is the update number: batches, dropout and sampling follow from it and the seed. A
checkpoint holds everything else (weights, optimizer, `TrainingState`, tables), and what was written after it is cut
back when a run is resumed. So a run killed at any moment ends with the same weights and the same metrics.csv
as one that never stopped.
"""

import functools
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.model.objectives import scheduled_sampling, teacher_forcing
from seq2seq.training import schedules
from seq2seq.training.checkpoints import Checkpoints
from seq2seq.training.journal import Journal
from seq2seq.training.minimum_risk import MinimumRiskUpdate
from seq2seq.training.options import RunOptions
from seq2seq.training.pipeline import BATCH_SIGNATURE
from seq2seq.training.progress import ProgressLine
from seq2seq.training.run_folder import RunFolder
from seq2seq.training.signals import LeaveRequest
from seq2seq.training.state import TrainingState, Window
from seq2seq.training.validation import Interrupted, UselessWeights, Validation

__all__ = ["Diverged", "Trainer"]

logger = logging.getLogger("seq2seq")

SKIPPED_IN_A_ROW = 10
"""So many updates without a finite loss and gradient, and the run goes back to its last checkpoint."""
ROLLBACKS = 3
"""The roll-back at which it gives up instead."""


class Diverged(ValueError):
    """The loss stayed too large, infinite or NaN, even with smaller learning rates."""


class Trainer:
    """Trains a compiled model in a run folder, or goes on with the training found there.

    Args:
        model: a compiled `Seq2Seq`.
        batches: `batches(start) -> iterable of batches`, endless, from update number `start` on.
        batches_per_epoch: int.
        validation: `Validation` of the same model; its translator is saved when the weights are the best.
        run: the run folder, opened.
        options: RunOptions.
        progress: where updates are shown.
        callbacks: Keras callbacks, as observers: they see every update, epoch and validation, but whether
            training goes on is decided by `options` alone.
        validate_first: bool. The weights at the beginning are validated, and may be the best.
    """

    def __init__(
        self,
        model: Any,
        batches: Callable[[int], Iterator[dict[str, Any]]],
        batches_per_epoch: int,
        validation: Validation,
        run: RunFolder,
        options: RunOptions,
        progress: ProgressLine,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        *,
        validate_first: bool = False,
    ):
        self.model = model
        self.batches = batches
        self.batches_per_epoch = batches_per_epoch
        self.validation = validation
        self.journal = Journal(run, batches_per_epoch, has_risk=bool(model.risk))
        self.options = options
        self.progress = progress
        self.validate_first = validate_first
        self.callbacks = keras.callbacks.CallbackList(list(callbacks), model=model)
        self.state = TrainingState()
        self._clock = time.monotonic()
        self._leave = LeaveRequest()
        self._run = run
        variables = [*model.weights, *model.optimizer.variables, *(model.pull.anchors if model.pull else ())]
        files = [*self.journal.files, *run.kept_files]
        self.checkpoints = Checkpoints(run.checkpoints, variables, keep_last=options.keep_last, files=files)
        # Each is traced when it is first called.
        self._update = MinimumRiskUpdate(model) if model.risk else _graph_of(model, teacher_forcing)
        self._sampled_update = _graph_of(model, scheduled_sampling)

    def run(self) -> str:
        """Train until a limit is reached or validation stops improving.

        Returns:
            Why training ended. The translator in the run folder then has the best weights.

        Raises:
            Diverged: the weights stayed useless after two roll-backs.
            SystemExit: SIGINT, SIGTERM or SIGHUP arrived; a checkpoint has been saved.
        """
        self._resume()
        self._clock = time.monotonic()
        self.callbacks.on_train_begin()
        with self._leave as leave, self.progress:
            reason = self._loop(leave)
            with leave.unbroken():
                self.callbacks.on_train_end()
                self._save()
        if leave.signal is not None:
            logger.info(
                f"{leave.signal.name}: stopped after update {self.state.update}, checkpoint saved. "
                "The same command goes on from there."
            )
            raise SystemExit(leave.exit_code)
        self._keep_best()
        return reason

    def _loop(self, leave: LeaveRequest) -> str | None:
        """Updates, validations and checkpoints until there is a reason to stop; None if asked to leave."""
        batches = iter(self.batches(self.state.update))
        while leave.signal is None:
            self._look_at_the_clock()
            reason = self._reason_to_stop()
            if self._validation_due(reason):
                try:
                    self._validate(leave)
                except UselessWeights as trouble:
                    last_good = max(0, self.state.validated)  # what was saved after it may be no better
                    batches = self._roll_back(f"{trouble} after update {self.state.update}", last_good)
                continue
            if reason:
                return reason
            self._one_update(batches)
            if self.state.skipped_in_a_row == SKIPPED_IN_A_ROW:
                trouble = f"{SKIPPED_IN_A_ROW} updates in a row without a finite loss and gradient"
                last_good = self.state.update - self.state.skipped_in_a_row
                batches = self._roll_back(f"{trouble}, up to update {self.state.update}", last_good)
            elif self.state.update % self.options.checkpoint_every == 0 and not self._validation_due(None):
                self._save()
        return None

    def _reason_to_stop(self) -> str | None:
        state, options = self.state, self.options
        if schedules.is_stuck(options, state):
            return f"no better {options.stop_on} in {state.validations_since_best} validations"
        if options.max_updates is not None and state.update >= options.max_updates:
            return f"reached --max-updates {options.max_updates}"
        if options.max_minutes is not None and state.seconds >= options.max_minutes * 60:
            return f"reached --max-minutes {options.max_minutes:g}"
        return None

    def _validation_due(self, reason: str | None) -> bool:
        """Whether to validate: every `validate_every` updates, at the end, if wished at the beginning; never twice."""
        at = self.state.update
        regular = at % self.options.validate_every == 0 and (at > 0 or self.validate_first)
        return (regular or reason is not None) and self.state.validated < at

    def _one_update(self, batches: Iterator[dict[str, Any]]) -> None:
        state, window = self.state, self.state.window
        start = time.perf_counter()
        if state.update % self.batches_per_epoch == 0:
            self.callbacks.on_epoch_begin(state.update // self.batches_per_epoch)
        state.update += 1
        rate = schedules.learning_rate(self.options, state)
        self.model.optimizer.learning_rate = rate
        gold = schedules.gold_probability(self.options, state)
        if gold < 1.0:
            self.model.gold_probability.assign(gold)
        update = self._sampled_update if gold < 1.0 else self._update
        sums = {name: value.numpy() for name, value in update(next(batches)).items()}
        tokens = int(sums["tokens"])
        seconds = time.perf_counter() - start
        window.seconds += seconds
        if sums["finite"]:
            state.skipped_in_a_row = 0
            window.updates += 1
            window.tokens += tokens
            window.loss_sum += float(sums["loss_sum"])
            window.nll_sum += float(sums["nll_sum"])
            window.replaced += int(sums["replaced"])
            window.gradient_norm_sum += float(sums["gradient_norm"])
        else:
            state.skipped_in_a_row += 1
            window.skipped += 1
            logger.warning(f"update {state.update}: loss or gradient is not finite; the update is left out")
        loss = float(sums["loss_sum"]) / max(1, tokens)
        self.progress.updated(state, rate, loss, tokens, seconds)
        logs = {"loss": loss, "learning_rate": rate}
        self.callbacks.on_train_batch_end(state.update - 1, logs)
        if state.update % self.batches_per_epoch == 0:
            self.callbacks.on_epoch_end(state.update // self.batches_per_epoch - 1, logs)

    def _validate(self, leave: LeaveRequest) -> None:
        """Validate, keep the best weights, write the row, save a checkpoint; none of it if asked to leave."""
        self.progress.busy(f"validating after update {self.state.update}")
        self.callbacks.on_test_begin()
        start = time.perf_counter()
        rates = {
            "learning_rate": schedules.learning_rate(self.options, self.state),
            "gold_probability": schedules.gold_probability(self.options, self.state),
        }
        with self.model.averaged_weights():
            try:
                figures = self.validation(lambda: leave.signal is not None)
            except Interrupted:
                return
            is_best = schedules.judge(self.options, self.state, figures)
            if is_best:
                self.validation.translator.save(self._run.translator)
        self.journal.write(self.state, figures, rates, is_best, time.perf_counter() - start)
        self.state.window = Window()
        self.state.validated = self.state.update
        self._save()
        self.callbacks.on_test_end({"val_loss": figures.loss, "val_bleu": figures.bleu, "val_chrf": figures.chrf})

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        self.state.seconds += now - self._clock
        self._clock = now

    def _save(self) -> None:
        """Save a checkpoint; the best one stays, and in trouble the last one before the trouble began."""
        self._look_at_the_clock()
        state = self.state
        keep = [state.best_update]
        if state.skipped_in_a_row:
            before = state.update - state.skipped_in_a_row
            keep += [at for at in self.checkpoints.updates() if at <= before][-1:]
        with self._leave.unbroken():
            self.checkpoints.save(state.update, state.as_json(), keep=keep)

    def _resume(self) -> None:
        """Take up the newest checkpoint, or save the first one, and cut back what was written after it."""
        saved = self.checkpoints.restore_newest()
        if saved is None:
            self._save()
        else:
            self.state = TrainingState.from_json(saved.state)
            if self.state.update:
                logger.info(f"at update {self.state.update} of the run in this folder")
            self.journal.restore(saved.files)

    def _roll_back(self, trouble: str, last_good: int) -> Iterator[dict[str, Any]]:
        """Return to the newest checkpoint that is not later than `last_good`.

        Returns:
            The batches from there on: the same ones again, at half the rate.

        Raises:
            Diverged: this would be the third time. The record says so, and a later start is refused at once.
        """
        rollbacks, seconds = self.state.rollbacks + 1, self.state.seconds
        if rollbacks == ROLLBACKS:
            advice = "Give a smaller --learning-rate or --clip-limit, or --precision float32, and a new --run-dir."
            self._run.add_to_record({"gave_up": f"{trouble}, for the {ROLLBACKS}rd time. {advice}"})
            raise Diverged(f"it diverged: {trouble}, for the {ROLLBACKS}rd time. {advice}")
        saved = self.checkpoints.restore_newest(at_most=last_good)
        self.state = TrainingState.from_json(saved.state)
        self.state.rollbacks = rollbacks
        self.state.skipped_in_a_row = 0
        self.state.learning_rate_factor *= 0.5
        self.state.seconds = seconds
        self.checkpoints.remove_after(self.state.update)
        self.journal.restore(saved.files)
        self._save()
        logger.warning(f"{trouble}; back to update {self.state.update} with half the learning rate")
        return iter(self.batches(self.state.update))

    def _keep_best(self) -> None:
        """Leave the best weights in the model and in the run folder's translator."""
        try:
            self.checkpoints.restore(self.state.best_update)
        except ValueError as error:
            if not self._run.translator.exists():
                raise
            logger.warning(f"{error}; {self._run.translator} stays as validation saved it")
            return
        with self.model.averaged_weights():
            self.validation.translator.save(self._run.translator)


def _graph_of(model: Any, objective: Callable) -> Callable:
    """The model's update by an objective, as a graph for batches of any shape."""
    return tf.function(functools.partial(model.update, objective=objective), [BATCH_SIGNATURE], autograph=False)
