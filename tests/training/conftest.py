"""A model small enough to be read at a glance, with the methods that training asks of a model."""

import contextlib

import keras
import numpy as np
import pytest
import tensorflow as tf


class Bigram(keras.Model):
    """Guesses each target token from the one before it. Dropout makes it depend on the update number."""

    def __init__(self, vocab_size=12, units=16):
        super().__init__()
        self.embedding = keras.layers.Embedding(vocab_size, units)
        self.output_layer = keras.layers.Dense(vocab_size)
        self.embedding.build((None, None))
        self.output_layer.build((None, units))
        self.built = True

    def compile(self, optimizer, **options):
        super().compile(optimizer=optimizer)
        self.pull = self.risk = None
        self.optimizer.build(self.trainable_variables)

    def _loss(self, batch, seed=None):
        target = batch["target_ids"]
        features = self.embedding(target[:, :-1])
        if seed is not None:
            features *= tf.cast(tf.random.stateless_uniform(tf.shape(features), seed) < 0.9, tf.float32)
        labels = target[:, 1:]
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, self.output_layer(features))
        mask = labels != 0
        return tf.reduce_sum(tf.where(mask, losses, 0.0)), tf.reduce_sum(tf.cast(mask, tf.int32))

    def _spoilt(self, batch):
        return tf.reduce_any(batch["source_ids"] == 11)

    def update(self, batch, objective=None):
        """A source with token 11 gives a loss that is not a number."""
        variables = self.trainable_variables
        seed = tf.stack([tf.constant(3), tf.cast(self.optimizer.iterations, tf.int32)])
        with tf.GradientTape() as tape:
            loss, tokens = self._loss(batch, seed)
            loss = tf.where(self._spoilt(batch), np.nan, loss)
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, [v.value for v in variables])]
        finite = tf.math.is_finite(loss)
        tf.cond(
            finite,
            lambda: self.optimizer.apply(gradients, variables) is None,
            lambda: self.optimizer.iterations.assign_add(1) is None,
        )
        sums = {"loss_sum": loss, "nll_sum": loss, "tokens": tokens, "replaced": tf.constant(0)}
        return {**sums, "gradient_norm": tf.linalg.global_norm(gradients), "finite": finite}

    def evaluate_batch(self, batch):
        loss, tokens = self._loss(batch)
        return {"loss_sum": loss, "nll_sum": loss, "tokens": tokens}

    def averaged_weights(self):
        return contextlib.nullcontext()


class Parrot:
    """A translator that repeats its input and saves the weights of a model."""

    def __init__(self, model):
        self.model = model

    def translate(self, lines, **options):
        return list(lines)

    def save(self, path):
        with open(path, "wb") as file:
            np.savez(file, *[weight.numpy() for weight in self.model.weights])


@pytest.fixture(scope="session")
def bigram():
    """A new compiled model, the same each time."""

    def build(learning_rate=0.1):
        keras.utils.set_random_seed(1)
        model = Bigram()
        model.compile(keras.optimizers.Adam(learning_rate))
        return model

    return build


@pytest.fixture(scope="session")
def parrot():
    return Parrot


@pytest.fixture
def no_archive(monkeypatch):
    """Runs end without translator.zip, which takes seconds to make."""
    monkeypatch.setattr("seq2seq.training.scoring._complete_archive", lambda *_: None)
