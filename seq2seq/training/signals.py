"""Signals such as Ctrl-C, taken as a request to stop at the next good moment."""

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

__all__ = ["LeaveRequest"]

ONE_EVENT = 1.0
"""Seconds within which further signals are one request with the first: a logout sends SIGTERM and SIGHUP together."""

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, `kill`, a closed terminal; Windows has no SIGHUP


class LeaveRequest:
    """Remembers SIGINT, SIGTERM or SIGHUP inside a `with` block.

    A second signal, `ONE_EVENT` or more after the first, ends the process at once, but never inside `unbroken`.
    A signal that was ignored before (`nohup`, a job in the background) stays ignored. Outside the main thread, where
    Python takes no signals, nothing is remembered.

    Attributes:
        signal: the signal that arrived, or None.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._is_unbroken = False
        self._asked_at = 0.0
        self._before: dict[int, object] = {}

    @property
    def exit_code(self) -> int:
        """What a shell reports for a process ended by the signal: 130 after Ctrl-C, 143 after SIGTERM."""
        return 128 + self.signal if self.signal else 0

    @property
    def cause(self) -> str:
        """What stopped the process, in words: "Ctrl-C", "SIGTERM" or "SIGHUP"; "" for nothing."""
        return "Ctrl-C" if self.signal == signal.SIGINT else self.signal.name if self.signal else ""

    @contextlib.contextmanager
    def unbroken(self) -> Iterator[None]:
        """A block that no signal interrupts."""
        was_unbroken, self._is_unbroken = self._is_unbroken, True
        try:
            yield
        finally:
            self._is_unbroken = was_unbroken

    def __enter__(self) -> "LeaveRequest":
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
                if signal.getsignal(number) != signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._remember)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        if self.signal is None:
            self.signal, self._asked_at = signal.Signals(number), time.monotonic()
        elif not self._is_unbroken and time.monotonic() - self._asked_at >= ONE_EVENT:
            raise SystemExit(128 + number)
