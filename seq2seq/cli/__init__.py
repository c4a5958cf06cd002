"""The command line: one module per command, each arguments -> one library call -> output.

A command is a function `main(argv=None) -> int`. `run` calls it the way a terminal expects.
"""

import io
import os
import sys
from collections.abc import Callable, Sequence

__all__ = ["run"]

INTERRUPTED = 130  # 128 + SIGINT, what a shell reports for a command stopped by Ctrl-C
BROKEN_PIPE = 141  # 128 + SIGPIPE, the same for a command whose reader went away (`... | head`)
WRONG_INPUT = 2


def run(main: Callable[[Sequence[str] | None], int], argv: Sequence[str] | None = None) -> int:
    """Call a command's `main` and turn what may go wrong into one line and an exit status.

    Standard streams speak UTF-8 whatever the locale. SEQ2SEQ_TRACEBACK=1 shows the traceback of every error.

    Args:
        main: `main(argv) -> int`, an exit status.
        argv: arguments after the command's name, default those of the process.

    Returns:
        The exit status: that of `main`; 2 for input the command refuses (ValueError, OSError);
        130 after Ctrl-C; 141 when the reader of the output went away.
    """
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=stream.errors)
    try:
        status = main(argv)
        sys.stdout.flush()  # here, where a broken pipe is still caught
        return status
    except BrokenPipeError:
        # Python flushes stdout once more at exit; give it somewhere to write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except (ValueError, OSError) as error:
        if os.environ.get("SEQ2SEQ_TRACEBACK") == "1":
            raise
        print(f"error: {_message(error)}", file=sys.stderr)
        return WRONG_INPUT


def _message(error: Exception) -> str:
    """The error's text; for a file that cannot be used, its name and the system's reason."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__
