"""The arithmetic limit: the matrix products of one update by themselves, each shape as fast as TensorFlow takes it."""

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from turns import serve, timed

import numpy as np
import tensorflow as tf


def products(sentences, source, target, real, *, vocab_size, embedding_dim, units):
    """The products of an update: list of (times, rows, inner, columns).

    Args:
        sentences, source, target: ints B, S, T. Padded sizes of the batch.
        real: int. Target tokens without padding, which alone reach the output layer.
        vocab_size, embedding_dim, units: ints. Sizes of the model with attention inside the recurrence.

    Each product x @ W of the forward pass comes back as dy @ W^T, with the sizes of W exchanged, and once for all steps
    as x^T @ dy.
    """
    whole, stepwise = [], []  # (times, rows, inner, columns) before the loops, (steps, ...) inside them
    whole += [(2, sentences * source, embedding_dim, 3 * units)]  # both directions
    whole += [(1, sentences * source, 2 * units, units)]  # keys of attention
    whole += [(1, sentences, 2 * units, units)]  # bridge
    whole += [(1, sentences * target, embedding_dim, 3 * units)]
    whole += [(1, real, units, vocab_size)]
    stepwise += [(2 * source, sentences, units, 3 * units)]  # both directions
    stepwise += [(target, sentences, units, 3 * units)] * 2  # the state, and what is fed
    stepwise += [(target, sentences, units, units)]  # query
    stepwise += [(target, sentences, 3 * units, units)]  # attentional vector
    backwards = [(times, rows, columns, inner) for times, rows, inner, columns in whole + stepwise]
    kernels = [(times, inner, rows, columns) for times, rows, inner, columns in whole]
    kernels += [(2 if steps == 2 * source else 1, inner, sentences * (source if steps == 2 * source else target), columns)
                for steps, _, inner, columns in stepwise]  # fmt: skip
    return whole + stepwise + backwards + kernels


def main(options):
    """Serve rounds: each gives the seconds that all products of a mean batch take."""
    tf.config.threading.set_intra_op_parallelism_threads(options["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(options["threads"])
    sizes = {name: options[name] for name in ("vocab_size", "embedding_dim", "units")}
    table = products(*options["batch"], **sizes)
    flop = sum(2 * times * rows * inner * columns for times, rows, inner, columns in table)
    multiply = tf.function(tf.matmul)
    operands = {
        shape: [tf.random.normal(size) for size in ((shape[0], shape[1]), (shape[1], shape[2]))]
        for shape in {entry[1:] for entry in table}
    }
    operands = {shape: [tf.cast(x, options["dtype"]) for x in pair] for shape, pair in operands.items()}

    def work(repeats):
        seconds = {}
        for shape, (left, right) in operands.items():
            repeated = max(3, min(50, int(repeats * 2e8 / np.prod(shape))))
            seconds[shape] = statistics.median(timed(multiply, left, right)[0] for _ in range(repeated))
        total = sum(entry[0] * seconds[entry[1:]] for entry in table)
        return {"seconds": total, "tokens": options["batch"][3], "flop": flop}

    serve(work)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
