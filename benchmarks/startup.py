"""Cold start: seconds and memory from the command to the translation of one sentence, beside the libraries alone.

    python benchmarks/startup.py RUN --joeynmt PYTHON --joeynmt-config CONFIG

Each start is a process of its own, by turns; the first round, which brings the files into memory, is left out.
"""

import dataclasses
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package, when it is not installed

import tyro
from turns import median, timed, where

SCRIPT = Path(__file__).parents[1] / "scripts" / "translate.py"
JOEYNMT = """
import runpy, sys
sys.path.insert(0, {systems!r})
from joey import mended_torch
mended_torch()
sys.argv = ["joeynmt", "translate", {config!r}]
runpy.run_module("joeynmt", run_name="__main__")
"""


@dataclasses.dataclass(frozen=True)
class Options:
    """What to start."""

    run: tyro.conf.Positional[Path]
    """Run folder, or a .keras file."""
    joeynmt: str | None = None
    """Python interpreter that has JoeyNMT 2.3."""
    joeynmt_config: Path | None = None
    """Configuration of a trained JoeyNMT model."""
    sentence: str = "A man rides a horse."
    """What to translate."""
    rounds: int = 5
    """Rounds; the median counts."""
    output: Path | None = None
    """File for the table."""


def main(options: Options) -> None:
    """Start each, by turns."""
    systems = commands(options)
    seconds, memory = {name: [] for name in systems}, {}
    for number in range(options.rounds + 1):
        for name, command in systems.items():
            took, memory[name] = timed(start, command, options.sentence)
            if number:
                seconds[name].append(took)
        print(f"round {number} of {options.rounds}", file=sys.stderr)
    ours = statistics.median(seconds[next(iter(systems))])
    lines = [f"One sentence. {where()}", "", "| start | x ours | seconds: median (range) | MB |", "|---|---|---|---|"]
    for name, values in seconds.items():
        lines.append(f"| {name} | {statistics.median(values) / ours:.1f} | {median(values, 2)} | {memory[name]:.0f} |")
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def start(command: Sequence[str], sentence: str) -> float:
    """Run a command with a line on its standard input: its most resident memory in MB."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(SCRIPT.parents[1])}
    with tempfile.TemporaryDirectory() as elsewhere, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=said, stderr=said, cwd=elsewhere, env=environment
        )
        process.stdin.write(f"{sentence}\n".encode())
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} failed:\n{said.read().decode()}")
    return usage.ru_maxrss / 1024


def commands(options: Options) -> dict[str, list[str]]:
    """What to start, by name; ours first."""
    run = str(options.run.resolve())
    found = {
        "translate.py": [sys.executable, str(SCRIPT), run],
        "translate.py --precision int8": [sys.executable, str(SCRIPT), run, "--precision", "int8"],
        "import numpy": [sys.executable, "-c", "import numpy"],
        "import onnxruntime": [sys.executable, "-c", "import onnxruntime"],
        "import tensorflow": [sys.executable, "-c", "import tensorflow"],
        "import keras": [sys.executable, "-c", "import keras"],
    }
    if options.joeynmt:
        config = str(options.joeynmt_config.resolve())
        code = JOEYNMT.format(systems=str(Path(__file__).parent.resolve() / "systems"), config=config)
        found["JoeyNMT"] = [options.joeynmt, "-c", code]
    return found


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
