import itertools

import numpy as np
import pytest

from seq2seq.text.batches import Batch, BatchPlan


@pytest.fixture(scope="module")
def lengths():
    random = np.random.default_rng(0)
    source = random.gamma(5, 4, 5000).astype(np.int32) + 1
    return source, np.maximum(1, source + random.normal(1, 3, 5000).astype(np.int32))


def padding(batches, source, target):
    """Fractions of padding: of the longer side of each pair, of the source, of the target."""
    sizes = np.array([len(batch.indices) for batch in batches])
    padded = np.array([batch[1:] for batch in batches])
    real = np.maximum(source, target).sum(), source.sum(), target.sum()
    widths = padded.max(axis=1), padded[:, 0], padded[:, 1]
    return [1 - tokens / (sizes * width).sum() for tokens, width in zip(real, widths, strict=True)]


def rows(batches):
    return [(batch.indices.tolist(), batch.source_length, batch.target_length) for batch in batches]


def test_a_plan_by_hand():
    plan = BatchPlan([3, 9, 2, 9], [4, 8, 2, 10], batch_tokens=20, seed=1)
    batches = {frozenset(batch.indices.tolist()): batch[1:] for batch in plan.epoch(0)}
    assert batches == {frozenset({1, 3}): (10, 10), frozenset({0, 2}): (4, 4)}


@pytest.mark.parametrize(("batch_tokens", "length_multiple"), [(1, 1), (50, 2), (1024, 4), (10**9, 1)])
def test_each_pair_once_within_the_budget(lengths, batch_tokens, length_multiple):
    source, target = lengths
    plan = BatchPlan(source, target, batch_tokens=batch_tokens, seed=3, length_multiple=length_multiple)
    for number in range(3):
        batches = plan.epoch(number)
        assert len(batches) == plan.batches_per_epoch
        assert sorted(np.concatenate([batch.indices for batch in batches])) == list(range(len(source)))
        for indices, source_length, target_length in batches:
            assert len(indices) == 1 or len(indices) * max(source_length, target_length) <= batch_tokens
            assert 0 <= source_length - source[indices].max() < length_multiple
            assert 0 <= target_length - target[indices].max() < length_multiple
            assert source_length % length_multiple == target_length % length_multiple == 0


def test_pure_function_of_lengths_seed_and_epoch(lengths):
    plan = BatchPlan(*lengths, batch_tokens=512, seed=3)
    later = plan.epoch(5)  # epochs can be asked for in any order
    first = plan.epoch(0)
    again = BatchPlan(*map(list, lengths), batch_tokens=512, seed=3)
    assert rows(again.epoch(0)) == rows(first)
    assert rows(again.epoch(5)) == rows(later)
    assert rows(BatchPlan(*lengths, batch_tokens=512, seed=4).epoch(0)) != rows(first)
    assert rows(BatchPlan(*lengths, batch_tokens=512, seed=-1).epoch(0)) != rows(first)


def test_batches_and_their_order_differ_between_epochs(lengths):
    plan = BatchPlan(*lengths, batch_tokens=512, seed=3)
    first, second = ({frozenset(batch.indices.tolist()) for batch in plan.epoch(number)} for number in (0, 1))
    assert len(first & second) < 0.1 * len(first)
    longest = [[batch.source_length for batch in plan.epoch(number)] for number in (0, 1)]
    assert longest[0] != longest[1]
    assert longest[0] != sorted(longest[0])


def test_little_padding_and_few_shapes(lengths):
    batches = BatchPlan(*lengths, batch_tokens=2048, seed=3).epoch(0)
    longer, source, target = padding(batches, *lengths)
    assert longer < 0.08
    assert source < 0.15 and target < 0.15
    assert len({batch[1:] for batch in batches}) < 70


def test_left_over_sentences_are_divided_between_the_last_two_batches():
    plan = BatchPlan([2] * 101, [2] * 101, batch_tokens=20, seed=0)
    sizes = sorted(len(batch.indices) for batch in plan.epoch(0))
    assert sizes == [5, 6] + [10] * 9


def test_workers_share_a_batch(lengths):
    plan = BatchPlan(*lengths, batch_tokens=512, seed=3)
    for batch in plan.epoch(0)[:20]:
        for num_workers in (1, 2, 3):
            shares = [plan.worker(batch, worker, num_workers) for worker in range(num_workers)]
            assert sorted(np.concatenate(shares)) == sorted(batch.indices)
            assert max(map(len, shares)) - min(map(len, shares)) <= 1
            assert min(map(len, shares)) >= 1


def test_more_workers_than_sentences():
    plan = BatchPlan([30], [20], batch_tokens=20, seed=0)
    (batch,) = plan.epoch(0)
    assert rows([batch]) == [([0], 30, 20)]
    with pytest.raises(ValueError, match="batch of 1 sentences of up to 30 tokens cannot be shared by 2 workers"):
        plan.worker(batch, 0, 2)
    with pytest.raises(ValueError, match="no worker 2 among 2"):
        plan.worker(Batch(np.arange(4), 4, 4), 2, 2)


