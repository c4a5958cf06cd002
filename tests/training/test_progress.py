import io
import logging

import pytest
from rich.console import Console

from seq2seq.tasks.options import ValidationOptions
from seq2seq.training.options import RunOptions
from seq2seq.training.progress import Progress, log_to
from seq2seq.training.state import TrainingState
from seq2seq.training.watchers import Update

UPDATE = Update(learning_rate=0.001, loss=3.2109, tokens=500, seconds=0.5)


def progress(*, console=None, details=lambda update: (), loss_name="loss", **limits):
    options = RunOptions(run_dir="run", **limits)
    console = console or Console(file=io.StringIO())
    return Progress(console, options, 20, loss_name=loss_name, details=details)


def test_a_line_has_update_time_left_epoch_loss_rate_details_and_speed(caplog):
    caplog.set_level(logging.INFO, "seq2seq")
    line = progress(max_updates=130, details=lambda update: [f"gold 0.{update}"], loss_name="risk")
    line.updated(TrainingState(update=9), UPDATE)
    line._last_line -= 60  # a minute ago
    line.updated(TrainingState(update=10), UPDATE)
    line.updated(TrainingState(update=11), UPDATE)
    shown = "update 10  1:00 plus 1 validation left  epoch 0.50  risk 3.211  rate 0.001  gold 0.10  1,000 tokens/s"
    assert caplog.messages == [shown]


@pytest.mark.parametrize(
    "state, forecast",
    [
        ({}, "first validation in about 0:40, the end in at most 4:50 plus 6 validations"),
        (
            {"best_update": 10, "validated": 10, "validation_seconds": 10.0},
            "next validation in about 0:40, the end in at most 5:50",
        ),
    ],
)
def test_once_the_speed_is_known_a_line_says_when_validation_and_end_come(caplog, state, forecast):
    """An update takes half a second, but for the first of a session, which builds the graph and is not counted."""
    caplog.set_level(logging.INFO, "seq2seq")
    line = progress(max_updates=600, validation=ValidationOptions(every=100, patience=3))
    line.updated(TrainingState(update=10, **state), UPDATE._replace(seconds=9.0))
    for _ in range(25):
        line.updated(TrainingState(update=20, **state), UPDATE)
    assert caplog.messages == [forecast]


@pytest.mark.parametrize(
    "limits, share", [({"max_updates": 200}, 0.25), ({"max_updates": 200, "max_minutes": 2}, 0.5), ({}, 0.0)]
)
def test_the_bar_follows_the_limit_that_is_nearer(limits, share):
    assert progress(**limits)._share_done(TrainingState(update=50, seconds=60.0)) == share


def test_on_a_terminal_the_line_changes_in_place():
    output = io.StringIO()
    line = progress(console=Console(file=output, force_terminal=True, width=120), max_updates=100)
    state = TrainingState(update=50)
    line.begin(state)
    line.updated(state, UPDATE)
    line.validating(state)
    line._live.refresh()
    line.end(state)
    assert "validating after update 50" in output.getvalue()


def test_the_log_goes_to_console_and_file(tmp_path):
    output = io.StringIO()
    logger = logging.getLogger("seq2seq")
    handlers = list(logger.handlers)
    with log_to(tmp_path / "log.txt", Console(file=output)):
        logger.info("two [words]")
        logger.warning("careful")
    assert output.getvalue() == "two [words]\nwarning: careful\n"
    lines = (tmp_path / "log.txt").read_text().splitlines()
    assert lines[0].endswith(" two [words]") and len(lines) == 2
    assert logger.handlers == handlers
