import math

import pytest

from seq2seq.model.objectives import RiskOptions, SamplingOptions


@pytest.mark.parametrize(
    "options, message",
    [
        ({"floor": 1.0}, "--sampling.floor is 1: every token would stay gold"),
        ({"floor": 1.5}, "--sampling.floor is 1.5; it has to be between 0 and 1"),
        ({"way": "sequential", "passes": 2}, "--sampling.passes is 2, but the sequential way has none"),
        ({"temperature": 0.5}, "--sampling.temperature is 0.5, but argmax draws nothing"),
        ({"confidence": 0.6}, "--sampling.confidence 0.6 would sample nothing.*--sampling.random-confidence"),
        ({"confidence": 0.4, "random_confidence": 0.3}, "--sampling.random-confidence is 0.3, below"),
        ({"way": "none", "passes": 2}, "--sampling.passes has no effect while --sampling.way is none"),
    ],
)
def test_sampling_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        SamplingOptions(**{"way": "parallel", **options})


@pytest.mark.parametrize(
    "options, message",
    [
        ({"candidates": 1}, "--risk.candidates is 1; it has to be between 2 and 1,000"),
        ({"search": "n_best", "temperature": 0.9}, "--risk.temperature is 0.9, but n_best draws nothing"),
        ({"likelihood": 1.0}, "--risk.likelihood is 1.0; it has to be at least 0 and below 1"),
        ({"metric": "none", "candidates": 4}, "--risk.candidates has no effect while --risk.metric is none"),
    ],
)
def test_risk_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        RiskOptions(**{"metric": "bleu", **options})


def golds(updates, planned=None, **options):
    options = SamplingOptions(**{"way": "parallel", "warmup": 0, **options}).with_plan(planned)
    return [options.gold_probability(update) for update in updates]


def test_without_sampling_every_token_is_gold():
    assert [SamplingOptions().gold_probability(update) for update in (1, 50)] == [1.0, 1.0]


def test_constant_is_the_floor_after_the_warmup():
    assert golds([1, 10, 11, 90], schedule="constant", floor=0.6, warmup=10) == [1.0, 1.0, 0.6, 0.6]


def test_linear_falls_to_its_floor_and_stays_there():
    falling = {"schedule": "linear", "floor": 0.5, "warmup": 20, "decay": 40}
    assert golds([20, 30, 40, 60, 61, 99], **falling) == pytest.approx([1.0, 0.875, 0.75, 0.5, 0.5, 0.5])


def test_exponential_is_a_power_of_the_update():
    """k^i with a k that comes to 0.01 when the decay is over."""
    k = 0.01 ** (1 / 100)
    found = golds([1, 7, 50, 99], schedule="exponential", floor=0.0, decay=100)
    assert found == pytest.approx([k, k**7, k**50, k**99])


def test_inverse_sigmoid_is_that_of_the_paper():
    """k / (k + exp(i / k)) with k = 1000, whose decay is 2 k ln k updates long."""
    found = golds([1, 3000, 6908, 12000], floor=0.0, decay=2 * 1000 * math.log(1000))
    assert found == pytest.approx([1000 / (1000 + math.exp(i / 1000)) for i in (1, 3000, 6908, 12000)])


@pytest.mark.parametrize("schedule", ["linear", "exponential", "inverse_sigmoid"])
def test_a_schedule_in_shares_means_the_same_in_a_longer_run(schedule):
    shares = {"schedule": schedule, "warmup": 0.2, "decay": 0.5}
    short = golds([10, 25, 50, 69, 71, 100], planned=100, **shares)
    assert golds([100, 250, 500, 690, 710, 1000], planned=1000, **shares) == pytest.approx(short)
    assert short[0] == 1.0 and short[-1] == 0.75 and short == sorted(short, reverse=True)


def test_the_log_describes_the_schedule():
    falling = SamplingOptions(way="sequential", warmup=200, decay=500, floor=0.6)
    assert falling.describe() == (
        "sequential scheduled sampling (most probable tokens, one decision per token): teacher forcing up to update "
        "200, then gold with a probability that falls (inverse sigmoid) to 0.6 at update 700"
    )
    constant = SamplingOptions(way="parallel", schedule="constant", warmup=0, floor=0.6)
    assert constant.describe().endswith("one decision per token): gold with probability 0.6")
    risk = RiskOptions(metric="chrf", candidates=5, gold=True, likelihood=0.2)
    assert risk.describe() == (
        "minimum risk training: 5 candidates per sentence drawn at temperature 0.5, and gold; risk = "
        "0.8 * (expected 1 - sentence chrF) + 0.2 * cross-entropy of a gold token"
    )
