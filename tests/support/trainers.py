"""A small model and task, to guess each token from the one before it, and their trainer."""

import csv
import os
import signal

import keras
import numpy as np
import tensorflow as tf
from rich.console import Console

from seq2seq.model.objectives.objective import Objective, mean
from seq2seq.model.trainable import Trainable
from seq2seq.tasks.options import ValidationOptions
from seq2seq.tasks.task import Figures, Layout, Task
from seq2seq.training.journal import Journal
from seq2seq.training.options import CheckpointOptions, OptimizerOptions, RunOptions
from seq2seq.training.progress import Progress
from seq2seq.training.run_folder import RunFolder
from seq2seq.training.trainer import Trainer
from seq2seq.training.watchers import Watcher

SPOILT = 11
"""A batch whose source has this token gives a loss that is not a number."""


class Bigram(Trainable):
    def __init__(self, vocab_size=12, units=16):
        super().__init__()
        self.embedding = keras.layers.Embedding(vocab_size, units)
        self.output_layer = keras.layers.Dense(vocab_size)
        self.embedding.build((None, None))
        self.output_layer.build((None, units))
        self.built = True

    def sums(self, batch, seed=None):
        target = batch["target_ids"]
        features = self.embedding(target[:, :-1])
        if seed is not None:  # dropout, so that updates depend on their number
            features *= tf.cast(tf.random.stateless_uniform(tf.shape(features), seed) < 0.9, tf.float32)
        labels = target[:, 1:]
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, self.output_layer(features))
        loss = tf.reduce_sum(tf.where(labels != 0, losses, 0.0))
        return {"loss_sum": loss, "nll_sum": loss, "tokens": tf.math.count_nonzero(labels, dtype=tf.int32)}

    def evaluate_batch(self, batch):
        return self.sums(batch)

    def save(self, path):
        with open(path, "wb") as file:
            np.savez(file, *[weight.numpy() for weight in self.weights])


class NextToken(Objective):
    def __call__(self, model, inputs, seed):
        sums = model.sums(inputs, seed)
        is_spoilt = tf.reduce_any(inputs["source_ids"] == SPOILT)
        return {**sums, "loss_sum": tf.where(is_spoilt, np.nan, 1.0) * sums["loss_sum"]}

    def report(self, sums):
        return {"train_loss": mean(sums.get("loss_sum", 0), sums.get("tokens", 0))}


def batch(number, spoilt=False):
    """Batch `number` of an endless plan."""
    random = np.random.default_rng(number)
    first = random.integers(0, 6, (3, 1), dtype=np.int32)
    ids = 4 + (first + np.arange(6, dtype=np.int32)) % 6  # something to learn: each token follows from the last
    target = np.concatenate([np.full((3, 1), 2, np.int32), ids, np.full((3, 1), 3, np.int32)], axis=1)
    return {"source_ids": np.full((3, 2), SPOILT if spoilt else 4, np.int32), "target_ids": target}


class Counting(Task):
    """Batches by number, those in `spoilt` without a loss; validated on one batch.

    `before` is called first in each validation, with its number; `scores` decide which validation is the best.
    """

    layout = Layout(model="model.npz", files=())
    signature = {name: tf.TensorSpec((None, None), tf.int32) for name in ("source_ids", "target_ids")}
    batches_per_epoch = 5

    def __init__(self, model, spoilt=(), before=None, scores=None):
        self.model = model
        self.spoilt = spoilt
        self.before = before
        self.scores = scores
        self.num_validations = 0

    def batches(self, start):
        number = start
        while True:
            yield batch(number, spoilt=number in self.spoilt)
            number += 1

    def validate(self, interrupted):
        self.num_validations += 1
        if self.before:
            self.before(self.num_validations, interrupted)
        loss = float(self.model.evaluate_batch(batch(1000))["nll_sum"])
        score = self.scores[self.num_validations - 1] if self.scores else 0.0
        return Figures({"loss": loss, "score": score}, (score, -loss), f"score {score}", f"loss {loss:.2f}", ("a\rb",))


def compiled_bigram():
    """A new compiled model, the same each time."""
    keras.utils.set_random_seed(1)
    model = Bigram()
    model.compile(keras.optimizers.Adam(0.1))
    return model


def make_trainer(
    folder,
    *,
    watchers=(),
    max_updates=20,
    every=5,
    patience=10,
    keep_last=2,
    rate=0.1,
    validate_first=False,
    limits=(),
    **task,
):
    """A Trainer as a new process would make it. `limits`: further RunOptions; `task`: arguments of `Counting`."""
    options = RunOptions(
        run_dir=folder,
        max_updates=max_updates,
        optimizer=OptimizerOptions(learning_rate=rate),
        validation=ValidationOptions(every=every, patience=patience),
        checkpoints=CheckpointOptions(every=3, keep_last=keep_last),
        **dict(limits),
    )
    model, objective, run = compiled_bigram(), NextToken(), RunFolder(folder, Counting.layout)
    watchers = [Progress(Console(quiet=True), options, 5), Journal(run, objective), *watchers]
    return Trainer(model, Counting(model, **task), objective, run, options, watchers, validate_first=validate_first)


def variables(trainer):
    return [variable.numpy() for variable in trainer.checkpoints.variables]


def rows(trainer, table="metrics"):
    """The rows of metrics.csv, or of another table."""
    with open(getattr(trainer._run, table), newline="") as file:
        return list(csv.DictReader(file))


def assert_same_end(one, other):
    for ours, theirs in zip(variables(one), variables(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for name in ("training", "metrics", "samples"):
        assert getattr(one._run, name).read_bytes() == getattr(other._run, name).read_bytes()


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it."""


def kill(*args, **kwargs):
    raise Killed


class After(Watcher):
    """Calls a function after an update, or after every one."""

    def __init__(self, function, update=None):
        self.function = function
        self.update = update

    def updated(self, state, update):
        if self.update in (None, state.update):
            self.function()


def send(*names):
    """Send these signals to this process."""
    for name in names:
        os.kill(os.getpid(), signal.Signals[name])
