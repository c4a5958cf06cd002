import io
import logging

from rich.console import Console

from seq2seq.training.options import TrainingOptions
from seq2seq.training.progress import ProgressLine, log_to
from seq2seq.training.state import TrainingState


def options(**limits):
    return TrainingOptions(run_dir="run", **limits)


def test_line_tells_update_epoch_loss_rate_speed_and_time_left(caplog):
    caplog.set_level(logging.INFO, "seq2seq")
    line = ProgressLine(Console(file=io.StringIO()), options(max_updates=130), batches_per_epoch=20)
    line._last_line -= 60  # a minute ago
    line.updated(TrainingState(update=10), rate=0.001, loss=3.2109, tokens=500, seconds=0.5)
    line.updated(TrainingState(update=11), rate=0.001, loss=3.2109, tokens=500, seconds=0.5)
    assert caplog.messages == ["update 10  epoch 0.50  loss 3.211  rate 0.001  1,000 tokens/s  1:00 left"]


def test_objective_and_schedules_are_in_the_line():
    schedules = {"sampling": "parallel", "sampling_schedule": "linear", "sampling_floor": 0.5, "sampling_warmup": 0}
    schedules |= {"sampling_decay": 100, "curriculum": "length", "curriculum_updates": 100, "curriculum_start": 0.1}
    line = ProgressLine(Console(file=io.StringIO()), options(**schedules), 20, has_risk=True)
    line._recent.append((500, 1.0))
    assert "  risk 0.900  rate 0.1  gold 0.85  pairs 55%  " in line._text(TrainingState(update=30), 0.1, 0.9)


def test_the_nearer_limit_counts():
    line = ProgressLine(Console(file=io.StringIO()), options(max_updates=5000, max_minutes=90), 20)
    line._recent.append((500, 1.0))
    assert line._left(TrainingState(update=0, seconds=60), 1.0) == "1:23:20 left"
    assert line._left(TrainingState(update=0, seconds=5340), 1.0) == "1:00 left"
    line = ProgressLine(Console(file=io.StringIO()), options(), 20)
    assert line._left(TrainingState(seconds=61), 1.0) == "1:01 so far"


def test_live_line_on_a_terminal():
    output = io.StringIO()
    console = Console(file=output, force_terminal=True, width=120)
    with ProgressLine(console, options(max_updates=100), 20) as line:
        line.updated(TrainingState(update=50), rate=0.001, loss=3.0, tokens=500, seconds=0.5)
        line.busy("validating after update 50")
        line._live.refresh()
    assert "validating after update 50" in output.getvalue()


def test_log_goes_to_console_and_file(tmp_path):
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
