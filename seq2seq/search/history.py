"""What a search writes down at each position of its loop."""

import tensorflow as tf


def make_row(attention, **values):
    """What is written at one position: the named values, and the attention if the model gives any."""
    if attention is not None:
        values["attention"] = tf.cast(attention, tf.float32)
    return values


def open_history(num_positions, first_row):
    """One array a name with room for `num_positions`, holding `first_row` at position 0."""
    arrays = {
        name: tf.TensorArray(
            value.dtype, num_positions, element_shape=[None] * value.shape.rank, clear_after_read=False
        )
        for name, value in first_row.items()
    }
    return write(arrays, 0, first_row)


def write(history, position, row):
    """The history with one row more. TensorFlow's arrays are values: use what is returned."""
    return {name: array.write(position, row[name]) for name, array in history.items()}


def spread(row, sentences, num_sentences):
    """The rows (R, ...) of the sentences in the batch at their places among all, zeros for the others."""
    return {
        name: tf.scatter_nd(sentences[:, tf.newaxis], value, tf.concat([[num_sentences], tf.shape(value)[1:]], axis=0))
        for name, value in row.items()
    }
