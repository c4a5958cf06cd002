"""The training loop.

Its only random state is the update number: batches, dropout and sampling follow from it and the seed. A checkpoint
holds everything else (weights, optimizer, `TrainingState`, files of the watchers), and what was written after it is cut
back when a run is resumed. So a run killed at any moment ends with the same weights, the same metrics.csv and the same
training.csv as one that never stopped.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seq2seq.model.objectives.objective import Objective, mean
from seq2seq.model.trainable import Trainable
from seq2seq.tasks.task import Interrupted, Task, UselessWeights
from seq2seq.training.checkpoints import Checkpoints
from seq2seq.training.options import RunOptions
from seq2seq.training.run_folder import RunFolder
from seq2seq.training.schedules import learning_rate, note_validation, reason_to_stop
from seq2seq.training.signals import LeaveRequest
from seq2seq.training.state import TrainingState, Window
from seq2seq.training.updates import Updates
from seq2seq.training.watchers import Update, Validated, Watcher

__all__ = ["Diverged", "Trainer"]

logger = logging.getLogger("seq2seq")

SKIPPED_IN_A_ROW = 10
"""After so many updates in a row without a finite loss and gradient, the run goes back to its last checkpoint."""
ROLLBACKS = 3
"""The roll-back at which it gives up instead."""
ROWS_PER_VALIDATION = 10
"""Rows of training.csv from one validation to the next."""

Batches = Iterator[Mapping[str, Any]]


class Diverged(ValueError):
    """The loss stayed too large, infinite or NaN, even with smaller learning rates."""


class Trainer:
    """Trains a compiled model in a run folder, or continues the training found there.

    Args:
        model: compiled.
        task: prepared; gives the batches and judges the model.
        objective: what is minimised.
        run: the run folder, opened.
        options: RunOptions.
        watchers: told of every update and validation.
        validate_first: bool. Validate the first weights too; they then may be the best.
    """

    def __init__(
        self,
        model: Trainable,
        task: Task,
        objective: Objective,
        run: RunFolder,
        options: RunOptions,
        watchers: Sequence[Watcher] = (),
        *,
        validate_first: bool = False,
    ):
        self.model = model
        self.task = task
        self.objective = objective
        self.options = options
        self.watchers = list(watchers)
        self.validate_first = validate_first
        self.state = TrainingState()
        self._clock = time.monotonic()
        self._leave = LeaveRequest()
        self._run = run
        self._update = Updates(model, task.signature)
        anchors = model.map_l2.anchors if model.map_l2 else ()
        variables = [*model.weights, *model.optimizer.variables, *anchors, *objective.variables]
        files = [*(path for watcher in self.watchers for path in watcher.files), *run.kept_files]
        self.checkpoints = Checkpoints(run.checkpoints, variables, keep_last=options.checkpoints.keep_last, files=files)

    def run(self) -> str:
        """Trains until a limit is reached or validation stops improving.

        Returns:
            Why training ended. The run folder then has the model with the best weights.

        Raises:
            Diverged: the weights stayed useless after two roll-backs.
            SystemExit: SIGINT, SIGTERM or SIGHUP arrived; a checkpoint has been saved.
        """
        self._resume()
        self._clock = time.monotonic()
        with self._leave as leave:
            try:
                self._tell("begin")
                reason = self._loop(leave)
                self._save()
            finally:
                with leave.unbroken():
                    self._tell("end")
        if leave.signal is not None:
            logger.info(
                f"stopped by {leave.cause} after update {self.state.update}, checkpoint saved. "
                "The same command goes on from there."
            )
            raise SystemExit(leave.exit_code)
        self._keep_best()
        return reason

    def _loop(self, leave: LeaveRequest) -> str | None:
        """Updates, validations and checkpoints until there is a reason to stop; None if asked to leave."""
        batches = self._batches()
        while leave.signal is None:
            self._count_time()
            reason = reason_to_stop(self.options, self.state)
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
            elif self.state.update % self.options.checkpoints.every == 0 and not self._validation_due(None):
                self._save()
        return None

    def _batches(self) -> Batches:
        """The batches from the present update on."""
        return iter(self.task.batches(self.state.update * self.options.accumulate))

    def _validation_due(self, reason: str | None) -> bool:
        """Whether to validate now: regularly, at the end and, with `validate_first`, at the start; never twice."""
        at = self.state.update
        regular = at % self.options.validation.every == 0 and (at > 0 or self.validate_first)
        return (regular or reason is not None) and self.state.validated < at

    def _one_update(self, batches: Batches) -> None:
        state, windows = self.state, (self.state.window, self.state.interval)
        start = time.perf_counter()
        state.update += 1
        rate = learning_rate(self.options.optimizer, state)
        self.model.optimizer.learning_rate = rate
        sums = self._update(self.objective.at(state.update), [next(batches) for _ in range(self.options.accumulate)])
        gradient_norm, finite = sums.pop("gradient_norm"), sums.pop("finite")
        seconds = time.perf_counter() - start
        if finite:
            state.skipped_in_a_row = 0
            for window in windows:
                window.add(sums, gradient_norm, seconds)
        else:
            state.skipped_in_a_row += 1
            for window in windows:
                window.skip(seconds)
            logger.warning(f"update {state.update}: loss or gradient is not finite; the update is left out")
        loss = sums["loss_sum"] / max(1, sums["tokens"])
        self._tell("updated", Update(rate, loss, sums["tokens"], seconds))
        if state.update % max(1, self.options.validation.every // ROWS_PER_VALIDATION) == 0:
            self._tell("interval_over", self._row(rate, state.interval))
            state.interval = Window()

    def _validate(self, leave: LeaveRequest) -> None:
        """Validates, keeps the best weights, tells the watchers, saves a checkpoint; none of it if asked to leave."""
        self._tell("validating")
        start = time.perf_counter()
        rate = learning_rate(self.options.optimizer, self.state)
        with self.model.averaged_weights():
            try:
                figures = self.task.validate(lambda: leave.signal is not None)
            except Interrupted:
                return
            is_best = note_validation(self.options.optimizer, self.state, figures)
            if is_best:
                self.model.save(self._run.model)
        row = self._row(rate, self.state.window)
        row |= {f"valid_{name}": value for name, value in figures.values.items()} | {"best": int(is_best)}
        self.state.validation_seconds = time.perf_counter() - start
        self._tell("validated", Validated(figures, row, is_best, self.state.validation_seconds))
        self.state.window = Window()
        self.state.validated = self.state.update
        self._save()

    def _row(self, rate: float, window: Window) -> dict[str, float | str]:
        """The training figures of a row: what follows from options and data alone, so equal runs write equal bytes."""
        state = self.state
        return {
            "update": state.update,
            "epoch": state.update * self.options.accumulate / self.task.batches_per_epoch,
            "learning_rate": rate,
            **self.objective.schedule(state.update),
            **self.objective.report(window.sums),
            "gradient_norm": window.gradient_norm_sum / window.updates if window.updates else "",
            **self._vanishing(window.sums),
            "skipped": window.skipped,
        }

    def _vanishing(self, sums: Mapping[str, float]) -> dict[str, float | str]:
        """The mean term of the penalty against vanishing gradients: 0 if they keep their norm, 1 if nothing is left."""
        if not self.options.optimizer.vanishing_penalty:
            return {}
        return {"vanishing": mean(sums.get("vanishing_sum", 0), sums.get("vanishing_steps", 0))}

    def _tell(self, event: str, *what: Any) -> None:
        for watcher in self.watchers:
            getattr(watcher, event)(self.state, *what)

    def _count_time(self) -> None:
        now = time.monotonic()
        self.state.seconds += now - self._clock
        self._clock = now

    def _save(self) -> None:
        """Saves a checkpoint. Keeps the best one and, while updates are skipped, the last one before the first skip."""
        self._count_time()
        state = self.state
        keep = [state.best_update]
        if state.skipped_in_a_row:
            before = state.update - state.skipped_in_a_row
            keep += [at for at in self.checkpoints.updates() if at <= before][-1:]
        with self._leave.unbroken():
            self.checkpoints.save(state.update, state.as_json(), keep=keep)

    def _resume(self) -> None:
        """Restores the newest checkpoint and cuts back what was written after it, or saves the first checkpoint."""
        saved = self.checkpoints.restore_newest()
        if saved is None:
            self._save()
        else:
            self.state = TrainingState.from_json(saved.state)
            if self.state.update:
                logger.info(f"at update {self.state.update} of the run in this folder")
            self._restore(saved.files)

    def _restore(self, files: Mapping[str, bytes]) -> None:
        for watcher in self.watchers:
            watcher.restore(files)

    def _roll_back(self, trouble: str, last_good: int) -> Batches:
        """Returns to the newest checkpoint that is not later than `last_good`.

        Returns:
            The batches from there on: the same ones again, at half the rate.

        Raises:
            Diverged: this would be the third time. The record says so, and a later start is refused at once.
        """
        rollbacks, seconds = self.state.rollbacks + 1, self.state.seconds
        if rollbacks == ROLLBACKS:
            advice = (
                "Give a smaller --optimizer.learning-rate or --optimizer.clip-limit, or --precision float32, and a new "
                "--run-dir."
            )
            self._run.add_to_record({"gave_up": f"{trouble}, for the {ROLLBACKS}rd time. {advice}"})
            raise Diverged(f"it diverged: {trouble}, for the {ROLLBACKS}rd time. {advice}")
        saved = self.checkpoints.restore_newest(at_most=last_good)
        self.state = TrainingState.from_json(saved.state)
        self.state.rollbacks = rollbacks
        self.state.skipped_in_a_row = 0
        self.state.learning_rate_factor *= 0.5
        self.state.seconds = seconds
        self.checkpoints.remove_after(self.state.update)
        self._restore(saved.files)
        self._save()
        logger.warning(f"{trouble}; back to update {self.state.update} with half the learning rate")
        return self._batches()

    def _keep_best(self) -> None:
        """Restores the best weights and saves them as the model of the run folder."""
        try:
            self.checkpoints.restore(self.state.best_update)
        except ValueError as error:
            if not self._run.model.exists():
                raise
            logger.warning(f"{error}; {self._run.model} stays as validation saved it")
            return
        with self.model.averaged_weights():
            self.model.save(self._run.model)
