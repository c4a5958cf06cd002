import math

import pytest

from seq2seq.tasks.options import TranslationValidation, ValidationOptions
from seq2seq.tasks.task import Figures
from seq2seq.training.options import OptimizerOptions, RunOptions
from seq2seq.training.schedules import is_stuck, learning_rate, note_validation, reason_to_stop, stopping_rules
from seq2seq.training.state import TrainingState


def judged(ranks, **options):
    """The state after validations with these ranks, 10 updates apart, and whether each was the best."""
    state, verdicts = TrainingState(), []
    for rank in ranks:
        state.update += 10
        figures = Figures({}, rank if isinstance(rank, tuple) else (rank,), f"score {rank}", "")
        verdicts.append(note_validation(OptimizerOptions(**options), state, figures))
    return state, verdicts


def test_more_is_better_and_equal_is_not():
    state, verdicts = judged([1.0, 3.0, 3.0, 2.0])
    assert verdicts == [True, True, False, False]
    assert (state.best_update, state.best_rank, state.best_decision) == (20, (3.0,), "score 3.0")


def test_between_equal_figures_the_next_one_decides():
    """BLEU is 0 for a long time while the loss falls: neither patience nor the learning rate runs out."""
    state, verdicts = judged([(0.0, -loss) for loss in (6.0, 5.0, 4.0)], plateau_patience=1)
    assert verdicts == [True, True, True]
    assert state.validations_since_best == 0 and state.learning_rate_factor == 1.0
    _, verdicts = judged([(0.0, -2.0), (0.0, -3.0), (0.1, -9.0)])
    assert verdicts == [True, False, True]


def test_not_a_number_is_never_better():
    _, verdicts = judged([math.nan, 2.0, math.nan, 3.0])
    assert verdicts == [True, True, False, True]


def test_a_plateau_reduces_the_learning_rate_each_time_patience_runs_out():
    state, _ = judged([5, 4, 4, 4, 4, 4], plateau_patience=2, plateau_factor=0.5)
    assert state.learning_rate_factor == 0.25
    assert learning_rate(OptimizerOptions(learning_rate=0.4), state) == pytest.approx(0.1)
    state, _ = judged([5, 4, 6, 4], plateau_patience=2)
    assert state.learning_rate_factor == 1.0


def stopping(state, patience=10, **limits):
    return reason_to_stop(RunOptions(run_dir="run", validation=ValidationOptions(patience=patience), **limits), state)


def test_training_stops_at_the_first_limit():
    state = TrainingState(update=20, seconds=120, validations_since_best=3)
    assert stopping(state, patience=3) == "3 validations without improvement"
    assert stopping(state, max_updates=20) == "reached --max-updates 20"
    assert stopping(state, max_minutes=2.0) == "reached --max-minutes 2"
    assert stopping(state, patience=4, max_updates=21, max_minutes=3.0) is None


@pytest.mark.parametrize(
    "validation, limits, rules",
    [
        (
            TranslationValidation(every=300),
            {"max_updates": 2000, "max_minutes": 30.0},
            "after 2,000 updates, or after 30 minutes, or after 10 validations without a better BLEU; "
            "a validation follows every 300 updates",
        ),
        (
            TranslationValidation(every=1, patience=1, stop_on="loss"),
            {},
            "after 1 validation without a lower loss; a validation follows every update",
        ),
        (
            ValidationOptions(patience=0),
            {"max_minutes": 0.5},
            "after 0.5 minutes; a validation follows every 500 updates",
        ),
        (
            ValidationOptions(patience=2),
            {"max_updates": 1},
            "after 1 update, or after 2 validations without improvement, with one validation",
        ),
    ],
)
def test_the_stopping_rules_in_words(validation, limits, rules):
    assert stopping_rules(RunOptions(run_dir="run", validation=validation, **limits)) == f"training ends {rules}"


def test_a_patience_of_0_never_stops():
    options = RunOptions(run_dir="run", validation=ValidationOptions(patience=0), max_updates=1)
    assert not is_stuck(options, TrainingState(validations_since_best=99))
