"""Decisions over the course of a run: learning rate, best weights, plateau, early stop.

All follow from the options, the update number and the training state, so a resumed run decides alike.
"""

import math

from seq2seq.training.options import RunOptions
from seq2seq.training.state import TrainingState

__all__ = ["is_stuck", "judge", "learning_rate"]


def learning_rate(options: RunOptions, state: TrainingState) -> float:
    """Learning rate of update number `state.update`, counted from 1.

    It rises linearly over the warm-up, then stays, or falls with the inverse square root of the update
    (Vaswani et al., 2017, section 5.3, with a peak of our choosing). Plateaus and roll-backs reduce it.
    """
    warmup = max(1, options.warmup_updates)
    scale = min(1.0, state.update / warmup)
    if options.schedule == "inverse_sqrt" and state.update > warmup:
        scale = math.sqrt(warmup / state.update)
    return options.learning_rate * scale * state.learning_rate_factor


def judge(options: RunOptions, state: TrainingState, value: float) -> bool:
    """Take note of a validation: is it the best so far, is the learning rate to be reduced?

    Args:
        options: `stop_on` says whether more (BLEU) or less (loss) is better.
        state: changed in place; `state.update` is the update validated.
        value: the validation figure named by `stop_on`.

    Returns:
        True if these are the best weights so far. Equal figures keep the earlier weights.
    """
    if state.best_value is None or _better(options, value, state.best_value):
        state.best_update, state.best_value = state.update, value
        state.validations_since_best = state.validations_on_plateau = 0
        return True
    state.validations_since_best += 1
    state.validations_on_plateau += 1
    if options.plateau_patience and state.validations_on_plateau >= options.plateau_patience:
        state.learning_rate_factor *= options.plateau_factor
        state.validations_on_plateau = 0
    return False


def is_stuck(options: RunOptions, state: TrainingState) -> bool:
    """True once `patience` validations have passed without a new best."""
    return bool(options.patience) and state.validations_since_best >= options.patience


def _better(options: RunOptions, value: float, best: float) -> bool:
    if math.isnan(value) or math.isnan(best):
        return math.isnan(best) and not math.isnan(value)
    return value > best if options.stop_on == "bleu" else value < best
