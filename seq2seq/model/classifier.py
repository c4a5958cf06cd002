"""The Keras model that chooses a label for a sentence (many to one)."""

from collections.abc import Mapping
from typing import Any, ClassVar

import keras
import tensorflow as tf

from seq2seq.layers.dropout import dropout, fold
from seq2seq.layers.pooling import Pooling
from seq2seq.model.encoders import Encoder
from seq2seq.model.label_model import LabelModel


@keras.saving.register_keras_serializable(package="seq2seq")
class Classifier(LabelModel):
    """A recurrent encoder, a pooling of its outputs, and a softmax over labels.

    Args:
        encoder, labels, tokenizer, label_smoothing, max_source_length: as for `LabelModel`.
        pooling: "last", "mean" or "attention", see `Pooling`.

    Call arguments:
        batch: {"source_ids": int32 (B, S), then PAD}.

    Returns:
        float (B, L), the logits of the labels.

    Example:
        >>> model = Classifier(Encoder(10, 4, GRU(3)), ("past", "present"), pooling="mean")
        >>> model({"source_ids": tf.constant([[5, 6, 3], [7, 3, 0]])}).shape
        TensorShape([2, 2])
    """

    kind: ClassVar[str] = "classifier"

    def __init__(self, encoder: Encoder, labels: tuple[str, ...], *, pooling: str = "last", **kwargs: Any) -> None:
        self._pooling_kind = pooling
        super().__init__(encoder, labels, **kwargs)

    def connect(self, encoder: Encoder) -> int:
        self.pooling = Pooling(self._pooling_kind, name="pooling", dtype=encoder.dtype_policy)
        self.pooling.connect(encoder)
        return self.pooling.output_size

    def features(self, batch: Mapping[str, tf.Tensor], seed: tf.Tensor | None = None) -> tf.Tensor:
        features = self.pooling(self.memory(batch["source_ids"], fold(seed, 0)))
        if self.pooling.kind == "last":  # the encoder's dropout is on its outputs alone
            features = dropout(features, self.encoder.dropout, fold(seed, 1))
        return features

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "pooling": self.pooling.kind}
