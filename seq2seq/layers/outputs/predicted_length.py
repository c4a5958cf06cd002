"""Output layer that predicts the number of words first, and then exactly that many words."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.layer import Layer
from seq2seq.layers.outputs.linear import Linear
from seq2seq.layers.outputs.words import with_end, without_end, word_loss_sums, word_losses
from seq2seq.layers.precision import matmul

NUM_SPECIAL = 4  # as in `seq2seq.text.tokenizer`: the special ids are the first ones


@keras.saving.register_keras_serializable(package="seq2seq")
class PredictedLength(Linear):
    """Linear output layer that predicts the length first: P(x) = P(tau) P(x | tau) (Goodfellow et al., 2016, 10.2.3).

    The first "token" of a target is its number of words tau, written as the id NUM_SPECIAL + tau. A softmax over the
    lengths predicts it. While words are left, the softmax is over words without the end; then the end is certain. Label
    smoothing acts on the words alone.

    The last column of the features is the number of words left, or -1 where the length is to be predicted (see
    `seq2seq.model.decoders.countdown`).

    Args:
        vocab_size, tied: as for `Linear`.
        num_lengths: int. The lengths are 0 .. num_lengths - 1.
    """

    def __init__(self, vocab_size: int, *, num_lengths: int, **kwargs: Any) -> None:
        super().__init__(vocab_size, **kwargs)
        if num_lengths < 1:
            raise ValueError(f"num_lengths is {num_lengths}; a model that predicts lengths needs at least 1.")
        self.num_lengths = num_lengths

    def connect(self, features_size: int, embedding: Layer) -> None:
        most = self.vocab_size - NUM_SPECIAL
        if self.num_lengths > most:
            raise ValueError(
                f"A model that predicts the length (--model.ending length) writes it as an id, and {self.vocab_size} "
                f"target ids are enough for targets of {most} tokens, end token included, not of {self.num_lengths}. "
                f"Give --data.max-length {most}, or a larger vocabulary."
            )
        super().connect(features_size, embedding)
        self.length_table = self.add_weight(
            name="length_table", shape=(self.num_lengths, features_size), initializer="glorot_uniform"
        )
        self.length_bias = self.add_weight(name="length_bias", shape=(self.num_lengths,), initializer="zeros")

    def logits(
        self,
        features: tf.Tensor,
        attention: tf.Tensor | None,
        memory: Mapping[str, Any],
        shortlist: tf.Tensor | None = None,
    ) -> tf.Tensor:
        features, left = features[..., :-1], features[..., -1:]
        words = without_end(super().logits(features, attention, memory, shortlist))  # (..., V - 1)
        lengths = self._length_logits(features)  # (..., L)
        is_end = with_end(tf.zeros_like(words), tf.ones_like(left))
        is_length = self._among_ids(tf.ones_like(lengths), shortlist)
        possible = tf.where(left < 0, is_length, tf.where(left > 0, 1 - is_end, is_end))
        logits = tf.where(left < 0, self._among_ids(lengths, shortlist), with_end(words, tf.zeros_like(left)))
        # log 0 is minus infinity. In ONNX tf2onnx 1.17 turns tf.where into products, which make NaN of infinities.
        return logits + tf.math.log(possible)

    def row_loss_sums(
        self, features: tf.Tensor, labels: tf.Tensor, label_smoothing: float, weights: tf.Tensor | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        features, left = features[:, :-1], features[:, -1]
        weights = tf.ones_like(left) if weights is None else tf.stop_gradient(weights)
        is_word = tf.cast(left > 0, weights.dtype)
        loss_sum, nll_sum = word_loss_sums(self, features, labels, label_smoothing, weights * is_word)
        of_lengths = tf.tensordot(weights, self._length_losses(features, left, labels), 1)
        return loss_sum + of_lengths, nll_sum + tf.stop_gradient(of_lengths)

    def row_losses(self, features: tf.Tensor, labels: tf.Tensor, label_smoothing: float) -> tuple[tf.Tensor, tf.Tensor]:
        features, left = features[:, :-1], features[:, -1]
        of_lengths = tf.stop_gradient(self._length_losses(features, left, labels))
        losses = word_losses(self, features, labels, label_smoothing)
        return tuple(tf.where(left > 0, loss, of_lengths) for loss in losses)

    def _length_logits(self, features: tf.Tensor) -> tf.Tensor:
        return matmul(features, self.length_table, transpose_b=True) + self.length_bias

    def _among_ids(self, x: tf.Tensor, shortlist: tf.Tensor | None) -> tf.Tensor:
        """A number for each length, (..., L) -> for each id, (..., V) or those of the shortlist: 0 for other ids."""
        sides = (NUM_SPECIAL, self.vocab_size - NUM_SPECIAL - self.num_lengths)
        others = [tf.zeros(tf.concat([tf.shape(x)[:-1], [size]], axis=0), x.dtype) for size in sides]
        ids = tf.concat([others[0], x, others[1]], axis=-1)
        if shortlist is None:
            return ids
        return tf.cond(tf.equal(tf.size(shortlist), 0), lambda: ids, lambda: tf.gather(ids, shortlist, axis=-1))

    def _length_losses(self, features: tf.Tensor, left: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Cross-entropy of the lengths, (M,); 0 for words and ends."""
        is_length = left < 0
        lengths = tf.where(is_length, labels - NUM_SPECIAL, 0)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(lengths, self._length_logits(features))
        return tf.where(is_length, losses, 0)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_lengths": self.num_lengths}
