"""Measuring by turns: every system in a process of its own, one at work at a time.

A system is a script that calls `serve` with a function that does a round of work and says what it did; the benchmark
starts it as a `System` and asks for rounds. The machine's noise then meets all of them alike, and each may have its
own interpreter, libraries and environment. Standard library only: the peers' interpreters import this file too.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["System", "by_turns", "median", "serve", "timed", "where"]


def serve(work: Callable[[int], Mapping[str, Any]]) -> None:
    """Answer each number that comes in with what `work(number)` returns, one JSON object a line."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever libraries print must not stand between the answers
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(work(int(line))), file=answers, flush=True)


class System:
    """A process that works when it is asked to.

    Args:
        command: list of str.
        environment: dict of str, set beside the environment of this process.
        log: path of the file for its standard error.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None, *, log: Path) -> None:
        self.command, self.log = command, log
        with open(log, "w") as errors:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, **(environment or {})},
            )
        self._answer()

    def round(self, size: int) -> dict[str, Any]:
        """Let it do `size` pieces of work: what it says of them."""
        print(size, file=self.process.stdin, flush=True)
        return self._answer()

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()

    def _answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(map(str, self.command))} ended early; see {self.log}.")
        return json.loads(line)


def by_turns(systems: Mapping[str, System], *, rounds: int, size: int, warm_up: int) -> dict[str, list[dict[str, Any]]]:
    """Rounds of all systems, alternately.

    Args:
        systems: dict of name -> System.
        rounds: int. Rounds that count.
        size: int. Pieces of work in a round.
        warm_up: int. Pieces of work beforehand.

    Returns:
        dict of name -> list of what it said, one entry a round.
    """
    for system in systems.values():
        system.round(warm_up)
    answers = {name: [] for name in systems}
    for number in range(rounds):
        for name, system in systems.items():
            answers[name].append(system.round(size))
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return answers


def timed(function: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[float, Any]:
    """(seconds, what the function returned)."""
    start = time.perf_counter()
    result = function(*arguments, **options)
    return time.perf_counter() - start, result


def median(values: Sequence[float], digits: int = 0) -> str:
    """`median (lowest–highest)` for a table."""
    low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low}–{high})"


def where() -> str:
    """Machine, versions, commit and day, for the table."""
    from seq2seq.training.session import machine, versions

    here, used = machine(), versions()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return (
        f"{here['processor']}, {here['cores']} cores; TensorFlow {used['tensorflow']}, Keras {used['keras']}; "
        f"{time.strftime('%Y-%m-%d')}, commit {commit.stdout.strip() or 'unknown'}"
    )