@pytest.mark.parametrize(
    ("sources", "targets", "options", "error", "message"),
    [
        ([], [], {}, ValueError, "at least one pair"),
        ([1, 2], [1], {}, ValueError, r"shape \(2,\) and target lengths of shape \(1,\)"),
        ([1], [1], {"batch_tokens": 0}, ValueError, "batch_tokens=0"),
        ([1], [1], {"seed": 0.5}, TypeError, "integer"),
    ],
)
def test_lengths_and_options_are_checked(sources, targets, options, error, message):
    with pytest.raises(error, match=message):
        BatchPlan(sources, targets, **({"batch_tokens": 100, "seed": 0} | options))


def test_weights_say_how_often_a_pair_comes(lengths):
    """The whole part in every epoch; the fraction as a share of the pairs of one length, drawn afresh each epoch."""
    weights = np.random.default_rng(1).choice([0, 0.3, 1, 2.5], len(lengths[0]))
    plan = BatchPlan(*lengths, batch_tokens=512, seed=3, weights=weights)
    epochs = [plan.epoch(number) for number in range(40)]
    counts = np.array([np.bincount(np.concatenate([b.indices for b in e]), minlength=len(weights)) for e in epochs])
    for weight in (0, 0.3, 1, 2.5):
        times = counts[:, weights == weight]
        assert set(np.unique(times)) == {np.floor(weight), np.ceil(weight)}
        np.testing.assert_allclose(times.sum(axis=1), weight * times.shape[1], atol=1)
        assert np.all(times.sum(axis=0) > 0) or weight == 0
    for batches in epochs:
        assert len(batches) == plan.batches_per_epoch
        for indices, *sides in batches:
            assert len(indices) * max(sides) <= 512 or len(indices) == 1
    assert rows(plan.epoch(7)) == rows(epochs[7])


def test_weights_of_one_change_nothing(lengths):
    plans = [BatchPlan(*lengths, batch_tokens=512, seed=3, weights=w) for w in (None, np.ones(len(lengths[0])))]
    assert rows(plans[0].epoch(2)) == rows(plans[1].epoch(2))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        *((wrong, "expected one a pair, 0 or more, and one above 0") for wrong in ([1, 1], [1, 1, -1], [0, 0, 0])),
        ([1, 1, np.nan], "expected one a pair, 0 or more"),
        ([0.1, 0.1, 0.1], "leave no pair for an epoch"),
    ],
)
def test_wrong_weights_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        BatchPlan([3, 5, 3], [4, 5, 4], batch_tokens=8, seed=1, weights=weights)


def growing(update):
    return min(1.0, 0.05 + update / 200)


def test_a_curriculum_begins_with_the_easiest_pairs(lengths):
    """Each epoch is one pass over as large a share as the competence at its beginning."""
    source, target = lengths
    difficulty = np.random.default_rng(2).random(len(source))
    plan = BatchPlan(source, target, batch_tokens=512, seed=3, curriculum=(difficulty, growing))
    walk = list(itertools.islice(plan.batches(), 200 + 2 * plan.batches_per_epoch))
    made = 0
    for epoch in range(walk[-1][0]):  # the last one may be cut off
        batches = [batch for number, _, batch in walk if number == epoch]
        easiest = np.argsort(difficulty)[: int(growing(made) * len(source) + 1e-9)]
        assert sorted(np.concatenate([batch.indices for batch in batches])) == sorted(easiest)
        for indices, *sides in batches:
            assert len(indices) == 1 or len(indices) * max(sides) <= 512
        made += len(batches)
    assert len(batches) == plan.batches_per_epoch and made > 200


@pytest.mark.parametrize("curriculum", [False, True])
def test_the_walk_can_begin_after_any_update(lengths, curriculum):
    difficulty = np.random.default_rng(2).random(len(lengths[0]))
    plan = BatchPlan(*lengths, batch_tokens=512, seed=3, curriculum=(difficulty, growing) if curriculum else None)
    count = 3 * plan.batches_per_epoch
    walk = itertools.islice(plan.batches(), count)
    whole = [(epoch, number, batch.indices.tolist()) for epoch, number, batch in walk]
    for start in (0, 1, 17, plan.batches_per_epoch, 2 * plan.batches_per_epoch + 5):
        epoch, number, batch = next(plan.batches(start))
        assert (epoch, number, batch.indices.tolist()) == whole[start]


def test_at_least_the_easiest_pair_is_learnt_from():
    plan = BatchPlan([3, 5, 3], [4, 5, 4], batch_tokens=8, seed=1, curriculum=([2.0, 1.0, 3.0], lambda update: 0.0))
    assert next(plan.batches())[2].indices.tolist() == [1]


def test_a_curriculum_wants_a_difficulty_for_each_pair():
    with pytest.raises(ValueError, match="difficulties of shape .2,.; expected one a pair"):
        BatchPlan([3, 5, 3], [4, 5, 4], batch_tokens=8, seed=1, curriculum=([2.0, 1.0], lambda update: 1.0))
