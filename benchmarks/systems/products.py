"""The arithmetic limit: the matrix products of one update by themselves, each shape as fast as TensorFlow takes it."""

import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
import numpy as np
import tensorflow as tf
from turns import serve, timed


def products(
    sentences: int, source: int, target: int, real: int, *, vocab_size: int, embedding_dim: int, units: int
) -> list[tuple[int, int, int, int]]:
    """The products of an update: list of (times, rows, inner, columns).

    Args:
        sentences, source, target: ints B, S, T. Padded sizes of the batch.
        real: int. Target tokens without padding, which alone reach the output layer.
        vocab_size, embedding_dim, units: ints. Sizes of the model with attention inside the recurrence.

    Each product x @ W of the forward pass comes back as dy @ W^T, with the sizes of W exchanged, and once for all steps
    as x^T @ dy.
    """
    whole = [  # before or after the loops: (times, rows, inner, columns)
        (2, sentences * source, embedding_dim, 3 * units),  # both directions
        (1, sentences * source, 2 * units, units),  # keys of attention
        (1, sentences, 2 * units, units),  # bridge
        (1, sentences * target, embedding_dim, 3 * units),
        (1, real, units, vocab_size),
    ]
    stepwise = [  # inside them: (loops, steps, inner, columns)
        (2, source, units, 3 * units),  # both directions
        (2, target, units, 3 * units),  # the state, and what is fed
        (1, target, units, units),  # query
        (1, target, 3 * units, units),  # attentional vector
    ]
    forwards = whole + [(loops * steps, sentences, inner, columns) for loops, steps, inner, columns in stepwise]
    backwards = [(times, rows, columns, inner) for times, rows, inner, columns in forwards]
    kernels = [(times, inner, rows, columns) for times, rows, inner, columns in whole]
    kernels += [(loops, inner, sentences * steps, columns) for loops, steps, inner, columns in stepwise]
    return forwards + backwards + kernels


def repeated_product(shape: tuple[int, int, int], dtype: str) -> Callable[[tf.Tensor], np.ndarray]:
    """A graph that computes one product a number of times, each waiting for the one before."""
    rows, inner, columns = shape
    left, right = (tf.cast(tf.random.normal(size), dtype) for size in ((rows, inner), (inner, columns)))

    @tf.function(autograph=False)
    def product(repeats: tf.Tensor) -> tf.Tensor:
        # `one` enters the smaller operand; otherwise TensorFlow would compute the loop's invariant product once.
        def body(i: tf.Tensor, one: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            x, y = (left * one, right) if rows < columns else (left, right * one)
            return i + 1, 1.0 + 1e-30 * tf.matmul(x, y)[0, 0]

        return tf.while_loop(lambda i, _: i < repeats, body, (0, tf.ones((), dtype)))[1]  # or nothing would be computed

    product(tf.constant(1))
    return lambda repeats: product(repeats).numpy()


def main(options: dict[str, Any]) -> None:
    """Serve rounds: each gives the seconds that all products of a mean batch take."""
    tf.config.threading.set_intra_op_parallelism_threads(options["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(options["threads"])
    sizes = {name: options[name] for name in ("vocab_size", "embedding_dim", "units")}
    table = products(*options["batch"], **sizes)
    flop = sum(2 * times * rows * inner * columns for times, rows, inner, columns in table)
    multiply = {shape: repeated_product(shape, options["dtype"]) for shape in {entry[1:] for entry in table}}

    def work(size: int) -> dict[str, Any]:
        seconds = {}
        for shape, product in multiply.items():
            repeats = tf.constant(max(2, min(100, int(size * 1e9 / (2 * np.prod(shape))))))
            seconds[shape] = statistics.median(timed(product, repeats)[0] for _ in range(3)) / float(repeats)
        total = sum(entry[0] * seconds[entry[1:]] for entry in table)
        return {"seconds": total, "tokens": options["batch"][3], "flop": flop}

    serve(work)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
