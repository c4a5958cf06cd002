"""Decisions over the course of a run: learning rate, best weights, plateau, early stop.

All follow from the options, the update number and the training state, so a resumed run decides alike.
"""

import math

from seq2seq.tasks.task import Figures
from seq2seq.training.options import OptimizerOptions, RunOptions
from seq2seq.training.state import TrainingState
from seq2seq.training.wording import count

__all__ = ["is_stuck", "learning_rate", "note_validation", "reason_to_stop", "stopping_rules"]

_BETTER = {"bleu": "a better BLEU", "chrf": "a better chrF", "loss": "a lower loss"}


def learning_rate(options: OptimizerOptions, state: TrainingState) -> float:
    """Learning rate of update number `state.update`: that of the schedule, reduced by plateaus and roll-backs."""
    return options.learning_rate_at(state.update) * state.learning_rate_factor


def stopping_rules(options: RunOptions) -> str:
    """When training ends and how often it validates, in words."""
    validation, rules = options.validation, []
    if options.max_updates is not None:
        rules.append(f"after {count(options.max_updates, 'update')}")
    if options.max_minutes is not None:
        rules.append(f"after {options.max_minutes:g} {'minute' if options.max_minutes == 1 else 'minutes'}")
    if validation.patience:
        rules.append(f"after {_without_improvement(validation.patience, options)}")
    if options.max_updates is not None and options.max_updates <= validation.every:
        return f"training ends {', or '.join(rules)}, with one validation"
    every = "every update" if validation.every == 1 else f"every {validation.every:,} updates"
    return f"training ends {', or '.join(rules)}; a validation follows {every}"


def reason_to_stop(options: RunOptions, state: TrainingState) -> str | None:
    """Why training ends now, in words; None while it goes on."""
    if is_stuck(options, state):
        return _without_improvement(state.validations_since_best, options)
    if options.max_updates is not None and state.update >= options.max_updates:
        return f"reached --max-updates {options.max_updates}"
    if options.max_minutes is not None and state.seconds >= options.max_minutes * 60:
        return f"reached --max-minutes {options.max_minutes:g}"
    return None


def _without_improvement(validations: int, options: RunOptions) -> str:
    better = _BETTER.get(getattr(options.validation, "stop_on", ""), "improvement")
    return f"{count(validations, 'validation')} without {better}"


def is_stuck(options: RunOptions, state: TrainingState) -> bool:
    """True once `patience` validations have passed without a new best."""
    patience = options.validation.patience
    return bool(patience) and state.validations_since_best >= patience


def note_validation(options: OptimizerOptions, state: TrainingState, figures: Figures) -> bool:
    """Records a validation: whether it is the best so far, and whether the learning rate is reduced.

    Args:
        options: say what happens on a plateau.
        state: changed in place; `state.update` is the update validated.
        figures: what the validation found.

    Returns:
        True if these are the best weights so far. Of equal ones the earlier is kept.
    """
    if state.best_rank is None or _without_nan(figures.rank) > _without_nan(state.best_rank):
        state.best_update, state.best_rank = state.update, tuple(figures.rank)
        state.best_decision = figures.decision
        state.validations_since_best = state.validations_on_plateau = 0
        return True
    state.validations_since_best += 1
    state.validations_on_plateau += 1
    if options.plateau_patience and state.validations_on_plateau >= options.plateau_patience:
        state.learning_rate_factor *= options.plateau_factor
        state.validations_on_plateau = 0
    return False


def _without_nan(rank: tuple[float, ...]) -> tuple[float, ...]:
    """A figure that is no number is worse than all others."""
    return tuple(-math.inf if math.isnan(figure) else figure for figure in rank)
