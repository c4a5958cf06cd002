"""The base of this toolkit's Keras layers."""

from typing import Any

import keras


class Layer(keras.layers.Layer):
    """A Keras layer whose masks and precision are explicit.

    Masks are arguments: a layer reads the mask it is given and attaches none to its outputs. Keras 3.15 warns about
    every call with a mask unless the layer declares that it supports masking.

    Precision belongs to matrix products (`seq2seq.layers.precision`), so Keras casts no argument of a call.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any) -> None:
        return None
