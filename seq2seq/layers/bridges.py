"""Bridges: from the encoder's last state to the decoder's first.

A state is a tuple, one entry a layer, of tuples of tensors (N, units): (h,) for Elman and GRU, (h, c) for
LSTM. A bidirectional encoder layer gives both directions side by side, 2 * units features.
"""

import keras
import tensorflow as tf

from seq2seq.layers.layer import Layer
from seq2seq.layers.precision import matmul


class Bridge(Layer):
    """Base of the bridges.

    `connect(encoder_sizes, decoder_sizes)` is called once, before use, with the sizes of both states (tuples
    of tuples of ints).

    Call arguments:
        state: the encoder's state, as described above, batch B.

    Returns:
        The decoder's state: tuple of tuples of float (B, units), hidden states in -1..1 as all cells leave theirs.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)

    def connect(self, encoder_sizes, decoder_sizes):
        self.decoder_sizes = decoder_sizes
        self.built = True

    def get_config(self):
        return super().get_config()  # overridden, or Keras records the arguments itself and fails on a dtype policy


@keras.saving.register_keras_serializable(package="seq2seq")
class ZeroBridge(Bridge):
    """The decoder starts from zeros; everything it knows of the source comes by attention."""

    def call(self, state):
        reference = tf.nest.flatten(state)[0]
        num_rows = tf.shape(reference)[0]
        return tf.nest.map_structure(lambda size: tf.zeros((num_rows, size), reference.dtype), self.decoder_sizes)


@keras.saving.register_keras_serializable(package="seq2seq")
class CopyBridge(Bridge):
    """The decoder starts from the encoder's last state, layer by layer (Sutskever et al., 2014).

    Raises:
        ValueError: the two states differ in layers, parts or sizes.
    """

    def connect(self, encoder_sizes, decoder_sizes):
        if encoder_sizes != decoder_sizes:
            raise ValueError(
                f"CopyBridge got an encoder state of {_describe(encoder_sizes)} for a decoder of "
                f"{_describe(decoder_sizes)}. Give both the same layers, cells and units (a bidirectional "
                f"layer counts twice), or use DenseBridge."
            )
        super().connect(encoder_sizes, decoder_sizes)

    def call(self, state):
        return state


@keras.saving.register_keras_serializable(package="seq2seq")
class DenseBridge(Bridge):
    """s_0 = tanh(W h + b) for each part of the decoder's state, h being all of the encoder's last state side
    by side.

    As Bahdanau et al. (2015, appendix A.2.2), who read the backward direction alone.

    Example:
        >>> bridge = DenseBridge()
        >>> bridge.connect(encoder_sizes=((3, 3),), decoder_sizes=((4,),))
        >>> state = bridge(((tf.zeros((2, 3)), tf.zeros((2, 3))),))
        >>> state[0][0].shape
        TensorShape([2, 4])
    """

    def connect(self, encoder_sizes, decoder_sizes):
        super().connect(encoder_sizes, decoder_sizes)
        size = sum(tf.nest.flatten(encoder_sizes))
        units = sum(tf.nest.flatten(decoder_sizes))
        self.kernel = self.add_weight(name="kernel", shape=(size, units), initializer="glorot_uniform")
        self.bias = self.add_weight(name="bias", shape=(units,), initializer="zeros")

    def call(self, state):
        features = tf.concat(tf.nest.flatten(state), axis=-1)  # (B, sum of encoder sizes)
        initial = tf.tanh(matmul(features, self.kernel) + self.bias)
        parts = tf.split(initial, tf.nest.flatten(self.decoder_sizes), axis=-1)
        return tf.nest.pack_sequence_as(self.decoder_sizes, parts)


def _describe(sizes):
    return "; ".join(" + ".join(str(size) for size in layer) for layer in sizes) + " features"
