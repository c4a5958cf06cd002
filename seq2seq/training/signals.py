"""SIGINT and SIGTERM as a request to leave at the next good moment."""

import signal
import threading
from types import FrameType

__all__ = ["LeaveRequest"]


class LeaveRequest:
    """Inside a `with` block, remembers SIGINT or SIGTERM; a second signal leaves at once.

    Outside the main thread, where Python takes no signals, it remembers nothing.

    Attributes:
        signal: the signal that arrived, or None.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._before: dict[int, object] = {}

    @property
    def exit_code(self) -> int:
        """What a shell reports for a process ended by the signal: 130 after Ctrl-C, 143 after SIGTERM."""
        return 128 + self.signal if self.signal else 0

    def __enter__(self) -> "LeaveRequest":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._remember)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _remember(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            raise SystemExit(128 + number)
        self.signal = signal.Signals(number)
