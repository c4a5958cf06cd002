"""Teacher forcing (Williams & Zipser, 1989): cross-entropy of the gold tokens, the decoder reading gold."""

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from seq2seq.layers.dropout import fold
from seq2seq.layers.losses import cross_entropy, token_losses
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


def cross_entropy_sums(model: Any, batch: Batch, seed: tf.Tensor, reading: Callable | None = None) -> Sums:
    """The sums of cross-entropy, when the decoder reads gold or what `reading` makes of it.

    Args:
        model: Seq2Seq.
        batch: {"source_ids": int32 (B, S), "target_ids": int32 (B, T + 1)}.
        seed: int32 (2,).
        reading: as for `Seq2Seq.target_features`, or None.

    Returns:
        Dict of scalars: "loss_sum", which has a gradient; "nll_sum"; "tokens", the number of target tokens; and
        "replaced", how many of them were predicted after a token that is not gold.
    """
    features, labels, replaced = _read(model, batch, seed, reading)
    loss_sum, nll_sum = cross_entropy(features, *output_layer(model), labels, model.label_smoothing)
    return {"loss_sum": loss_sum, "nll_sum": nll_sum, "tokens": tf.size(labels), "replaced": replaced}


def validation_sums(model: Any, batch: Batch) -> Sums:
    """The same sums, except "replaced", without dropout and without a gradient, at half the cost."""
    features, labels, _ = _read(model, batch)
    losses = token_losses(features, *output_layer(model), labels, model.label_smoothing)
    loss_sum, nll_sum = map(tf.reduce_sum, losses)
    return {"loss_sum": loss_sum, "nll_sum": nll_sum, "tokens": tf.size(labels)}


def output_layer(model: Any) -> tuple[Any, Any]:
    """The weights of the output layer: (kernel (V, D), bias (V,))."""
    return model.decoder.output_kernel, model.decoder.output_bias


def real_tokens(
    features: tf.Tensor, labels: tf.Tensor, where: tf.Tensor | bool = True
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The rows that the output layer has to look at: padding never reaches it.

    Args:
        features: float (N, T, D).
        labels: int32 (N, T).
        where: bool, of a shape that fits (N, T). Where False, tokens are left out as well.

    Returns:
        Tuple (features (M, D), labels (M,), rows int32 (M,), from 0 to N - 1).
    """
    places = tf.cast(tf.where(tf.reshape((labels != PAD_ID) & where, [-1]))[:, 0], tf.int32)
    features = tf.gather(tf.reshape(features, (-1, features.shape[-1])), places)
    return features, tf.gather(tf.reshape(labels, [-1]), places), places // tf.shape(labels)[1]


def _read(
    model: Any, batch: Batch, seed: tf.Tensor | None = None, reading: Callable | None = None
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Features and labels of the real tokens, and how many tokens were replaced."""
    gold, labels = batch["target_ids"][:, :-1], batch["target_ids"][:, 1:]
    memory, state = model.memory(batch["source_ids"], fold(seed, 0))
    features, read = model.target_features(batch["target_ids"], state, memory, seed, reading)
    replaced = tf.math.count_nonzero((read != gold) & (labels != PAD_ID), dtype=tf.int32)
    features, labels, _ = real_tokens(features, labels)
    return features, labels, replaced
