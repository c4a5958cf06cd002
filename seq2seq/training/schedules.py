"""Decisions over the course of a run: learning rate, gold probability, best weights, plateau, early stop.

All follow from the options, in numbers of updates, the update number and the training state, so a resumed run decides
alike.
"""

import math
from typing import TYPE_CHECKING

from seq2seq.training.options import RunOptions
from seq2seq.training.state import TrainingState

if TYPE_CHECKING:  # it loads TensorFlow
    from seq2seq.training.validation import Figures

__all__ = ["competence", "gold_probability", "in_words", "is_stuck", "judge", "learning_rate"]

_LAST = 0.01  # where the exponential schedule stands, between 1 and its floor, when the decay is over
_STEEPNESS = math.log(1000)  # of the inverse sigmoid, which starts at 0.999 and ends at 0.001 of the way


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


def gold_probability(options: RunOptions, state: TrainingState) -> float:
    """Probability, in update number `state.update`, that the decoder reads the gold token (Bengio et al., 2015).

    After the warm-up it falls from 1 to the floor, over the updates of the decay, along one of the paper's curves;
    with i updates of the decay done out of N, the part of the way that is left is

    - linear: 1 - i / N
    - exponential: k^i with k = 0.01^(1 / N)
    - inverse sigmoid: k / (k + exp(i / s)) with k = 1000 and s = N / (2 ln k), which is the paper's for N = 2 k ln k.

    Given as shares of the planned updates (see `RunOptions.with_plan`), a schedule means the same in a longer run.
    """
    if options.sampling == "none":
        return 1.0
    decay, done = options.sampling_decay, state.update - options.sampling_warmup
    if done <= 0:
        return 1.0
    if options.sampling_schedule == "constant" or done >= decay:
        return options.sampling_floor
    part = done / decay
    left = {
        "linear": 1 - part,
        "exponential": _LAST**part,
        "inverse_sigmoid": 1 / (1 + math.exp(_STEEPNESS * (2 * part - 1))),
    }[options.sampling_schedule]
    return options.sampling_floor + (1 - options.sampling_floor) * left


def competence(options: RunOptions, update: int) -> float:
    """Share of the pairs, the easiest first, that a curriculum learns from after so many updates: the square root form
    of Platanios et al. (2019, equation 8), from its start to 1 over the updates of the curriculum."""
    duration, begin = options.curriculum_updates, options.curriculum_start
    if update >= duration:
        return 1.0
    return math.sqrt(update / duration * (1 - begin**2) + begin**2)


def in_words(options: RunOptions) -> list[str]:
    """What these schedules will do, one line each."""
    lines = []
    if options.sampling != "none":
        begin, end = options.sampling_warmup, options.sampling_warmup + options.sampling_decay
        later = f"with probability {options.sampling_floor:g}"
        if options.sampling_schedule != "constant":
            shape = options.sampling_schedule.replace("_", " ")
            later = f"with a probability that falls ({shape}) to {options.sampling_floor:g} at update {end:,.0f}"
        first = f"alone up to update {begin:,.0f}, then " if begin else ""
        lines.append(f"{options.scheduled_sampling.in_words()}; gold {first}{later}")
    if options.curriculum != "none":
        lines.append(
            f"curriculum by {options.curriculum}: the easiest {options.curriculum_start:.0%} of the pairs at first, "
            f"all from update {options.curriculum_updates:,.0f}"
        )
    return lines


def judge(options: RunOptions, state: TrainingState, figures: "Figures") -> bool:
    """Records a validation: whether it is the best so far, and whether the learning rate is reduced.

    Args:
        options: `stop_on` names the figure that decides: the highest BLEU or chrF, or the lowest loss, is the best.
        state: changed in place; `state.update` is the update validated.
        figures: what the validation found.

    Returns:
        True if these are the best weights so far. Between equal figures the lower loss decides: BLEU is often 0.00 for
        a long time. If that is equal too, the earlier weights are kept.
    """
    value = getattr(figures, options.stop_on)
    if state.best_value is None or _better(options, state, value, figures.loss):
        state.best_update, state.best_value, state.best_loss = state.update, value, figures.loss
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


def _better(options: RunOptions, state: TrainingState, value: float, loss: float) -> bool:
    best = state.best_value
    if math.isnan(value) or math.isnan(best):
        return math.isnan(best) and not math.isnan(value)
    if value == best:
        return loss < state.best_loss
    return value < best if options.stop_on == "loss" else value > best
