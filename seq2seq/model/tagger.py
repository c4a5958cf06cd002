"""The Keras model that chooses a label for each word (many to many, of the same length)."""

from collections.abc import Mapping
from typing import ClassVar

import keras
import tensorflow as tf

from seq2seq.model.label_model import LabelModel


@keras.saving.register_keras_serializable(package="seq2seq")
class Tagger(LabelModel):
    """A recurrent encoder and a softmax over labels at the last piece of each word.

    The encoder reads pieces, so an unknown word still has an ending. A word is tagged at its last piece, where an
    encoder of one direction has read all of it.

    Args:
        encoder, labels, tokenizer, label_smoothing, max_source_length: as for `LabelModel`.

    Call arguments:
        batch: {"source_ids": int32 (B, S), then PAD; "word_ends": int32 (B, W), the position of each word's last piece,
            then 0}.

    Returns:
        float (B, W, L), the logits of the labels.

    Example:
        >>> model = Tagger(Encoder(10, 4, GRU(3)), ("NOUN", "VERB"))
        >>> batch = {"source_ids": tf.constant([[5, 6, 7]]), "word_ends": tf.constant([[0, 2]])}  # two words
        >>> model(batch).shape
        TensorShape([1, 2, 2])
    """

    kind: ClassVar[str] = "tagger"
    inputs: ClassVar[tuple[str, ...]] = ("source_ids", "word_ends")

    def features(self, batch: Mapping[str, tf.Tensor], seed: tf.Tensor | None = None) -> tf.Tensor:
        outputs = self.memory(batch["source_ids"], seed)["outputs"]  # (B, S, D)
        return tf.gather(outputs, batch["word_ends"], batch_dims=1)  # (B, W, D)
