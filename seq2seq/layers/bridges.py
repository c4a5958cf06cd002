"""Bridges: from the encoder's last state to the decoder's first.

A state is a tuple, one entry per layer, of cell states: name of a part -> float (N, size). A bridge reads and fills the
bridged parts alone. A bidirectional encoder layer gives both directions side by side, so its parts are twice as large.
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells.cell import State, StatePart
from seq2seq.layers.layer import Layer
from seq2seq.layers.precision import matmul

Parts = Sequence[Sequence[StatePart]]
"""The bridged parts of a state, one entry per layer."""


class Bridge(Layer):
    """Base of the bridges.

    `connect(encoder_parts, decoder_parts)` is called once, before use. A subclass may refuse parts that do not fit in
    `check_parts`, and create weights in `connect`.

    Call arguments:
        state: the encoder's state, as described above, batch B.

    Returns:
        The decoder's state: a tuple, one entry per layer, of {name: float (B, size)}. Hidden states are in -1..1, where
        most cells leave theirs.
    """

    def check_parts(self, encoder_parts: Parts, decoder_parts: Parts) -> None:
        """Raises ValueError when the bridge cannot connect these states."""

    def connect(self, encoder_parts: Parts, decoder_parts: Parts) -> None:
        self.check_parts(encoder_parts, decoder_parts)
        self.encoder_parts = encoder_parts
        self.decoder_parts = decoder_parts
        self.built = True

    def get_config(self) -> dict[str, Any]:
        return super().get_config()  # overridden, or Keras records the arguments itself and fails on a dtype policy


@keras.saving.register_keras_serializable(package="seq2seq")
class ZeroBridge(Bridge):
    """The decoder starts from zeros; everything it knows of the source comes by attention."""

    def call(self, state: Sequence[State]) -> tuple[State, ...]:
        reference = tf.nest.flatten(state)[0]
        num_rows = tf.shape(reference)[0]
        return tuple(
            {part.name: tf.zeros((num_rows, part.size), reference.dtype) for part in layer}
            for layer in self.decoder_parts
        )


@keras.saving.register_keras_serializable(package="seq2seq")
class CopyBridge(Bridge):
    """The decoder starts from the encoder's last state, layer by layer (Sutskever et al., 2014).

    Raises:
        ValueError: the two states differ in layers, parts or sizes.
    """

    def check_parts(self, encoder_parts: Parts, decoder_parts: Parts) -> None:
        if _sizes(encoder_parts) != _sizes(decoder_parts):
            raise ValueError(
                f"CopyBridge got an encoder state of {_describe(encoder_parts)} for a decoder of "
                f"{_describe(decoder_parts)}. Give both the same layers, cells and units (a bidirectional layer counts "
                "twice), or use DenseBridge (--model.bridge dense)."
            )

    def call(self, state: Sequence[State]) -> tuple[State, ...]:
        return _named(self.decoder_parts, iter(_in_order(state, self.encoder_parts)))


@keras.saving.register_keras_serializable(package="seq2seq")
class DenseBridge(Bridge):
    """s_0 = tanh(W h + b) for each part of the decoder's state. h is the encoder's last state, all parts side by side.

    Bahdanau et al. (2015, appendix A.2.2) read the state of the backward direction alone.

    Example:
        >>> bridge = DenseBridge()
        >>> bridge.connect(encoder_parts=[LSTM(3).state_parts], decoder_parts=[GRU(4).state_parts])
        >>> (state,) = bridge([{"hidden": tf.zeros((2, 3)), "cell": tf.zeros((2, 3))}])
        >>> state["hidden"].shape
        TensorShape([2, 4])
    """

    def connect(self, encoder_parts: Parts, decoder_parts: Parts) -> None:
        super().connect(encoder_parts, decoder_parts)
        size, units = (sum(map(sum, _sizes(parts))) for parts in (encoder_parts, decoder_parts))
        self.kernel = self.add_weight(name="kernel", shape=(size, units), initializer="glorot_uniform")
        self.bias = self.add_weight(name="bias", shape=(units,), initializer="zeros")

    def call(self, state: Sequence[State]) -> tuple[State, ...]:
        features = tf.concat(_in_order(state, self.encoder_parts), axis=-1)  # (B, sum of encoder sizes)
        initial = tf.tanh(matmul(features, self.kernel) + self.bias)
        sizes = [size for layer in _sizes(self.decoder_parts) for size in layer]
        return _named(self.decoder_parts, iter(tf.split(initial, sizes, axis=-1)))


def _in_order(state: Sequence[State], parts: Parts) -> list[tf.Tensor]:
    """The tensors of a state in the order of declaration."""
    return [layer[part.name] for layer, layer_parts in zip(state, parts, strict=True) for part in layer_parts]


def _named(parts: Parts, tensors: Any) -> tuple[State, ...]:
    """The state whose tensors, in the order of declaration, an iterator gives."""
    return tuple({part.name: next(tensors) for part in layer} for layer in parts)


def _sizes(parts: Parts) -> list[list[int]]:
    return [[part.size for part in layer] for layer in parts]


def _describe(parts: Parts) -> str:
    return "; ".join(" + ".join(map(str, layer)) for layer in _sizes(parts)) + " features"
