"""Keeps a finished model near its weights in fine-tuning: frozen parts and MAP-L2 regularisation."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

PARTS = ("embeddings", "encoder", "attention", "decoder", "output")


def freeze(model: Any, parts: Sequence[str]) -> None:
    """Keeps parts of a model unchanged in training. Call it before `compile`.

    Args:
        model: Seq2Seq.
        parts: names among

            - "embeddings": source and target embeddings
            - "encoder": the encoder with its embedding
            - "attention"
            - "decoder": the decoder with its embedding, attention, output layer and bridge
            - "output": the output layer, with the target embedding where they share a table

            A table that two parts share is frozen with either.

    Raises:
        ValueError: there is no such part, or nothing is left to train.
    """
    weights = {
        "embeddings": [*model.encoder.embedding.weights, *model.decoder.embedding.weights],
        "encoder": model.encoder.weights,
        "attention": getattr(model.decoder.attention, "weights", []),
        "decoder": model.decoder.weights,
        "output": [*model.decoder.output_layer.weights, model.decoder.output_layer.kernel],
    }
    for part in parts:
        if part not in PARTS:
            raise ValueError(f"A part is one of {', '.join(map(repr, PARTS))}, not {part!r}.")
        for weight in weights[part]:
            weight.trainable = False
    if not model.trainable_variables:
        raise ValueError(f"Nothing is left to train when {' and '.join(parts)} are frozen. Freeze fewer parts.")


class MapL2:
    """MAP-L2 regularisation towards the present weights (Miceli Barone et al., 2017).

    The mean loss per target token grows by strength / 2 times the squared distance of the weights from there.

    Args:
        variables: list of variables.
        strength: float above 0.

    Attributes:
        anchors: list of keras.Variable, the weights at the start.
    """

    def __init__(self, variables: Sequence[keras.Variable], strength: float) -> None:
        if not strength > 0:
            raise ValueError(f"strength is {strength}; it has to be above 0.")
        self.strength = strength
        self.anchors = [
            keras.Variable(variable, trainable=False, dtype=variable.dtype, name=f"anchor_{number}")
            for number, variable in enumerate(variables)
        ]

    def added_to(
        self, gradients: Sequence[tf.Tensor], variables: Sequence[keras.Variable], tokens: tf.Tensor
    ) -> list[tf.Tensor]:
        """The gradients of the loss, summed over `tokens` (a float scalar), plus those of the penalty."""
        return [
            gradient + self.strength * tf.cast(tokens, gradient.dtype) * (variable.value - anchor.value)
            for gradient, variable, anchor in zip(gradients, variables, self.anchors, strict=True)
        ]
