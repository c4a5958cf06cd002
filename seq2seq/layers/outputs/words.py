"""The softmax over words alone, for output layers that tell the end of a sequence in another way."""

import tensorflow as tf

from seq2seq.layers.losses import cross_entropy, token_losses
from seq2seq.layers.outputs.linear import Linear

EOS_ID = 3  # as in `seq2seq.text.tokenizer`; a shortlist begins with the special ids, so it is also its place there


def without_end(x: tf.Tensor) -> tf.Tensor:
    """The tensor (..., V) without the column of the end, (..., V - 1)."""
    return tf.concat([x[..., :EOS_ID], x[..., EOS_ID + 1 :]], axis=-1)


def with_end(words: tf.Tensor, end: tf.Tensor) -> tf.Tensor:
    """Logits (..., V): those of the words (..., V - 1) with that of the end (..., 1) in its place."""
    return tf.concat([words[..., :EOS_ID], end, words[..., EOS_ID:]], axis=-1)


def log_sum(logits: tf.Tensor) -> tf.Tensor:
    """The logarithm of the sum of exp(logits), (..., V) -> (..., 1)."""
    # ONNX's own log of a sum of exponentials loses digits.
    largest = tf.reduce_max(logits, axis=-1, keepdims=True)
    return largest + tf.math.log(tf.reduce_sum(tf.exp(logits - largest), axis=-1, keepdims=True))


def word_loss_sums(
    layer: Linear, features: tf.Tensor, labels: tf.Tensor, label_smoothing: float, weights: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Cross-entropy of the words, summed: (loss sum, sum of the negative log-likelihood).

    Args:
        layer: its table and bias without the row of the end are the softmax.
        features: float (M, D).
        labels: int32 (M,).
        label_smoothing: float in [0, 1). Probability mass spread evenly over the words.
        weights: float (M,), 0 for what is no word.
    """
    return cross_entropy(features, *_softmax(layer), _among_words(labels), label_smoothing, weights)


def word_losses(
    layer: Linear, features: tf.Tensor, labels: tf.Tensor, label_smoothing: float
) -> tuple[tf.Tensor, tf.Tensor]:
    """The losses that `word_loss_sums` sums, (smoothed, plain), without a gradient; ignore those of other labels."""
    return token_losses(features, *_softmax(layer), _among_words(labels), label_smoothing)


def _softmax(layer: Linear) -> tuple[tf.Tensor, tf.Tensor]:
    """Table and bias without the row of the end."""
    table = tf.convert_to_tensor(layer.kernel)
    return tf.concat([table[:EOS_ID], table[EOS_ID + 1 :]], axis=0), without_end(tf.convert_to_tensor(layer.bias))


def _among_words(labels: tf.Tensor) -> tf.Tensor:
    """Ids -> places in the table without the end."""
    return labels - tf.cast(labels > EOS_ID, labels.dtype)
