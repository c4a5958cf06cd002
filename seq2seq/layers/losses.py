"""Cross-entropy of the output layer, fused and chunked: no (tokens, V) tensor outlives its chunk.

The output layer is the largest product of a recurrent translator, and its logits the largest tensor. The
gradient of softmax cross-entropy is known in closed form, so it is built while the logits are at hand, chunk
by chunk, and nothing of their size is kept.
"""

import tensorflow as tf

from .precision import cast, matmul

CHUNK = 2048  # rows; 8 000 pieces * 2 048 rows * 4 bytes = 64 MB


def cross_entropy(features, kernel, bias, labels, label_smoothing=0.0):
    """Summed cross-entropy of softmax(features kernel^T + bias), differentiable, with label smoothing
    (Szegedy et al., 2016).

    The target distribution is (1 - label_smoothing) on the label plus label_smoothing / V on every id.

    Args:
        features: float (M, D). One row a real target token.
        kernel: float (V, D). The output layer, or a tied embedding table.
        bias: float (V,).
        labels: int32 (M,).
        label_smoothing: float in [0, 1).

    Returns:
        Tuple of scalars (loss_sum, nll_sum), natural logarithm: the smoothed loss, which alone has a
        gradient, and the plain negative log-likelihood.
    """
    forward = _Chunks(labels, label_smoothing)

    @tf.custom_gradient
    def fused(features, kernel, bias):
        sums, gradients = forward.with_gradients(features, kernel, bias)

        def gradient(upstream_loss, upstream_nll):
            del upstream_nll  # reported, not trained on
            return tuple(upstream_loss * part for part in gradients)

        return tuple(sums), gradient

    return fused(features, tf.convert_to_tensor(kernel), tf.convert_to_tensor(bias))


def cross_entropy_sums(features, kernel, bias, labels, label_smoothing=0.0):
    """The two sums of `cross_entropy` without a gradient, for validation at half the cost."""
    return _Chunks(labels, label_smoothing).sums(features, tf.convert_to_tensor(kernel), tf.convert_to_tensor(bias))


class _Chunks:
    """Walks over the rows in chunks; everything below is float (rows, ...) of one chunk."""

    def __init__(self, labels, label_smoothing):
        self.labels = labels
        self.smoothing = label_smoothing

    def sums(self, features, kernel, bias):
        operand, sum_of_rows = cast(kernel), _sum_of_rows(kernel)

        def chunk(rows, labels, loss_sum, nll_sum):
            _, _, normaliser = self._softmax(rows, operand, bias)
            loss, nll = self._losses(rows, labels, kernel, sum_of_rows, bias, normaliser)
            return loss_sum + loss, nll_sum + nll

        zero = tf.zeros((), features.dtype)
        return self._walk(features, chunk, (zero, zero))

    def with_gradients(self, features, kernel, bias):
        """Loss sums, and the gradients of the smoothed one with respect to features, kernel and bias."""
        operand = cast(kernel)
        vocab_size = kernel.shape[0]
        keep, spread = 1.0 - self.smoothing, self.smoothing / vocab_size
        sum_of_rows = _sum_of_rows(kernel)

        def chunk(rows, labels, loss_sum, nll_sum, d_features, d_kernel, d_bias):
            exponents, sums, normaliser = self._softmax(rows, operand, bias)
            loss, nll = self._losses(rows, labels, kernel, sum_of_rows, bias, normaliser)
            # d logits = softmax - keep * onehot(label) - spread; the last two terms are never written as
            # (rows, V).
            inverse = 1.0 / sums
            d_rows = matmul(exponents, operand) * inverse - keep * tf.gather(kernel, labels) - spread * sum_of_rows
            scaled = rows * inverse
            d_kernel += matmul(exponents, scaled, transpose_a=True)
            d_kernel -= keep * tf.math.unsorted_segment_sum(rows, labels, vocab_size) + spread * tf.reduce_sum(
                rows, axis=0
            )
            d_bias += matmul(exponents, inverse, transpose_a=True)[:, 0] - spread * tf.cast(
                tf.shape(rows)[0], bias.dtype
            )
            d_bias -= keep * tf.math.unsorted_segment_sum(tf.ones_like(labels, bias.dtype), labels, vocab_size)
            return (
                loss_sum + loss,
                nll_sum + nll,
                d_features.write(d_features.size(), d_rows),
                d_kernel,
                d_bias,
            )

        zero = tf.zeros((), features.dtype)
        parts = tf.TensorArray(
            features.dtype, 0, dynamic_size=True, infer_shape=False, element_shape=(None, features.shape[1])
        )
        start = (zero, zero, parts, tf.zeros_like(kernel), tf.zeros_like(bias))
        loss_sum, nll_sum, parts, d_kernel, d_bias = self._walk(features, chunk, start)
        return (loss_sum, nll_sum), (parts.concat(), d_kernel, d_bias)

    def _softmax(self, rows, kernel, bias):
        logits = matmul(rows, kernel, transpose_b=True) + bias  # (rows, V)
        largest = tf.reduce_max(logits, axis=1, keepdims=True)
        exponents = tf.exp(logits - largest)
        sums = tf.reduce_sum(exponents, axis=1, keepdims=True)
        return exponents, sums, (largest + tf.math.log(sums))[:, 0]

    def _losses(self, rows, labels, kernel, sum_of_rows, bias, normaliser):
        label_logits = tf.reduce_sum(rows * tf.gather(kernel, labels), axis=1) + tf.gather(bias, labels)
        mean_logits = tf.linalg.matvec(rows, sum_of_rows / kernel.shape[0]) + tf.reduce_mean(bias)
        smoothed = normaliser - (1.0 - self.smoothing) * label_logits - self.smoothing * mean_logits
        return tf.reduce_sum(smoothed), tf.reduce_sum(normaliser - label_logits)

    def _walk(self, features, chunk, start):
        num_rows = tf.shape(features)[0]

        def body(first, *carried):
            rows = _rows_from(features, first)
            return (first + CHUNK, *chunk(rows, _rows_from(self.labels, first), *carried))

        return tf.while_loop(lambda first, *_: first < num_rows, body, (0, *start))[1:]


def _sum_of_rows(kernel):
    """(V, D) -> (D,); as a product, for TensorFlow sums down columns one number at a time."""
    return tf.linalg.matvec(kernel, tf.ones(kernel.shape[0], kernel.dtype), transpose_a=True)


def _rows_from(x, first):
    """The rows of the chunk that begins at `first`; the last one may be shorter."""
    return x[first : first + CHUNK]
