"""Cold start: seconds from the command to the translation of one sentence, beside what the libraries alone take.

    python benchmarks/startup.py RUN --joeynmt PYTHON --joeynmt-config CONFIG

Each start is a process of its own, by turns; the first round, which brings the files into memory, is left out.
"""

import dataclasses
import os
import statistics
import subprocess
import sys
import tempfile
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


def main(options):
    """Start each, by turns."""
    systems = commands(options)
    seconds = {name: [] for name in systems}
    for number in range(options.rounds + 1):
        for name, command in systems.items():
            took, done = timed(start, command, options.sentence)
            if done.returncode:
                raise SystemExit(f"{name} failed:\n{done.stderr}")
            if number:
                seconds[name].append(took)
        print(f"round {number} of {options.rounds}", file=sys.stderr)
    ours = statistics.median(seconds[next(iter(systems))])
    lines = [f"One sentence. {where()}", "", "| start | x ours | seconds: median (range) |", "|---|---|---|"]
    for name, values in seconds.items():
        lines.append(f"| {name} | {statistics.median(values) / ours:.1f} | {median(values, 2)} |")
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def start(command, sentence):
    """Run a command with a line on its standard input."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(SCRIPT.parents[1])}
    with tempfile.TemporaryDirectory() as elsewhere:
        return subprocess.run(
            command, input=f"{sentence}\n", capture_output=True, text=True, cwd=elsewhere, env=environment, check=False
        )


def commands(options):
    """What to start, by name; ours first."""
    run = str(options.run.resolve())
    found = {
        "translate.py": [sys.executable, str(SCRIPT), run],
        "translate.py --beam-size 4, whose graph is not saved": [sys.executable, str(SCRIPT), run, "--beam-size", "4"],
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
