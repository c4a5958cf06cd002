"""The command line: one module per command, each arguments -> one library call -> output.

A command is a function `main(argv=None) -> int`. `run` calls it the way a terminal expects.
"""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from seq2seq.cli.streams import StandardOutput, open_streams, silence
from seq2seq.training.signals import ONE_EVENT

__all__ = ["run"]

INTERRUPTED = 130  # 128 + SIGINT, what a shell reports for a command stopped by Ctrl-C
BROKEN_PIPE = 141  # 128 + SIGPIPE, the same for a command whose reader went away (`... | head`)
WRONG_INPUT = 2
# Packages that requirements-translate.txt leaves out -> what to install for them.
_OPTIONAL = {
    **dict.fromkeys(("tensorflow", "keras", "h5py", "tf2onnx"), "seq2seq-keras"),
    "onnx": "onnx",
    "matplotlib": "matplotlib",
    "tensorboard": "tensorboard",
}


def run(
    main: Callable[[Sequence[str] | None], int], argv: Sequence[str] | None = None, *, ignores_lost_output: bool = False
) -> int:
    """Calls a command's `main` and turns errors into one line and an exit status.

    Standard streams use UTF-8 whatever the locale. Ctrl-C, SIGTERM and SIGHUP end the command through its
    clean-up, so that no half-written file stays behind. SEQ2SEQ_TRACEBACK=1 shows the traceback of every error.

    Args:
        main: `main(argv) -> int`, an exit status.
        argv: arguments after the command's name, default those of the process.
        ignores_lost_output: go on without output when its reader is gone, as training does.

    Returns:
        The exit status: that of `main`; 2 for refused input (ValueError, OSError), too little memory or a missing
        package; 130 after Ctrl-C; 141 when the reader of the output went away.
    """
    open_streams()
    # Warnings go through the logger. Training gives it a console and a file; elsewhere this is how they look.
    logging.lastResort.setFormatter(logging.Formatter("warning: %(message)s"))
    output = sys.stdout
    sys.stdout = StandardOutput(output, ignores_lost_output=ignores_lost_output)
    try:
        try:
            with _leaving_on_signals():
                return main(argv)
        finally:
            sys.stdout.flush()  # here, where a broken pipe is still caught
    except BrokenPipeError as error:
        if error.filename is None:  # standard error broke
            silence(sys.stderr)
        return BROKEN_PIPE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except (ValueError, OSError, MemoryError, ModuleNotFoundError) as error:
        is_ours = not isinstance(error, ModuleNotFoundError) or error.name in _OPTIONAL
        if not is_ours or os.environ.get("SEQ2SEQ_TRACEBACK") == "1":
            raise
        print(f"error: {_message(error)}", file=sys.stderr)
        return WRONG_INPUT
    finally:
        sys.stdout = output


@contextlib.contextmanager
def _leaving_on_signals() -> Iterator[None]:
    """Raises KeyboardInterrupt or SystemExit on SIGINT, SIGTERM and SIGHUP, unless they are ignored or handled already.

    Signals that follow within `ONE_EVENT` seconds belong to the first: they do not interrupt the clean-up it began.
    """
    left_at = -ONE_EVENT

    def leave(number: int, frame: object) -> None:
        nonlocal left_at
        if time.monotonic() - left_at < ONE_EVENT:
            return
        left_at = time.monotonic()
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)

    before = {}
    if threading.current_thread() is threading.main_thread():  # elsewhere Python takes no signals
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _message(error: Exception) -> str:
    """The error's text; for a file that cannot be used, its name and the system's reason."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, MemoryError):
        return f"there is not enough memory{f' ({error})' if str(error) else ''}"
    if isinstance(error, ModuleNotFoundError):
        return (
            f"this needs the package {error.name}, which is not installed: pip install {_OPTIONAL[error.name]}. "
            "Without it, exported models (translator.zip) translate, in the precision in which they were exported."
        )
    return str(error) or type(error).__name__
