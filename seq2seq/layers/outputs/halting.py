"""Output layer with a halt unit: each step says whether the sequence ends, and if not, which word comes next."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.outputs.linear import Linear
from seq2seq.layers.outputs.words import EOS_ID, log_sum, with_end, without_end, word_loss_sums, word_losses


@keras.saving.register_keras_serializable(package="seq2seq")
class Halting(Linear):
    """Linear output layer whose end is a Bernoulli output of its own (Goodfellow et al., 2016, section 10.2.3).

    P(end) = sigmoid(h), and P(w) = (1 - sigmoid(h)) * softmax(z)_w for a word w. The halt unit h is the row of the end
    token in the table, so both kinds of ending have the same weights. The loss is a binary cross-entropy at every
    position, plus the cross-entropy of the words. Label smoothing acts on the words alone.

    Since log P(end) - log(1 - P(end)) = h, the logit of the end beside the words' logits z is h + log sum exp(z). So
    search and sampling see one distribution over all tokens. Arguments: as for `Linear`.
    """

    def logits(
        self,
        features: tf.Tensor,
        attention: tf.Tensor | None,
        memory: Mapping[str, Any],
        shortlist: tf.Tensor | None = None,
    ) -> tf.Tensor:
        logits = super().logits(features, attention, memory, shortlist)
        words = without_end(logits)
        return with_end(words, logits[..., EOS_ID : EOS_ID + 1] + log_sum(words))

    def row_loss_sums(
        self, features: tf.Tensor, labels: tf.Tensor, label_smoothing: float, weights: tf.Tensor | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        weights = tf.ones_like(features[:, 0]) if weights is None else tf.stop_gradient(weights)
        is_word = tf.cast(labels != EOS_ID, weights.dtype)
        loss_sum, nll_sum = word_loss_sums(self, features, labels, label_smoothing, weights * is_word)
        halting = tf.tensordot(weights, self._halt_losses(features, labels), 1)
        return loss_sum + halting, nll_sum + tf.stop_gradient(halting)

    def row_losses(self, features: tf.Tensor, labels: tf.Tensor, label_smoothing: float) -> tuple[tf.Tensor, tf.Tensor]:
        halting = tf.stop_gradient(self._halt_losses(features, labels))
        losses = word_losses(self, features, labels, label_smoothing)
        return tuple(tf.where(labels == EOS_ID, 0.0, loss) + halting for loss in losses)

    def _halt_losses(self, features: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """Binary cross-entropy of going on or halting, (M,)."""
        halt = tf.linalg.matvec(features, self.kernel[EOS_ID]) + self.bias[EOS_ID]
        return tf.nn.sigmoid_cross_entropy_with_logits(tf.cast(labels == EOS_ID, halt.dtype), halt)
