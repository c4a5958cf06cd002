"""Cross-entropy of labels, for models that choose one for a sentence or for each word."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from seq2seq.model.objectives.objective import Objective, Sums, mean


class LabelCrossEntropy(Objective):
    """Cross-entropy of the given labels.

    Call arguments:
        inputs: {the inputs of the model; "label_ids": int32 (B, ...), -1 where there is no label}.
    """

    def __call__(self, model: Any, inputs: Mapping[str, tf.Tensor], seed: tf.Tensor) -> Sums:
        return model.label_sums(inputs, seed)

    def report(self, sums: Mapping[str, float]) -> dict[str, float | str]:
        names = {"train_loss": "nll_sum", "train_smoothed_loss": "loss_sum"}
        return {column: mean(sums.get(name, 0), sums.get("tokens", 0)) for column, name in names.items()}
