"""Cross-entropy of a linear output layer, fused with its gradient and computed in chunks.

The output layer is the largest product of a recurrent translator, and its logits are the largest tensor. The gradient
of softmax cross-entropy has a closed form. So it is computed together with the logits, one chunk of tokens at a time,
and no tensor (tokens, V) outlives its chunk.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from seq2seq.layers.precision import cast, matmul

CHUNK = 2048  # rows; 8 000 pieces * 2 048 rows * 4 bytes = 64 MB


def cross_entropy(
    features: tf.Tensor,
    kernel: Any,
    bias: Any,
    labels: tf.Tensor,
    label_smoothing: float = 0.0,
    weights: tf.Tensor | None = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Summed cross-entropy of softmax(features kernel^T + bias), with label smoothing (Szegedy et al., 2016).

    The target distribution is (1 - label_smoothing) on the label plus label_smoothing / V on every id.

    Args:
        features: float (M, D). One row a real target token.
        kernel: float (V, D). The output layer, or a tied embedding table.
        bias: float (V,).
        labels: int32 (M,).
        label_smoothing: float in [0, 1).
        weights: float (M,), or None for ones. Weight of each row in the sums; it has no gradient.

    Returns:
        Tuple of scalars (loss_sum, nll_sum), natural logarithm: the smoothed loss, which alone has a gradient, and the
        plain negative log-likelihood.
    """

    @tf.custom_gradient
    def fused(features: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> tuple[tuple, Callable]:
        sums, gradients = _Chunks(features, kernel, bias, labels, label_smoothing, weights).with_gradients()

        def gradient(upstream_loss: tf.Tensor, upstream_nll: tf.Tensor) -> tuple:
            del upstream_nll  # reported, not trained on
            return tuple(upstream_loss * part for part in gradients)

        return tuple(sums), gradient

    return fused(features, tf.convert_to_tensor(kernel), tf.convert_to_tensor(bias))


def token_losses(
    features: tf.Tensor, kernel: Any, bias: Any, labels: tf.Tensor, label_smoothing: float = 0.0
) -> tuple[tf.Tensor, tf.Tensor]:
    """The losses that `cross_entropy` sums, one a row, without a gradient and at half the cost. Arguments: the same.

    Returns:
        Tuple of float (M,): (smoothed loss, plain negative log-likelihood).
    """
    features, kernel, bias = map(tf.stop_gradient, (features, kernel, bias))
    return _Chunks(features, kernel, bias, labels, label_smoothing).losses()


class _Chunks:
    """Goes over the rows in chunks. Shapes (rows, ...) below are those of one chunk."""

    def __init__(
        self,
        features: tf.Tensor,
        kernel: Any,
        bias: Any,
        labels: tf.Tensor,
        smoothing: float = 0.0,
        weights: tf.Tensor | None = None,
    ) -> None:
        self.features = features
        self.kernel = tf.convert_to_tensor(kernel)
        self.operand = cast(self.kernel)
        self.sum_of_rows = _sum_of_rows(self.kernel)
        self.bias = tf.convert_to_tensor(bias)
        self.labels = labels
        self.smoothing = smoothing
        self.weights = tf.ones(tf.shape(labels), features.dtype) if weights is None else tf.convert_to_tensor(weights)

    def losses(self) -> list[tf.Tensor]:
        """(smoothed, plain) losses (M,) of the rows."""

        def chunk(rows: tf.Tensor, labels: tf.Tensor, _: tf.Tensor, *losses: tf.TensorArray) -> list:
            logits, _, _, normaliser = self._softmax(rows)
            new = self._losses(rows, labels, logits, normaliser)
            return [part.write(part.size(), x) for part, x in zip(losses, new, strict=True)]

        return [part.concat() for part in self._walk(chunk, [self._parts(()), self._parts(())])]

    def with_gradients(self) -> tuple[tuple, tuple]:
        """Loss sums, and the gradients of the smoothed one with respect to features, kernel and bias."""
        vocab_size = self.kernel.shape[0]
        keep, spread = 1.0 - self.smoothing, self.smoothing / vocab_size

        def chunk(
            rows: tf.Tensor,
            labels: tf.Tensor,
            weights: tf.Tensor,
            loss_sum: tf.Tensor,
            nll_sum: tf.Tensor,
            *gradients: Any,
        ) -> tuple:
            d_features, d_kernel, d_bias = gradients
            logits, exponents, sums, normaliser = self._softmax(rows)
            smoothed, plain = self._losses(rows, labels, logits, normaliser)
            # d logits = weight * (softmax - keep * onehot(label) - spread); the last two terms are never written as
            # (rows, V).
            column = weights[:, tf.newaxis]
            inverse, weighted = 1.0 / sums, rows * column
            d_rows = matmul(exponents, self.operand) * inverse
            d_rows -= keep * tf.gather(self.kernel, labels) + spread * self.sum_of_rows
            d_kernel += matmul(exponents, weighted * inverse, transpose_a=True)
            d_kernel -= keep * tf.math.unsorted_segment_sum(weighted, labels, vocab_size)
            d_kernel -= spread * tf.reduce_sum(weighted, axis=0)
            d_bias += matmul(exponents, column * inverse, transpose_a=True)[:, 0]
            d_bias -= keep * tf.math.unsorted_segment_sum(weights, labels, vocab_size)
            d_bias -= spread * tf.reduce_sum(weights)
            loss_sum += tf.tensordot(weights, smoothed, 1)
            nll_sum += tf.tensordot(weights, plain, 1)
            return loss_sum, nll_sum, d_features.write(d_features.size(), d_rows * column), d_kernel, d_bias

        zero = tf.zeros((), self.features.dtype)
        d_features = self._parts((self.features.shape[1],))
        start = (zero, zero, d_features, tf.zeros_like(self.kernel), tf.zeros_like(self.bias))
        loss_sum, nll_sum, d_features, d_kernel, d_bias = self._walk(chunk, start)
        return (loss_sum, nll_sum), (d_features.concat(), d_kernel, d_bias)

    def _softmax(self, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """The logits, exp(logits - their maximum), its sums, and the logarithm of the normaliser of each row."""
        logits = matmul(rows, self.operand, transpose_b=True) + self.bias  # (rows, V)
        largest = tf.reduce_max(logits, axis=1, keepdims=True)
        exponents = tf.exp(logits - largest)
        sums = tf.reduce_sum(exponents, axis=1, keepdims=True)
        return logits, exponents, sums, (largest + tf.math.log(sums))[:, 0]

    def _losses(
        self, rows: tf.Tensor, labels: tf.Tensor, logits: tf.Tensor, normaliser: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        # One of the logits, not a product of its own: rounded otherwise, it could exceed the normaliser.
        label_logits = tf.gather(logits, labels, batch_dims=1)
        mean_logits = tf.linalg.matvec(rows, self.sum_of_rows / self.kernel.shape[0]) + tf.reduce_mean(self.bias)
        smoothed = normaliser - (1.0 - self.smoothing) * label_logits - self.smoothing * mean_logits
        return smoothed, normaliser - label_logits

    def _parts(self, shape: Sequence[int]) -> tf.TensorArray:
        """Takes one tensor (rows, *shape) from each chunk."""
        return tf.TensorArray(
            self.features.dtype, 0, dynamic_size=True, infer_shape=False, element_shape=(None, *shape)
        )

    def _walk(self, chunk: Callable, start: Sequence[Any]) -> Sequence[Any]:
        """Carries `start` through `chunk(features, labels, weights, *carried)` for all chunks."""
        num_rows, columns = tf.shape(self.features)[0], (self.features, self.labels, self.weights)

        def body(first: tf.Tensor, *carried: Any) -> tuple:
            parts = (column[first : first + CHUNK] for column in columns)  # the last ones may be shorter
            return (first + CHUNK, *chunk(*parts, *carried))

        return tf.while_loop(lambda first, *_: first < num_rows, body, (0, *start))[1:]


def _sum_of_rows(kernel: tf.Tensor) -> tf.Tensor:
    """(V, D) -> (D,), as a product: TensorFlow sums down columns one number at a time."""
    return tf.linalg.matvec(kernel, tf.ones(kernel.shape[0], kernel.dtype), transpose_a=True)
