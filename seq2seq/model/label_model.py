"""Base of the models that choose labels: one for a sentence, or one for each of its words."""

from collections.abc import Mapping
from typing import Any, ClassVar

import keras
import tensorflow as tf

from seq2seq.layers import precision as precisions
from seq2seq.layers.outputs import Linear
from seq2seq.model.encoders import Encoder
from seq2seq.model.objectives.labels import LabelCrossEntropy
from seq2seq.model.objectives.objective import Objective, Sums
from seq2seq.model.trainable import Trainable
from seq2seq.startup import claim_tensorflow
from seq2seq.text.labels import Labels
from seq2seq.text.tokenizer import PAD_ID, Tokenizer


class LabelModel(Trainable):
    """An encoder and a softmax over labels.

    A subclass gives `features`, the vectors for which labels are chosen, and creates its further layers in `connect`.

    Args:
        encoder: Encoder.
        labels: the names of the labels, at least two. Label i of the output is `labels[i]`.
        tokenizer: Tokenizer of the text. It travels in the archive that `save` writes.
        label_smoothing: float in [0, 1).
        max_source_length: int. Longest sentence, in tokens, that the model was trained on.

    Call arguments:
        batch: {"source_ids": int32 (B, S), then PAD; further inputs of the subclass}.

    Returns:
        float (B, ..., L), the logits of the labels.

    Raises:
        ValueError: sizes that do not fit each other, or an encoder that belongs to another model already.
    """

    inputs: ClassVar[tuple[str, ...]] = ("source_ids",)
    """The inputs of the exported graph, int32 (B, ...) each."""

    def __init__(
        self,
        encoder: Encoder,
        labels: tuple[str, ...],
        *,
        tokenizer: Tokenizer | None = None,
        label_smoothing: float = 0.0,
        max_source_length: int = 100,
        **kwargs: Any,
    ) -> None:
        claim_tensorflow()
        super().__init__(**kwargs)
        if not 0.0 <= label_smoothing < 1.0:
            raise ValueError(f"label_smoothing is a share in [0, 1), not {label_smoothing}.")
        if encoder.built:
            raise ValueError(f"The encoder {encoder.name!r} already belongs to another model. Make a new one for each.")
        if tokenizer is not None and tokenizer.vocab_size != encoder.vocab_size:
            raise ValueError(
                f"The encoder has {encoder.vocab_size} ids, but the tokenizer has {tokenizer.vocab_size}. "
                f"Give the encoder vocab_size={tokenizer.vocab_size}."
            )
        self.encoder = encoder
        self.labels = Labels(labels)
        self.tokenizer = tokenizer
        self.label_smoothing = label_smoothing
        self.max_source_length = max_source_length
        encoder.build()
        self.output_layer = Linear(len(self.labels), name="output", dtype=encoder.dtype_policy)
        self.output_layer.connect(self.connect(encoder), encoder.embedding)
        self.build(None)

    def connect(self, encoder: Encoder) -> int:
        """Creates the layers between encoder and output; returns the size of the features."""
        return encoder.output_size

    def memory(self, source_ids: tf.Tensor, seed: tf.Tensor | None = None) -> dict[str, Any]:
        """The encoder's memory of a batch of sentences, int32 (B, S)."""
        return self.encoder(source_ids, source_ids != PAD_ID, seed=seed)

    def features(self, batch: Mapping[str, tf.Tensor], seed: tf.Tensor | None = None) -> tf.Tensor:
        """float (B, ..., D): a vector for each label that is to be chosen."""
        raise NotImplementedError(f"{type(self).__name__} has no features.")

    def call(self, batch: Mapping[str, tf.Tensor], seed: tf.Tensor | None = None) -> tf.Tensor:
        return self.output_layer.logits(self.features(batch, seed), None, {})

    def probabilities(self, batch: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """float (B, ..., L): the probability of each label."""
        return tf.nn.softmax(self(batch), axis=-1)

    def label_sums(self, batch: Mapping[str, tf.Tensor], seed: tf.Tensor) -> Sums:
        """Sums over the labels of a batch, with dropout.

        Args:
            batch: inputs, and "label_ids": int32 (B, ...), -1 where there is no label.
            seed: int32 (2,).

        Returns:
            Dict of scalars: "loss_sum", which has a gradient; "nll_sum"; "tokens", the number of labels.
        """
        features, labels = self._rows(self.features(batch, seed), batch["label_ids"])
        loss_sum, nll_sum = self.output_layer.row_loss_sums(features, labels, self.label_smoothing, None)
        return {"loss_sum": loss_sum, "nll_sum": nll_sum, "tokens": tf.size(labels)}

    def evaluate_batch(self, batch: Mapping[str, tf.Tensor]) -> Sums:
        return self.evaluate_labels(batch)[0]

    def evaluate_labels(self, batch: Mapping[str, tf.Tensor]) -> tuple[Sums, tf.Tensor]:
        """The sums of a batch as `label_sums` gives them, without dropout, and the likeliest labels, int32 (B, ...)."""
        with precisions.products(getattr(self, "precision", "float32")):
            features = self.features(batch)
            chosen = tf.argmax(self.output_layer.logits(features, None, {}), axis=-1, output_type=tf.int32)
            rows, labels = self._rows(features, batch["label_ids"])
            loss, nll = self.output_layer.row_losses(rows, labels, self.label_smoothing)
        sums = {"loss_sum": tf.reduce_sum(loss), "nll_sum": tf.reduce_sum(nll), "tokens": tf.size(labels)}
        return sums, chosen

    @staticmethod
    def _rows(features: tf.Tensor, label_ids: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The M places that have a label: features (M, D) and labels (M,)."""
        label_ids = tf.reshape(label_ids, [-1])
        places = tf.where(label_ids >= 0)[:, 0]
        return tf.gather(tf.reshape(features, (-1, features.shape[-1])), places), tf.gather(label_ids, places)

    def objective(self) -> Objective:
        return LabelCrossEntropy()

    def vocabularies(self) -> dict[str, bytes]:
        if self.tokenizer is None:
            return {}
        return {"source.model": self.tokenizer.model, "labels.json": self.labels.to_json()}

    def set_vocabularies(self, files: Mapping[str, bytes]) -> None:
        self.tokenizer = Tokenizer(files["source.model"]) if "source.model" in files else None

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "labels": list(self.labels),
            "label_smoothing": self.label_smoothing,
            "max_source_length": self.max_source_length,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LabelModel":
        return cls(**{**config, "encoder": keras.saving.deserialize_keras_object(config["encoder"])})
