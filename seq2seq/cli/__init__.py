"""The command line: one module per command, each arguments -> one library call -> output.

A command is a function `main(argv=None) -> int`. `run` calls it the way a terminal expects.
"""

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

from seq2seq.cli.streams import StandardOutput, open_streams, silence

__all__ = ["run"]

INTERRUPTED = 130  # 128 + SIGINT, what a shell reports for a command stopped by Ctrl-C
BROKEN_PIPE = 141  # 128 + SIGPIPE, the same for a command whose reader went away (`... | head`)
WRONG_INPUT = 2
# What requirements-translate.txt leaves out, and what to install for it.
_LEFT_OUT = {
    **dict.fromkeys(("tensorflow", "keras", "h5py", "tf2onnx"), "seq2seq-keras"),
    "onnx": "onnx",
    "matplotlib": "matplotlib",
}


def run(
    main: Callable[[Sequence[str] | None], int], argv: Sequence[str] | None = None, *, lasting: bool = False
) -> int:
    """Calls a command's `main` and turns errors into one line and an exit status.

    Standard streams speak UTF-8 whatever the locale. SIGTERM and SIGHUP end the command through its
    clean-up, so that no half-written file stays behind. SEQ2SEQ_TRACEBACK=1 shows the traceback of every error.

    Args:
        main: `main(argv) -> int`, an exit status.
        argv: arguments after the command's name, default those of the process.
        lasting: go on without output when its reader is gone, as training does.

    Returns:
        The exit status: that of `main`; 2 for refused input (ValueError, OSError), too little memory or a missing
        package; 130 after Ctrl-C; 141 when the reader of the output went away.
    """
    open_streams()
    # The handler of warnings when there is no other, as there is in training.
    logging.lastResort.setFormatter(logging.Formatter("warning: %(message)s"))
    output = sys.stdout
    sys.stdout = StandardOutput(output, lasting=lasting)
    try:
        try:
            with _leaving_on_signals():
                return main(argv)
        finally:
            sys.stdout.flush()  # here, where a broken pipe is still caught
    except BrokenPipeError as error:
        if error.filename is None:  # that of standard error
            silence(sys.stderr)
        return BROKEN_PIPE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except (ValueError, OSError, MemoryError, ModuleNotFoundError) as error:
        is_ours = not isinstance(error, ModuleNotFoundError) or error.name in _LEFT_OUT
        if not is_ours or os.environ.get("SEQ2SEQ_TRACEBACK") == "1":
            raise
        print(f"error: {_message(error)}", file=sys.stderr)
        return WRONG_INPUT
    finally:
        sys.stdout = output


@contextlib.contextmanager
def _leaving_on_signals() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into SystemExit, unless they are ignored (`nohup`) or handled already."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    changed = []
    if threading.current_thread() is threading.main_thread():  # elsewhere Python takes no signals
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, leave)
                changed.append(number)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def _message(error: Exception) -> str:
    """The error's text; for a file that cannot be used, its name and the system's reason."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, MemoryError):
        return f"there is not enough memory{f' ({error})' if str(error) else ''}"
    if isinstance(error, ModuleNotFoundError):
        return (
            f"this needs the package {error.name}, which is not installed: pip install {_LEFT_OUT[error.name]}. "
            "Without it, exported models (translator.zip) translate, in the precision in which they were exported."
        )
    return str(error) or type(error).__name__
