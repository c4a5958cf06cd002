"""The linear output layer: one softmax over all tokens, the end among them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from seq2seq.layers.layer import Layer
from seq2seq.layers.losses import cross_entropy, token_losses
from seq2seq.layers.precision import matmul

PAD_ID = 0  # as in `seq2seq.text.tokenizer`

Memory = Mapping[str, Any]


class TokenLosses(NamedTuple):
    """The losses of M real tokens, target by target.

    Attributes:
        loss: float (M,), smoothed.
        nll: float (M,). Negative log-likelihood, natural logarithm.
        rows: int32 (M,), from 0 to N - 1. The target that each token belongs to.
    """

    loss: tf.Tensor
    nll: tf.Tensor
    rows: tf.Tensor


@keras.saving.register_keras_serializable(package="seq2seq")
class Linear(Layer):
    """Linear output layer: logits = features E^T + b.

    The table E (V, D) is its own, or that of the target embedding.

    Args:
        vocab_size: int V. Number of target ids.
        tied: bool. Use the embedding table (Press & Wolf, 2017).
    """

    def __init__(self, vocab_size: int, *, tied: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.tied = tied

    def connect(self, features_size: int, embedding: Layer) -> None:
        """Creates the weights, for features of `features_size`; a tied layer reads the table of `embedding`."""
        # A function, because Keras would count a table stored here among the weights of this layer too.
        self._tied_table = lambda: embedding.table
        self.bias = self.add_weight(name="bias", shape=(self.vocab_size,), initializer="zeros")
        if not self.tied:
            shape = (self.vocab_size, features_size)
            self.table = self.add_weight(name="table", shape=shape, initializer="glorot_uniform")
        self.built = True

    @property
    def kernel(self) -> keras.Variable:
        """The table E, (V, D)."""
        return self._tied_table() if self.tied else self.table

    def logits(
        self,
        features: tf.Tensor,
        attention: tf.Tensor | None,
        memory: Memory,
        shortlist: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Unnormalised log-probabilities of all tokens, (..., V), or of those of a shortlist, (..., v).

        Args:
            features: float (N, D) or (N, T, D).
            attention: float (N, S) or (N, T, S), attention weights; None without attention.
            memory: from the decoder's `start`, of batch B.
            shortlist: int32 (v,), or None. An empty one stands for all tokens, so that one graph serves both.
        """
        if shortlist is None:
            return matmul(features, self.kernel, transpose_b=True) + self.bias
        # Whole rows of the table are picked, which is a copy; picking columns takes longer than the product. The
        # operands are transposed outside the condition: tf2onnx 1.17 loses a transposed operand inside it.
        kernel, picked = tf.transpose(self.kernel), tf.transpose(tf.gather(self.kernel, shortlist))
        return tf.cond(
            tf.equal(tf.size(shortlist), 0),
            lambda: matmul(features, kernel) + self.bias,
            lambda: matmul(features, picked) + tf.gather(self.bias, shortlist),
        )

    def loss_sums(
        self,
        features: tf.Tensor,
        attention: tf.Tensor | None,
        memory: Memory,
        labels: tf.Tensor,
        *,
        label_smoothing: float = 0.0,
        weights: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Cross-entropy summed over the real tokens, fused with its gradient.

        Args:
            features: float (N, T, D).
            attention: float (N, T, S), or None.
            memory: from the decoder's `start`, of batch B.
            labels: int32 (N, T). PAD where no token is to be predicted.
            label_smoothing: float in [0, 1). Probability mass spread evenly over all ids.
            weights: float (N, T), or of a shape that broadcasts to it: weight of each token in the sum. It gets no
                gradient.

        Returns:
            Tuple of scalars (loss sum, which alone has a gradient; sum of the plain negative log-likelihood).
        """
        pick = _picker(labels)
        weights = None if weights is None else pick(tf.broadcast_to(weights, tf.shape(labels)))
        return self.row_loss_sums(pick(features), pick(labels), label_smoothing, weights)

    def losses(
        self,
        features: tf.Tensor,
        attention: tf.Tensor | None,
        memory: Memory,
        labels: tf.Tensor,
        *,
        label_smoothing: float = 0.0,
    ) -> TokenLosses:
        """The loss of each real token, without a gradient, at half the cost. Arguments: as for `loss_sums`."""
        pick = _picker(labels)
        rows = tf.repeat(tf.range(tf.shape(labels)[0]), tf.shape(labels)[1])
        rows = pick(tf.reshape(rows, tf.shape(labels)))
        return TokenLosses(*self.row_losses(pick(features), pick(labels), label_smoothing), rows)

    def row_loss_sums(
        self, features: tf.Tensor, labels: tf.Tensor, label_smoothing: float, weights: tf.Tensor | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """`loss_sums` of the real tokens: features (M, D), labels (M,) and their weights (M,), or None for ones."""
        return cross_entropy(features, self.kernel, self.bias, labels, label_smoothing, weights)

    def row_losses(self, features: tf.Tensor, labels: tf.Tensor, label_smoothing: float) -> tuple[tf.Tensor, tf.Tensor]:
        """`losses` of the real tokens, (M,) each: features (M, D), labels (M,)."""
        return token_losses(features, self.kernel, self.bias, labels, label_smoothing)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "vocab_size": self.vocab_size, "tied": self.tied}


def _picker(labels: tf.Tensor) -> Callable[[tf.Tensor], tf.Tensor]:
    """Function (N, T, ...) -> (M, ...) that picks the M real tokens, target by target."""
    places = tf.cast(tf.where(tf.reshape(labels != PAD_ID, [-1]))[:, 0], tf.int32)
    return lambda x: tf.gather(tf.reshape(x, (-1, *x.shape[2:])), places)
