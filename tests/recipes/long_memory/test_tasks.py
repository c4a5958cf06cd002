"""The answers can be read off the sequences."""

import numpy as np
import pytest
from long_memory.tasks import TASKS, draw

BLANK, GO = 8, 9  # of copying, after the symbols 0 to 7
X, Y, START, END = range(4)  # of temporal order, before four distractors


@pytest.mark.parametrize("task", TASKS)
def test_a_batch_is_a_function_of_seed_and_update(task):
    first, again = draw(task, 3, 20, seed=1, update=2), draw(task, 3, 20, seed=1, update=2)
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name])
        for other in draw(task, 3, 20, seed=1, update=3), draw(task, 3, 20, seed=2, update=2):
            assert (values != other[name]).any()
    assert first["inputs"].shape[0] == 3 and first["inputs"].shape[2] == TASKS[task].num_features
    assert first["inputs"].dtype == np.float32


def test_adding_is_the_sum_of_the_two_marked_numbers():
    batch = draw("adding", 200, 25, seed=1, update=0)
    numbers, marks = batch["inputs"][..., 0], batch["inputs"][..., 1]
    assert (marks[:, :12].sum(axis=1) == 1).all() and (marks[:, 12:].sum(axis=1) == 1).all()
    np.testing.assert_allclose(batch["answers"][:, 0], (numbers * marks).sum(axis=1), rtol=1e-6)
    assert numbers.min() >= 0 and numbers.max() < 1
    assert set(marks.argmax(axis=1)) == set(range(12)) and marks[:, -1].any()  # a mark may stand anywhere
    # An answer of always 1 errs by the variance of the sum of two uniform numbers, 2/12.
    sums = np.concatenate([draw("adding", 500, 20, seed=2, update=update)["answers"] for update in range(10)])
    assert np.mean((sums - 1) ** 2) == pytest.approx(TASKS["adding"].chance, abs=0.01)


def test_copying_shows_ten_symbols_and_asks_for_them_after_the_delay():
    batch = draw("copying", 50, 20, seed=1, update=0)
    ids, answers = batch["inputs"].argmax(axis=-1), batch["answers"]
    assert ids.shape == (50, 40) and (batch["inputs"].sum(axis=-1) == 1).all()
    np.testing.assert_array_equal(ids[:, :10], answers)
    # The signal comes 20 steps after the first answer's symbol ends: symbol k at step k is asked for at 30 + k.
    assert (ids[:, 29] == GO).all() and (np.delete(ids[:, 10:], 19, axis=1) == BLANK).all()
    assert set(answers.flat) == set(range(TASKS["copying"].num_classes))


def test_temporal_order_asks_for_the_two_symbols_that_are_no_distractors():
    batch = draw("temporal_order", 300, 100, seed=1, update=0)
    ids = batch["inputs"].argmax(axis=-1)
    assert (ids[:, 0] == START).all() and (ids[:, -1] == END).all() and (ids[:, 1:-1] != END).all()
    answers = {(X, X): 0, (X, Y): 1, (Y, X): 2, (Y, Y): 3}
    places = []
    for row, answer in zip(ids, batch["answers"][:, 0], strict=True):
        first, second = np.flatnonzero(row < START)
        assert answers[row[first], row[second]] == answer
        places.append((first, second))
    # As in the paper: in steps 10 to 20 and 50 to 60 of 100.
    assert (np.min(places, axis=0) == (10, 50)).all() and (np.max(places, axis=0) == (20, 60)).all()


def test_solved_is_a_small_error_or_a_high_accuracy():
    assert TASKS["adding"].is_solved(0.0099) and not TASKS["adding"].is_solved(0.0101)
    assert TASKS["copying"].is_solved(0.991) and not TASKS["copying"].is_solved(0.989)
