"""The model to be compared with, as a textbook would write it in Keras: no line of it is from this project.

`Bidirectional(GRU)`, and `RNN` over a cell with attention and input feeding, trained by `compile` and `train_on_batch`.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from turns import serve, timed


class AttentionCell(layers.Layer):
    """One step of a decoder with additive attention and input feeding."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.gru = layers.GRUCell(units)
        self.query = layers.Dense(units, use_bias=False)
        self.score = layers.Dense(1, use_bias=False)
        self.attentional = layers.Dense(units, activation="tanh", use_bias=False)
        self.state_size = [units, units]
        self.output_size = units

    def attend_to(self, keys: tf.Tensor, values: tf.Tensor, mask: tf.Tensor) -> None:
        """What the following steps look at."""
        self.keys, self.values, self.mask = keys, values, mask

    def call(self, inputs: tf.Tensor, states: Sequence[tf.Tensor]) -> tuple[tf.Tensor, list[tf.Tensor]]:
        hidden, fed = states
        hidden, _ = self.gru(ops.concatenate([inputs, fed], axis=-1), [hidden])
        scores = self.score(ops.tanh(ops.expand_dims(self.query(hidden), 1) + self.keys))[..., 0]  # (B, S)
        weights = ops.softmax(ops.where(self.mask, ops.cast(scores, "float32"), -1e9))
        context = ops.sum(ops.expand_dims(ops.cast(weights, self.values.dtype), -1) * self.values, axis=1)
        fed = self.attentional(ops.concatenate([hidden, context], axis=-1))
        return fed, [hidden, fed]


class Translator(keras.Model):
    """Source ids (B, S) and previous target ids (B, T) to logits (B, T, V)."""

    def __init__(self, vocab_size: int, embedding_dim: int, units: int) -> None:
        super().__init__()
        self.source_embedding = layers.Embedding(vocab_size, embedding_dim)
        self.target_embedding = layers.Embedding(vocab_size, embedding_dim)
        self.encoder = layers.Bidirectional(layers.GRU(units, return_sequences=True, return_state=True))
        self.bridge = layers.Dense(units, activation="tanh")
        self.keys = layers.Dense(units)
        self.cell = AttentionCell(units)
        self.decoder = layers.RNN(self.cell, return_sequences=True)
        self.logits = layers.Dense(vocab_size, dtype="float32")

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        source_ids, previous_ids = inputs
        mask = ops.not_equal(source_ids, 0)
        values, forward, backward = self.encoder(self.source_embedding(source_ids), mask=mask)
        state = self.bridge(ops.concatenate([forward, backward], axis=-1))
        self.cell.attend_to(self.keys(values), values, mask)
        features = self.decoder(self.target_embedding(previous_ids), initial_state=[state, ops.zeros_like(state)])
        return self.logits(features)


def smoothed_loss(smoothing: float) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Mean cross-entropy of the real target tokens with label smoothing."""

    def loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        log_probs = tf.nn.log_softmax(logits)
        labels = tf.cast(labels, tf.int32)  # Keras hands over floats
        nll = -tf.gather(log_probs, labels, batch_dims=2)
        losses = (1 - smoothing) * nll - smoothing * tf.reduce_mean(log_probs, axis=-1)
        real = tf.cast(labels != 0, tf.float32)
        return tf.reduce_sum(losses * real) / tf.reduce_sum(real)

    return loss


def main(options: Mapping[str, Any]) -> None:
    """Serve rounds of updates."""
    tf.config.threading.set_intra_op_parallelism_threads(options["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(options["threads"])
    keras.utils.set_random_seed(options["seed"])
    keras.config.set_dtype_policy(options["policy"])
    model = Translator(options["vocab_size"], options["embedding_dim"], options["units"])
    model.compile(
        keras.optimizers.Adam(options["learning_rate"], global_clipnorm=1.0),
        loss=smoothed_loss(options["label_smoothing"]),
        jit_compile=False,
    )
    data = np.load(options["batches"])
    batches = [(data[f"source_{i}"], data[f"target_{i}"]) for i in range(len(data.files) // 2)]
    made = 0

    def work(updates: int) -> dict[str, Any]:
        nonlocal made
        seconds = tokens = padded = 0
        for _ in range(updates):
            source, target = batches[made % len(batches)]
            made += 1
            took, loss = timed(model.train_on_batch, (source, target[:, :-1]), target[:, 1:])
            seconds += took
            tokens += int((target[:, 1:] != 0).sum())
            padded += target[:, 1:].size
        return {"seconds": seconds, "tokens": tokens, "padded": padded, "loss": float(loss), "weights": weights()}

    def weights() -> int:
        return sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)

    serve(work)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
