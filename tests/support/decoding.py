"""Decoders against the papers' equations, one sentence at a time, and against themselves, one step at a time."""

import equations
import numpy as np
import tensorflow as tf
from tiny import BOS, EOS, rows

SEED = tf.constant([3, 4])
SOURCE = rows([4, 5, 6, EOS], [7, EOS])
TARGET = rows([BOS, 5, 4, 8], [BOS, 6])


def close(one, other, tolerance=1e-13):
    """Compares two nests, in which None stands for attention weights that there are not."""
    tf.nest.assert_same_structure(one, other)
    for x, y in zip(tf.nest.flatten(one), tf.nest.flatten(other), strict=True):
        assert (x is None) == (y is None)
        if x is not None:
            np.testing.assert_allclose(x, y, atol=tolerance)


def masks_of(model, seed=SEED):
    """The dropout masks for TARGET."""
    return model.decoder.dropout_masks(seed, *TARGET.shape)


def step_through(model, memory, state, ids):
    """`step` for each column of ids: (features (N, T, D), weights (N, T, S) or None, state)."""
    features, weights = [], []
    for t in range(ids.shape[1]):
        row, attention, state = model.decoder.step(ids[:, t], state, memory)
        features.append(row)
        weights.append(attention)
    return tf.stack(features, axis=1), None if weights[0] is None else tf.stack(weights, axis=1), state


def check_equations(model, step):
    """Compares a decoder over TARGET with an equation.

    Args:
        model: Seq2Seq.
        step: function (decoder, y (E,), state, encoder outputs (S, M), t) -> (features, attention weights (S,) or None,
            state), of one sentence.
    """
    decoder = model.decoder
    memory, start = model.memory(SOURCE)
    features, weights, _ = decoder(TARGET, start, memory)
    encoded = model.encoder(SOURCE, SOURCE != 0)["outputs"].numpy()
    table = decoder.embedding.table.numpy()
    for b, (source_length, target_length) in enumerate([(4, 4), (2, 2)]):
        state = tf.nest.map_structure(lambda x, b=b: x[b].numpy(), start)
        for t in range(target_length):
            y, outputs = table[int(TARGET[b, t])], encoded[b, :source_length]
            expected, expected_weights, state = step(decoder, y, state, outputs, t)
            np.testing.assert_allclose(features[b, t], expected, atol=1e-12)
            if expected_weights is None:
                assert weights is None
            else:
                np.testing.assert_allclose(weights[b, t, :source_length], expected_weights, atol=1e-12)


def cell_step(cell, x, state, t):
    return equations.step_of(cell)(equations.weights_of(cell), x, state, t)


def deep_output(decoder, output, context, y):
    """tanh(W [s; c; y] + b) (Pascanu et al., 2014)."""
    read = np.concatenate([output, context, y])
    return np.tanh(read @ decoder.readout_kernel.numpy() + decoder.readout_bias.numpy())
