"""How long a run still takes. Here an update takes 0.5 s, a validation 10 s, and one follows every 100 updates."""

import pytest

from seq2seq.tasks.options import ValidationOptions
from seq2seq.training.forecast import next_validation, time_left
from seq2seq.training.options import RunOptions
from seq2seq.training.state import TrainingState


def run(patience=0, **limits):
    return RunOptions(run_dir="run", validation=ValidationOptions(every=100, patience=patience), **limits)


def left(options, **state):
    return str(time_left(options, TrainingState(**{"validation_seconds": 10.0, **state}), 0.5))


def test_updates_and_the_validations_between_them_are_counted():
    options = run(max_updates=250)
    assert left(options) == "2:35"  # 125 s, and validations after 100, 200 and 250 updates
    assert left(options, update=100) == "1:45"  # 75 s, and the same validations
    assert left(options, update=100, validated=100) == "1:35"
    assert left(options, validation_seconds=None) == "2:05 plus 3 validations"
    assert left(options, update=210, validation_seconds=None) == "0:20 plus 1 validation"


def test_minutes_include_validations_but_the_last():
    assert left(run(max_minutes=10), seconds=540) == "1:10"
    assert left(run(max_minutes=10), seconds=540, validation_seconds=None) == "1:00 plus 1 validation"
    assert left(run(max_minutes=10, max_updates=5000), seconds=540) == "1:10"
    assert left(run(max_minutes=10, max_updates=100), seconds=0) == "1:00"


def test_patience_alone_gives_the_least():
    """The first validation is the best so far in any case, so a patience of 2 needs 3."""
    assert left(run(patience=2), update=50) == "at least 2:35"
    known = {"best_update": 100, "validated": 200}
    assert left(run(patience=2), update=250, validations_since_best=1, **known) == "at least 0:35"


def test_patience_beside_a_limit_makes_it_the_most():
    assert left(run(patience=2, max_updates=301)) == "at most 3:10"
    assert left(run(patience=2, max_updates=300)) == "3:00"  # patience cannot end it earlier


@pytest.mark.parametrize(
    "limits, state, seconds",
    [
        ({"max_updates": 250}, {"update": 20}, 40),
        ({"max_updates": 250}, {"update": 100}, 0),
        ({"max_updates": 250}, {"update": 100, "validated": 100}, 50),
        ({"max_updates": 250}, {"update": 230, "validated": 200}, 10),
        ({"max_minutes": 10}, {"update": 120, "seconds": 595.0}, 5),
    ],
)
def test_the_next_validation_comes_after_so_many_updates_or_at_the_end(limits, state, seconds):
    assert next_validation(run(**limits), TrainingState(**state), 0.5) == seconds
