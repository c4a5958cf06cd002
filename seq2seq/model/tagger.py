"""The Keras model that chooses a label for each word (many to many, of the same length)."""

from collections.abc import Mapping
from typing import Any, ClassVar

import keras
import tensorflow as tf

from seq2seq.layers.jordan_output import JordanOutput
from seq2seq.model.encoders import Encoder
from seq2seq.model.label_model import LabelModel


@keras.saving.register_keras_serializable(package="seq2seq")
class Tagger(LabelModel):
    """A recurrent encoder and a softmax over labels at the last piece of each word.

    The encoder reads pieces, so an unknown word still has an ending. A word is tagged at its last piece, where an
    encoder of one direction has read all of it.

    Args:
        encoder, labels, tokenizer, label_smoothing, max_source_length: as for `LabelModel`.
        output: "linear" (each label is chosen by itself), or "jordan" (each label also depends on the one before it,
            see `JordanOutput`).

    Call arguments:
        batch: {"source_ids": int32 (B, S), then PAD; "word_ends": int32 (B, W), the position of each word's last piece,
            then 0}.

    Returns:
        float (B, W, L), the logits of the labels.

    Raises:
        ValueError: another `output`, and as for `LabelModel`.

    Example:
        >>> model = Tagger(Encoder(10, 4, GRU(3)), ("NOUN", "VERB"))
        >>> batch = {"source_ids": tf.constant([[5, 6, 7]]), "word_ends": tf.constant([[0, 2]])}  # two words
        >>> model(batch).shape
        TensorShape([1, 2, 2])
    """

    kind: ClassVar[str] = "tagger"
    inputs: ClassVar[tuple[str, ...]] = ("source_ids", "word_ends")

    def __init__(self, encoder: Encoder, labels: tuple[str, ...], *, output: str = "linear", **kwargs: Any) -> None:
        if output not in ("linear", "jordan"):
            raise ValueError(f"Tagger's output is 'linear' or 'jordan', not {output!r}.")
        self.output_kind = output
        super().__init__(encoder, labels, **kwargs)

    def make_output(self, features_size: int) -> keras.layers.Layer:
        if self.output_kind == "linear":
            return super().make_output(features_size)
        units, policy = self.encoder.cell.units, self.encoder.dtype_policy
        output_layer = JordanOutput(len(self.labels), units, name="output", dtype=policy)
        output_layer.build((None, None, features_size))
        return output_layer

    def logits(self, features: tf.Tensor, label_ids: tf.Tensor | None = None) -> tf.Tensor:
        if self.output_kind == "linear":
            return super().logits(features, label_ids)
        return self.output_layer(features, label_ids)

    def features(self, batch: Mapping[str, tf.Tensor], seed: tf.Tensor | None = None) -> tf.Tensor:
        outputs = self.memory(batch["source_ids"], seed)["outputs"]  # (B, S, D)
        return tf.gather(outputs, batch["word_ends"], batch_dims=1)  # (B, W, D)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output": self.output_kind}
