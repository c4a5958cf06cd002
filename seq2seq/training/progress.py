"""What a run says while it trains: a live line on a terminal, plain lines elsewhere, and a log file."""

import collections
import contextlib
import logging
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from seq2seq.training.options import RunOptions
from seq2seq.training.schedules import competence, gold_probability
from seq2seq.training.state import TrainingState

__all__ = ["ProgressLine", "log_to"]

logger = logging.getLogger("seq2seq")

_SECONDS_BETWEEN_LINES = 60.0  # where there is no live line
_RECENT_UPDATES = 100  # the speed shown is that of so many updates


@contextlib.contextmanager
def log_to(path: Path, console: Console) -> Iterator[None]:
    """Send the package's log to the console, and with the time of day to the file `path`."""
    to_file = logging.FileHandler(path, encoding="utf-8")
    to_file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    handlers = [_ConsoleHandler(console), to_file]
    level = logger.level
    logger.setLevel(logging.INFO)
    for handler in handlers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        logger.setLevel(level)
        for handler in handlers:
            logger.removeHandler(handler)
            handler.close()


class _ConsoleHandler(logging.Handler):
    """Prints above the live line."""

    def __init__(self, console: Console):
        super().__init__()
        self.console = console

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        if record.levelno >= logging.WARNING:
            text = f"{record.levelname.lower()}: {text}"
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


class ProgressLine:
    """Update, epoch, loss, learning rate, target tokens/s and time left of a run.

    On a terminal it is a line that changes in place; elsewhere a log line once a minute.

    Args:
        console: where it is shown.
        options: for the limits.
        batches_per_epoch: int.
        has_risk: bool. The loss is a risk.
    """

    def __init__(self, console: Console, options: RunOptions, batches_per_epoch: int, *, has_risk: bool = False):
        self.options = options
        self.loss_name = "risk" if has_risk else "loss"
        self.batches_per_epoch = batches_per_epoch
        self._recent: collections.deque[tuple[int, float]] = collections.deque(maxlen=_RECENT_UPDATES)
        self._last_line = time.monotonic()
        self._live = None
        if console.is_terminal:
            columns = (TextColumn("{task.description}"), BarColumn(bar_width=20))
            self._live = Progress(*columns, console=console, transient=True, refresh_per_second=4)
            self._task = self._live.add_task("starting", total=options.max_updates)

    def __enter__(self) -> "ProgressLine":
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._live:
            self._live.stop()

    def updated(self, state: TrainingState, rate: float, loss: float, tokens: int, seconds: float) -> None:
        """Show an update that was just made.

        Args:
            state: the state after it.
            rate: its learning rate.
            loss: its loss per target token.
            tokens: target tokens in its batch.
            seconds: time it took.
        """
        self._recent.append((tokens, seconds))
        quiet = time.monotonic() - self._last_line < _SECONDS_BETWEEN_LINES
        if self._live is None and quiet:
            return
        line = self._text(state, rate, loss)
        if self._live:
            self._live.update(self._task, description=line, completed=state.update)
        else:
            self._last_line = time.monotonic()
            logger.info(line)

    def busy(self, what: str) -> None:
        """Show that something else than an update is going on."""
        if self._live:
            self._live.update(self._task, description=what)

    def _text(self, state: TrainingState, rate: float, loss: float) -> str:
        tokens, seconds = (sum(column) for column in zip(*self._recent, strict=True))
        seconds = max(seconds, 1e-9)
        figures = [
            f"update {state.update}",
            f"epoch {state.update / self.batches_per_epoch:.2f}",
            f"{self.loss_name} {loss:.3f}",
            f"rate {rate:.2g}",
        ]
        if self.options.sampling != "none":
            figures.append(f"gold {gold_probability(self.options, state):.2f}")
        if self.options.curriculum != "none":
            figures.append(f"pairs {competence(self.options, state.update):.0%}")
        return "  ".join([*figures, f"{tokens / seconds:,.0f} tokens/s", self._left(state, seconds)])

    def _left(self, state: TrainingState, recent_seconds: float) -> str:
        limits = []
        if self.options.max_updates is not None:
            updates = max(0, self.options.max_updates - state.update)
            limits.append(updates * recent_seconds / len(self._recent))
        if self.options.max_minutes is not None:
            limits.append(max(0.0, self.options.max_minutes * 60 - state.seconds))
        return f"{_duration(min(limits))} left" if limits else f"{_duration(state.seconds)} so far"


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
