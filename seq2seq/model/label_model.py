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
        self.output_layer = self.make_output(self.connect(encoder))
        self.build(None)

    def connect(self, encoder: Encoder) -> int:
        """Creates the layers between encoder and output; returns the size of the features."""
        return encoder.output_size

    def make_output(self, features_size: int) -> keras.layers.Layer:
        """Creates the output layer, for features of `features_size`."""
        output_layer = Linear(len(self.labels), name="output", dtype=self.encoder.dtype_policy)
        output_layer.connect(features_size, self.encoder.embedding)
        return output_layer

    def memory(self, source_ids: tf.Tensor, seed: tf.Tensor | None = None) -> dict[str, Any]:
        """The encoder's memory of a batch of sentences, int32 (B, S)."""
        return self.encoder(source_ids, source_ids != PAD_ID, seed=seed)

    def features(self, batch: Mapping[str, tf.Tensor], seed: tf.Tensor | None = None) -> tf.Tensor:
        """float (B, ..., D): a vector for each label that is to be chosen."""
        raise NotImplementedError(f"{type(self).__name__} has no features.")

    def logits(self, features: tf.Tensor, label_ids: tf.Tensor | None = None) -> tf.Tensor:
        """The logits of the labels, float (B, ..., L).

        Args:
            features: float (B, ..., D).
            label_ids: int32 (B, ...), -1 where there is no label; the right labels, for a model whose labels depend on
                one another (teacher forcing). None in use.
        """
        return self.output_layer.logits(features, None, {})

    def call(self, batch: Mapping[str, tf.Tensor], seed: tf.Tensor | None = None) -> tf.Tensor:
        return self.logits(self.features(batch, seed))

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
        label_ids = batch["label_ids"]
        return self._sums(self.logits(self.features(batch, seed), label_ids), label_ids)

    def evaluate_batch(self, batch: Mapping[str, tf.Tensor]) -> Sums:
        return self.evaluate_labels(batch)[0]

    def evaluate_labels(self, batch: Mapping[str, tf.Tensor]) -> tuple[Sums, tf.Tensor]:
        """The sums of a batch as `label_sums` gives them, without dropout, and the likeliest labels, int32 (B, ...)."""
        with precisions.products(getattr(self, "precision", "float32")):
            features = self.features(batch)
            chosen = tf.argmax(self.logits(features), axis=-1, output_type=tf.int32)
            sums = self._sums(self.logits(features, batch["label_ids"]), batch["label_ids"])
        return sums, chosen

    def _sums(self, logits: tf.Tensor, label_ids: tf.Tensor) -> Sums:
        """Cross-entropy summed over the labels, smoothed (Szegedy et al., 2016) and plain, and their number."""
        places = tf.where(label_ids >= 0)
        log_probs = tf.nn.log_softmax(tf.gather_nd(logits, places))  # (M, L)
        labels = tf.gather_nd(label_ids, places)  # (M,)
        nll_sum = -tf.reduce_sum(tf.gather(log_probs, labels, batch_dims=1))
        spread = -tf.reduce_sum(log_probs) / len(self.labels)
        loss_sum = (1.0 - self.label_smoothing) * nll_sum + self.label_smoothing * spread
        return {"loss_sum": loss_sum, "nll_sum": nll_sum, "tokens": tf.size(labels)}

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
