"""What a run shows while it trains: a live line on a terminal, plain lines elsewhere, and a log file."""

import collections
import contextlib
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import rich.progress
from rich.console import Console
from rich.progress import BarColumn, TextColumn

from seq2seq.training.forecast import next_validation, time_left
from seq2seq.training.options import RunOptions
from seq2seq.training.state import TrainingState
from seq2seq.training.watchers import Update, Watcher
from seq2seq.training.wording import duration

__all__ = ["Progress", "log_to"]

logger = logging.getLogger("seq2seq")

_SECONDS_BETWEEN_LINES = 60.0  # where there is no live line
_RECENT_UPDATES = 100  # the speed shown is that of so many updates
_UPDATES_TO_FORECAST = 20  # their speed is known well enough to say when training ends


@contextlib.contextmanager
def log_to(path: Path, console: Console) -> Iterator[None]:
    """Sends the package's log to the console and, with the time of day, to the file `path`, for a `with` block."""
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


class Progress(Watcher):
    """Update, time left, epoch, loss, learning rate and target tokens/s of a run.

    On a terminal it is a line that changes in place; elsewhere a log line once per minute.

    Args:
        console: where it is shown.
        options: for the limits.
        updates_per_epoch: float.
        loss_name: what the minimised quantity is called.
        details: function of the update number -> further figures, as text.
    """

    def __init__(
        self,
        console: Console,
        options: RunOptions,
        updates_per_epoch: float,
        *,
        loss_name: str = "loss",
        details: Callable[[int], Sequence[str]] = lambda update: (),
    ):
        self.options = options
        self.updates_per_epoch = updates_per_epoch
        self.loss_name = loss_name
        self.details = details
        self._updates_made = 0  # by this process
        self._recent: collections.deque[tuple[int, float]] = collections.deque(maxlen=_RECENT_UPDATES)
        self._last_line = time.monotonic()
        self._live = None
        if console.is_terminal:
            columns = [TextColumn("{task.description}")]
            if options.max_updates is not None or options.max_minutes is not None:  # else nothing says how long it is
                columns.append(BarColumn(bar_width=20))
            self._live = rich.progress.Progress(*columns, console=console, transient=True, refresh_per_second=4)
            self._bar = self._live.add_task("starting", total=1.0)

    def begin(self, state: TrainingState) -> None:
        if self._live:
            self._live.start()

    def end(self, state: TrainingState) -> None:
        if self._live:
            self._live.stop()

    def updated(self, state: TrainingState, update: Update) -> None:
        if self._updates_made == 1:
            self._recent.clear()  # the first update also builds the graph, which takes seconds
        self._updates_made += 1
        self._recent.append((update.tokens, update.seconds))
        if self._updates_made == 1 + _UPDATES_TO_FORECAST:
            logger.info(self._forecast(state))
        if self._live:
            self._live.update(self._bar, description=self._text(state, update), completed=self._share_done(state))
        elif time.monotonic() - self._last_line >= _SECONDS_BETWEEN_LINES:
            self._last_line = time.monotonic()
            logger.info(self._text(state, update))

    def validating(self, state: TrainingState) -> None:
        if self._live:
            self._live.update(self._bar, description=f"validating after update {state.update}")

    def _text(self, state: TrainingState, update: Update) -> str:
        tokens, seconds = (sum(column) for column in zip(*self._recent, strict=True))
        left = [f"{time_left(self.options, state, self._update_seconds())} left"] if self._updates_made > 1 else []
        figures = [
            f"update {state.update}",
            *left,  # early in the line, as a narrow terminal cuts off its end
            f"epoch {state.update / self.updates_per_epoch:.2f}",
            f"{self.loss_name} {update.loss:.3f}",
            f"rate {update.learning_rate:.2g}",
            *self.details(state.update),
            f"{tokens / max(seconds, 1e-9):,.0f} tokens/s",
        ]
        return "  ".join(figures)

    def _forecast(self, state: TrainingState) -> str:
        """When the next validation comes and when training ends, as far as it can be known."""
        left = time_left(self.options, state, self._update_seconds())
        validation = "first" if state.validated < 0 else "next"
        until = duration(next_validation(self.options, state, self._update_seconds()))
        return f"{validation} validation in about {until}, the end in {left if left.bound else f'about {left}'}"

    def _update_seconds(self) -> float:
        """Time of a recent update, on average."""
        return sum(seconds for _, seconds in self._recent) / len(self._recent)

    def _share_done(self, state: TrainingState) -> float:
        """How much of the run is done, by the limit that is nearer to its end."""
        shares = [0.0]
        if self.options.max_updates:
            shares.append(state.update / self.options.max_updates)
        if self.options.max_minutes:
            shares.append(state.seconds / (60 * self.options.max_minutes))
        return max(shares)
