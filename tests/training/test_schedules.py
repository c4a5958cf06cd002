import dataclasses
import math

import pytest

from seq2seq.training.options import TrainingOptions
from seq2seq.training.schedules import competence, gold_probability, in_words, is_stuck, judge, learning_rate
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


class Figures:
    def __init__(self, loss=1.0, bleu=0.0, chrf=0.0):
        self.loss, self.bleu, self.chrf = loss, bleu, chrf


def judged(values, losses=None, stop_on="bleu", **changes):
    """The state after validations with these values, 10 updates apart, and whether each was the best."""
    state, verdicts = TrainingState(), []
    for number, value in enumerate(values):
        state.update += 10
        figures = Figures(**{"loss": losses[number] if losses else 1.0, stop_on: value})
        verdicts.append(judge(options(stop_on=stop_on, **changes), state, figures))
    return state, verdicts


@pytest.mark.parametrize("score", ["bleu", "chrf"])
def test_more_of_a_score_and_less_loss_are_better_and_equal_is_not(score):
    state, verdicts = judged([1.0, 3.0, 3.0, 2.0], stop_on=score)
    assert verdicts == [True, True, False, False] and (state.best_update, state.best_value) == (20, 3.0)
    _, verdicts = judged([3.0, 1.0, 1.0, 2.0], stop_on="loss")
    assert verdicts == [True, True, False, False]


@pytest.mark.parametrize("score", ["bleu", "chrf"])
def test_between_equal_scores_the_lower_loss_decides(score):
    """The score says nothing for a long time while the loss falls: neither patience nor the learning rate runs out."""
    falling = {"losses": [6.0, 5.0, 4.0, 3.0, 2.0], "stop_on": score, "plateau_patience": 1, "patience": 1}
    state, verdicts = judged([0.0] * 5, **falling)
    assert verdicts == [True] * 5 and (state.best_update, state.best_loss) == (50, 2.0)
    assert state.validations_since_best == 0 and state.learning_rate_factor == 1.0
    state, verdicts = judged([0.0] * 3, losses=[2.0, 3.0, 2.0], stop_on=score)
    assert verdicts == [True, False, False] and state.validations_since_best == 2
    state, verdicts = judged([0.0, 0.1, 0.0], losses=[2.0, 3.0, 1.0], stop_on=score)  # a score above 0 comes first
    assert verdicts == [True, True, False] and (state.best_update, state.best_loss) == (20, 3.0)


def test_not_a_number_is_never_better():
    _, verdicts = judged([float("nan"), 2.0, float("nan"), 1.0], stop_on="loss")
    assert verdicts == [True, True, False, True]
    _, verdicts = judged([float("nan"), 2.0, float("nan"), 3.0])
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


# Scheduled sampling. ------------------------------------------------------------------------------------------


def golds(updates, **changes):
    changes = {"sampling": "parallel", "sampling_warmup": 0, "max_updates": 100, **changes}
    planned = options(**changes).with_plan(changes["max_updates"])
    return [gold_probability(planned, TrainingState(update=update)) for update in updates]


def test_without_sampling_every_token_is_gold():
    none = options(max_updates=100)
    assert [gold_probability(none, TrainingState(update=update)) for update in (1, 50, 100)] == [1.0, 1.0, 1.0]


def test_constant_is_the_floor_after_the_warmup():
    assert golds([1, 10, 11, 90], sampling_schedule="constant", sampling_floor=0.6, sampling_warmup=10) == [
        1.0,
        1.0,
        0.6,
        0.6,
    ]


def test_linear_falls_to_its_floor_and_stays_there():
    falling = {"sampling_schedule": "linear", "sampling_floor": 0.5, "sampling_warmup": 20, "sampling_decay": 40}
    assert golds([20, 30, 40, 60, 61, 99], **falling) == pytest.approx([1.0, 0.875, 0.75, 0.5, 0.5, 0.5])


def test_exponential_is_a_power_of_the_update():
    """k^i with a k that comes to 0.01 when the decay is over."""
    k = 0.01 ** (1 / 100)
    found = golds([1, 7, 50, 99], sampling_schedule="exponential", sampling_floor=0.0, sampling_decay=100)
    assert found == pytest.approx([k, k**7, k**50, k**99])


def test_inverse_sigmoid_is_that_of_the_paper():
    """k / (k + exp(i / k)) with k = 1000, whose decay is 2 k ln k updates long."""
    decay = 2 * 1000 * math.log(1000)
    found = golds([1, 3000, 6908, 12000], sampling_floor=0.0, sampling_decay=decay, max_updates=20_000)
    assert found == pytest.approx([1000 / (1000 + math.exp(i / 1000)) for i in (1, 3000, 6908, 12000)])


@pytest.mark.parametrize("schedule", ["linear", "exponential", "inverse_sigmoid"])
def test_a_schedule_in_shares_means_the_same_in_a_longer_run(schedule):
    shares = {"sampling_schedule": schedule, "sampling_warmup": 0.2, "sampling_decay": 0.5}
    short = golds([10, 25, 50, 69, 71, 100], max_updates=100, **shares)
    assert golds([100, 250, 500, 690, 710, 1000], max_updates=1000, **shares) == pytest.approx(short)
    assert short[0] == 1.0 and short[-1] == 0.75 and short == sorted(short, reverse=True)


def test_a_run_that_goes_on_to_more_updates_keeps_its_schedules():
    longer = options(sampling="parallel", curriculum="length", max_updates=900).with_plan(100)
    assert (longer.sampling_warmup, longer.sampling_decay, longer.curriculum_updates) == pytest.approx((10, 90, 20))
    assert longer.max_updates == 900


def test_competence_grows_with_the_square_root_of_updates():
    by_number = options(curriculum="length", curriculum_updates=100, curriculum_start=0.1)
    assert [competence(by_number, update) for update in (0, 25, 100, 500)] == pytest.approx(
        [0.1, math.sqrt(0.25 * 0.99 + 0.01), 1.0, 1.0]
    )
    by_share = options(curriculum="length", curriculum_updates=0.2, curriculum_start=0.1, max_updates=500)
    assert competence(by_share.with_plan(500), 25) == pytest.approx(competence(by_number, 25))


def test_schedules_in_words():
    plan = {"max_updates": 1000, "sampling_warmup": 0.2, "sampling_decay": 0.5, "sampling_floor": 0.6}
    chosen = options(sampling="sequential", sampling_schedule="inverse_sigmoid", **plan).with_plan(1000)
    words = "(likeliest words, a coin for each token); gold alone up to update 200, then with"
    falls = "a probability that falls (inverse sigmoid) to 0.6 at update 700"
    assert in_words(chosen) == [f"sequential sampling {words} {falls}"]
    at_once = options(sampling="parallel", sampling_schedule="constant", **plan).with_plan(1000)
    unlimited = options(sampling="parallel", sampling_schedule="constant", sampling_warmup=5, max_updates=None)
    assert unlimited.with_plan(None).sampling_decay == unlimited.sampling_decay  # of no use, so no share of anything
    assert in_words(at_once) == [f"parallel sampling {words} probability 0.6"]
    (line,) = in_words(dataclasses.replace(at_once, sampling_warmup=0))
    assert line.endswith("each token); gold with probability 0.6")
    curriculum = options(curriculum="rarity", curriculum_start=0.05, curriculum_updates=300)
    assert in_words(curriculum) == ["curriculum by rarity: the easiest 5% of the pairs at first, all from update 300"]
    assert in_words(options()) == []
