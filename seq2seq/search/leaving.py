"""Sentences that are finished leave the batch: the steps that follow are computed for the others alone."""

import tensorflow as tf

from seq2seq.search.sizes import COUNTS

_WORTH = 8  # leaving copies state and memory: done when at least one sentence in so many leaves


def leave(live, batch):
    """Lets finished sentences go, once they are enough to be worth a copy of the others.

    So many stay that what is left has one of the `COUNTS`, a finished one among them where need be.

    Args:
        live: bool (R,). Which of the R sentences in the batch go on.
        batch: nest of tensors (R, ...), or (R * K, ...) with the K rows of a sentence adjacent.

    Returns:
        `batch`, or of the same nest the rows of those that stay.
    """
    num_sentences = tf.size(live)
    num_live = tf.math.count_nonzero(live, dtype=tf.int32)
    num_staying = tf.gather((0, *COUNTS), tf.searchsorted((0, *COUNTS), [num_live])[0])  # the least size for them

    def keep_staying():
        live_first = tf.argsort(tf.cast(live, tf.int32), direction="DESCENDING", stable=True)
        sentences = live_first[:num_staying, tf.newaxis]  # (staying, 1)

        def keep(leaf):
            per_sentence = tf.shape(leaf)[0] // num_sentences
            return tf.gather(leaf, tf.reshape(sentences * per_sentence + tf.range(per_sentence), [-1]))

        return tf.nest.map_structure(keep, batch)

    worth_it = (num_sentences - num_staying) * _WORTH >= num_sentences
    return tf.cond(worth_it, keep_staying, lambda: batch)


def gather(full, sentences):
    """Of tensors (B, ...) the rows of the sentences (R,) that are in the batch: nest of (R, ...)."""
    return tf.nest.map_structure(lambda leaf: tf.gather(leaf, sentences), full)


def scatter(full, sentences, rows):
    """Tensors (B, ...) with the rows (R, ...) of the sentences (R,) in their places."""
    return tf.nest.map_structure(
        lambda leaf, new: tf.tensor_scatter_nd_update(leaf, sentences[:, tf.newaxis], new), full, rows
    )


def shapes_of(fixed, batch):
    """Static shapes of loop variables (fixed, batch), as `tf.while_loop` wants them when rows of `batch` leave."""
    return tf.nest.map_structure(lambda _: None, fixed), tf.nest.map_structure(_open_shape, batch)


def keep_shapes(new, old):
    """`new` with the static shapes of `old` but for the number of rows: a `tf.while_loop` insists on them, and a
    gather forgets them."""
    return tf.nest.map_structure(lambda leaf, before: tf.ensure_shape(leaf, _open_shape(before)), new, old)


def _open_shape(leaf):
    return tf.TensorShape([None, *leaf.shape[1:]])
