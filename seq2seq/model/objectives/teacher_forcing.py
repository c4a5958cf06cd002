"""Teacher forcing (Williams & Zipser, 1989): cross-entropy of the gold tokens, the decoder reading gold."""

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from seq2seq.layers.dropout import fold
from seq2seq.model.objectives.objective import Objective, Sums, mean
from seq2seq.text.tokenizer import PAD_ID

Batch = Mapping[str, tf.Tensor]


class TeacherForcing(Objective):
    """Cross-entropy of each gold token, given the gold tokens before it.

    Call arguments:
        inputs: {"source_ids": int32 (B, S), "target_ids": int32 (B, T + 1), BOS first}.
    """

    def __call__(self, model: Any, inputs: Batch, seed: tf.Tensor) -> Sums:
        return cross_entropy_sums(model, inputs, seed)

    def schedule(self, update: int) -> dict[str, float]:
        return {"gold_probability": 1.0}

    def report(self, sums: Mapping[str, float]) -> dict[str, float | str]:
        names = {"replaced": "replaced", "train_loss": "nll_sum", "train_smoothed_loss": "loss_sum"}
        return {column: mean(sums.get(name, 0), sums.get("tokens", 0)) for column, name in names.items()}


def cross_entropy_sums(model: Any, batch: Batch, seed: tf.Tensor, make_inputs: Callable | None = None) -> Sums:
    """Sums of the cross-entropy of a batch, where the decoder reads gold or what `make_inputs` makes of it.

    Args:
        model: Seq2Seq.
        batch: {"source_ids": int32 (B, S), "target_ids": int32 (B, T + 1)}.
        seed: int32 (2,).
        make_inputs: as for `Seq2Seq.target_features`, or None.

    Returns:
        Dict of scalars: "loss_sum", which has a gradient; "nll_sum"; "tokens", the number of target tokens; and
        "replaced", how many of them were predicted after a token that is not gold.
    """
    gold, labels = model.decoder.coded(batch["target_ids"])[:, :-1], model.labels(batch["target_ids"])
    memory, state = model.memory(batch["source_ids"], fold(seed, 0))
    features, attention, read = model.target_features(batch["target_ids"], state, memory, seed, make_inputs)
    loss_sum, nll_sum = model.decoder.output_layer.loss_sums(
        features, attention, memory, labels, label_smoothing=model.label_smoothing
    )
    replaced = tf.math.count_nonzero((read != gold) & (labels != PAD_ID), dtype=tf.int32)
    return {"loss_sum": loss_sum, "nll_sum": nll_sum, "tokens": _count(batch), "replaced": replaced}


def validation_sums(model: Any, batch: Batch) -> Sums:
    """The same sums, except "replaced", without dropout and without a gradient, at half the cost."""
    labels = model.labels(batch["target_ids"])
    memory, state = model.memory(batch["source_ids"])
    features, attention, _ = model.target_features(batch["target_ids"], state, memory)
    losses = model.decoder.output_layer.losses(
        features, attention, memory, labels, label_smoothing=model.label_smoothing
    )
    sums = {"loss_sum": tf.reduce_sum(losses.loss), "nll_sum": tf.reduce_sum(losses.nll)}
    return {**sums, "tokens": _count(batch)}


def _count(batch: Batch) -> tf.Tensor:
    """Number of real tokens, ends included. A predicted length is none, so that all kinds of ending compare."""
    return tf.math.count_nonzero(batch["target_ids"][:, 1:] != PAD_ID, dtype=tf.int32)
