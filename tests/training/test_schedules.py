import pytest

from seq2seq.training.options import TrainingOptions
from seq2seq.training.schedules import is_stuck, judge, learning_rate
from seq2seq.training.state import TrainingState


def options(**changes):
    return TrainingOptions(run_dir="run", learning_rate=0.4, **changes)


def rates(updates, **changes):
    return [learning_rate(options(**changes), TrainingState(update=update)) for update in updates]


def test_constant():
    assert rates([1, 10, 1000]) == [0.4, 0.4, 0.4]
    assert rates([1, 2, 4, 5], warmup_updates=4) == pytest.approx([0.1, 0.2, 0.4, 0.4])


def test_inverse_square_root_after_warmup():
    assert rates([1, 4, 16, 64], schedule="inverse_sqrt", warmup_updates=4) == pytest.approx([0.1, 0.4, 0.2, 0.1])
    assert rates([1, 4], schedule="inverse_sqrt") == pytest.approx([0.4, 0.2])


def judged(values, **changes):
    """The state after validations with these values, 10 updates apart, and whether each was the best."""
    state, verdicts = TrainingState(), []
    for value in values:
        state.update += 10
        verdicts.append(judge(options(**changes), state, value))
    return state, verdicts


def test_more_bleu_and_less_loss_are_better_and_equal_is_not():
    state, verdicts = judged([1.0, 3.0, 3.0, 2.0], stop_on="bleu")
    assert verdicts == [True, True, False, False] and (state.best_update, state.best_value) == (20, 3.0)
    _, verdicts = judged([3.0, 1.0, 1.0, 2.0], stop_on="loss")
    assert verdicts == [True, True, False, False]


def test_not_a_number_is_never_better():
    _, verdicts = judged([float("nan"), 2.0, float("nan"), 1.0], stop_on="loss")
    assert verdicts == [True, True, False, True]


def test_plateau_reduces_the_rate_each_time_patience_runs_out():
    state, _ = judged([5, 4, 4, 4, 4, 4], plateau_patience=2, plateau_factor=0.5)
    assert state.learning_rate_factor == 0.25
    assert learning_rate(options(), state) == pytest.approx(0.1)
    state, _ = judged([5, 4, 6, 4], plateau_patience=2)
    assert state.learning_rate_factor == 1.0


def test_patience():
    state, _ = judged([5, 4, 4])
    assert is_stuck(options(patience=2), state) and not is_stuck(options(patience=3), state)
    assert not is_stuck(options(patience=0, max_updates=1), state)
