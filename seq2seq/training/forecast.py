"""How long a run still takes, from the measured time of updates and validations."""

from typing import NamedTuple

from seq2seq.training.options import RunOptions
from seq2seq.training.state import TrainingState
from seq2seq.training.wording import count, duration

__all__ = ["TimeLeft", "next_validation", "time_left"]


class TimeLeft(NamedTuple):
    """An estimate; as text "at most 4:10", or "4:10 plus 2 validations" before a validation was timed."""

    seconds: float
    untimed: int = 0
    """Validations that are not in `seconds`, because none has been timed yet."""
    bound: str = ""
    """Is "at most" if patience may end the run earlier, "at least" if only patience ends it."""

    def __str__(self) -> str:
        text = duration(self.seconds)
        if self.untimed:
            text += f" plus {count(self.untimed, 'validation')}"
        return f"{self.bound} {text}" if self.bound else text


def time_left(options: RunOptions, state: TrainingState, update_seconds: float) -> TimeLeft:
    """The time until training ends, validations included.

    Args:
        options: for the stopping rules.
        state: after an update, or before the first.
        update_seconds: float. Measured time of one update.
    """
    limits = []
    if options.max_updates is not None:
        limits.append(_time_until(options.max_updates, options, state, update_seconds))
    if options.max_minutes is not None:
        limits.append(_plus_validations(max(0.0, options.max_minutes * 60 - state.seconds), 1, state))
    if not options.validation.patience:
        return min(limits)
    first_is_best = state.best_update is None  # the first validation is always the best so far
    missing = max(1, options.validation.patience - state.validations_since_best + first_is_best)
    every = options.validation.every
    soonest = _time_until((_last_completed(state) // every + missing) * every, options, state, update_seconds)
    if not limits:
        return soonest._replace(bound="at least")
    return min(limits)._replace(bound="at most" if soonest < min(limits) else "")


def next_validation(options: RunOptions, state: TrainingState, update_seconds: float) -> float:
    """Seconds until the next validation begins."""
    every = options.validation.every
    at = (_last_completed(state) // every + 1) * every
    if options.max_updates is not None:
        at = min(at, options.max_updates)
    seconds = (at - state.update) * update_seconds
    if options.max_minutes is not None:
        seconds = min(seconds, options.max_minutes * 60 - state.seconds)
    return max(0.0, seconds)


def _last_completed(state: TrainingState) -> int:
    """The last update whose validation, if one was due, has been made."""
    return state.update if state.validated == state.update else max(0, state.update - 1)


def _time_until(update: int, options: RunOptions, state: TrainingState, update_seconds: float) -> TimeLeft:
    """The time until an update has been made and validated, with all validations before it."""
    every, update = options.validation.every, max(update, state.update)
    validations = update // every - _last_completed(state) // every + (update % every > 0)
    return _plus_validations((update - state.update) * update_seconds, validations, state)


def _plus_validations(seconds: float, validations: int, state: TrainingState) -> TimeLeft:
    if state.validation_seconds is None:
        return TimeLeft(seconds, untimed=validations)
    return TimeLeft(seconds + validations * state.validation_seconds)
