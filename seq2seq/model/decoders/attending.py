"""Attention of a decoder's rows, of which several may belong to one sentence."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from seq2seq.layers.attention import Attention
from seq2seq.layers.cells.cell import Product
from seq2seq.layers.precision import matmul


def attend(
    attention: Attention, query: tf.Tensor, memory: Mapping[str, Any], state: Any, product: Product = matmul
) -> tuple[tf.Tensor, tf.Tensor, Any]:
    """Attention of each row to its sentence. The beams of a sentence stand beside its target positions.

    Args:
        attention: Attention.
        query: float (N, T, D), N = B * K with the beams of a sentence adjacent. T is 1 if attention has a state.
        memory: of batch B.
        state: of attention, nest of (N, ...).
        product: function (x, kernel) -> x @ kernel.

    Returns:
        Tuple (context (N, T, M), weights (N, T, S), state of attention).
    """
    num_rows, num_steps = tf.unstack(tf.shape(query)[:2])
    num_sentences, source_length = tf.unstack(tf.shape(memory["mask"]))
    query = tf.reshape(query, (num_sentences, -1, query.shape[-1]))  # (N, T, D) -> (B, K * T, D)
    by_sentence = tf.nest.map_structure(lambda x: _with_rows(x, (num_sentences, -1)), state)
    context, weights, by_sentence = attention(query, memory, by_sentence, product=product)
    context = tf.reshape(context, (num_rows, num_steps, context.shape[-1]))
    weights = tf.reshape(weights, (num_rows, num_steps, source_length))
    return context, weights, tf.nest.map_structure(_like, by_sentence, state)


def _with_rows(x: tf.Tensor, rows: tuple[tf.Tensor | int, ...]) -> tf.Tensor:
    """(N, ...) -> (*rows, ...)."""
    return tf.reshape(x, tf.concat([rows, tf.shape(x)[1:]], axis=0))


def _like(x: tf.Tensor, state: tf.Tensor) -> tf.Tensor:
    """(B, K, ...) -> (N, ...), of the static shape of the old state."""
    x = tf.reshape(x, tf.concat([(-1,), tf.shape(x)[2:]], axis=0))
    x.set_shape(state.shape)
    return x
