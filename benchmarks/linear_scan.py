"""A linear recurrence one step after the other and in log2(T) passes: the time of both ways of `linear_scan`.

Runs the states, and the states with their gradients, of h_t = a_t * h_(t-1) + b_t by turns in one process. Prints a
Markdown table and writes it to --output.

    python benchmarks/linear_scan.py
"""

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the package, when it is not installed

import tyro
from turns import median, timed, where

from seq2seq.startup import set_threads, start_tensorflow

SHAPES = ((20, 100, 512), (50, 32, 128), (200, 32, 128), (1000, 32, 128), (1000, 8, 64))
WAYS = {"one by one": False, "passes": True}


@dataclasses.dataclass(frozen=True)
class Options:
    """What to measure."""

    rounds: int = 21
    """Rounds of each shape; the median counts."""
    threads: int = 0
    """Threads of TensorFlow; 0: one for each core."""
    output: Path | None = None
    """File for the table."""


def main(options: Options) -> None:
    """Time, print."""
    start_tensorflow()
    set_threads(options.threads)
    lines = [
        f"Threads: {options.threads or 'one for each core'}. {where()}",
        "",
        "| steps T | rows B | units D | " + " | ".join(f"{way}, ms" for way in columns()) + " |",
        "|---" * (3 + len(columns())) + "|",
    ]
    for shape in SHAPES:
        times = by_turns(shape, options.rounds)
        cells = [*map(str, shape), *(median([1000 * seconds for seconds in times[way]], 1) for way in columns())]
        lines.append(f"| {' | '.join(cells)} |")
    print("\n".join(lines))
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def columns() -> list[str]:
    """Names of what is timed: each way, without and with gradients."""
    return [f"{way}{gradient}" for gradient in ("", " with gradients") for way in WAYS]


def by_turns(shape: tuple[int, int, int], rounds: int) -> dict[str, list[float]]:
    """Seconds of each column, round by round, for (T, B, D)."""
    functions = {name: prepared(shape, WAYS[name.split(" with ")[0]], " with " in name) for name in columns()}
    for function in functions.values():
        function()  # traces the graph
    times = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            times[name].append(timed(function)[0])
    return times


def prepared(shape: tuple[int, int, int], parallel: bool, with_gradients: bool) -> Callable[[], object]:
    """A function that computes the states once, as NumPy array, or their gradients."""
    import tensorflow as tf

    from seq2seq.layers.linear_scan import linear_scan

    length, rows, units = shape
    given = (
        tf.random.stateless_uniform((rows, length, units), (1, 2)),
        tf.random.stateless_normal((rows, length, units), (3, 4)),
        tf.zeros((rows, units)),
    )

    # Any length, as in training. One number is returned, so that no copy of the states is timed.
    signature = [tf.TensorSpec((None, None, units))] * 2 + [tf.TensorSpec((None, units))]

    @tf.function(input_signature=signature, autograph=False)
    def run(a: tf.Tensor, b: tf.Tensor, start: tf.Tensor) -> tf.Tensor:
        if not with_gradients:
            return linear_scan(a, b, start, parallel=parallel)[0, -1, 0]
        with tf.GradientTape() as tape:
            tape.watch((a, b))
            states = linear_scan(a, b, start, parallel=parallel)
        return tf.add_n([x[0, -1, 0] for x in tape.gradient(states, (a, b))])

    return lambda: run(*given).numpy()


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
