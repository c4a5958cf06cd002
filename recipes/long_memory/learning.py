"""One training: a cell learns a task at one length."""

import collections
import dataclasses
import time
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from long_memory.results import Trial
from long_memory.tasks import TASKS, MemoryTask, draw
from seq2seq.layers.recurrent import Recurrent
from seq2seq.model.adam import Adam
from seq2seq.model.objectives.objective import Objective, Sums
from seq2seq.model.trainable import Trainable
from seq2seq.registry import CELLS

__all__ = ["learn"]

_BATCH = 32  # sequences
_RECENT = 30  # updates over which the figure is a mean: 960 sequences


def learn(trial: Trial) -> dict[str, Any]:
    """Trains until the task is solved or the time is used up.

    Returns:
        The trial's fields, and "parameters", "updates", "used" (seconds), "figure" (the mean over the last 30 updates,
        each of new sequences; None if it is not finite) and "solved".
    """
    start = time.process_time()
    keras.utils.set_random_seed(trial.seed)
    task, model = TASKS[trial.task], MemoryModel(trial.cell, trial.units, TASKS[trial.task])
    model.compile(Adam(trial.learning_rate), seed=trial.seed)
    update = tf.function(model.update)  # all batches have one shape: traced once
    recent: collections.deque[float] = collections.deque(maxlen=_RECENT)
    updates, solved = 0, False
    while updates == 0 or (not solved and time.process_time() - start < trial.seconds):
        batch = draw(trial.task, _BATCH, trial.length, trial.seed, updates)
        sums = update({name: tf.constant(values) for name, values in batch.items()})
        recent.append(float(sums["score_sum"]) / float(sums["tokens"]))
        updates += 1
        solved = len(recent) == _RECENT and task.is_solved(float(np.mean(recent)))
    figure = float(np.mean(recent))
    return {
        **dataclasses.asdict(trial),
        "parameters": model.count_params(),
        "updates": updates,
        "used": round(time.process_time() - start, 2),
        "figure": round(figure, 5) if np.isfinite(figure) else None,
        "solved": solved,
    }


class MemoryModel(Trainable):
    """A recurrent layer, and a linear read-out of its outputs.

    Args:
        cell: name in `CELLS`.
        units: of the cell.
        task: MemoryTask, for the sizes of inputs and answers.
    """

    def __init__(self, cell: str, units: int, task: MemoryTask) -> None:
        super().__init__()
        self.task = task
        self.recurrent = Recurrent(CELLS[cell](units))
        self.read_out = keras.layers.Dense(task.num_classes or 1)
        self.recurrent.build((None, None, task.num_features))
        self.read_out.build((None, None, self.recurrent.cell.output_size))
        self.built = True

    def call(self, inputs: tf.Tensor, num_answers: int) -> tf.Tensor:
        """float (B, T, D) -> the outputs of the last steps: float (B, num_answers, classes or 1)."""
        outputs, _ = self.recurrent(inputs)
        return self.read_out(outputs[:, -num_answers:])

    def objective(self) -> Objective:
        return Answers()


class Answers(Objective):
    """Squared error of a number, or cross-entropy of a class. The score is the task's figure."""

    def __call__(self, model: MemoryModel, inputs: Mapping[str, tf.Tensor], seed: tf.Tensor) -> Sums:
        answers = inputs["answers"]  # (B, A)
        outputs = model(inputs["inputs"], num_answers=answers.shape[1])
        if model.task.num_classes:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(answers, outputs)
            scores = tf.cast(tf.argmax(outputs, axis=-1, output_type=answers.dtype) == answers, tf.float32)
        else:
            losses = scores = tf.square(outputs[:, :, 0] - answers)
        return {
            "loss_sum": tf.reduce_sum(losses),
            "score_sum": tf.reduce_sum(scores),
            "tokens": tf.size(answers),
        }
