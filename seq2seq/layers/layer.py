"""The base of this toolkit's Keras layers."""

import sys
from pathlib import Path
from typing import Any

import keras

from seq2seq.startup import claim_tensorflow


class Layer(keras.layers.Layer):
    """A Keras layer whose masks and precision are explicit.

    Masks are arguments: a layer reads the mask it is given and attaches none to its outputs. Keras 3.15 warns about
    every call with a mask unless the layer declares that it supports masking.

    Precision belongs to matrix products (`seq2seq.layers.precision`), so Keras casts no argument of a call.

    A subclass outside this package is registered with Keras by its file and name, such as "leaky.py:Leaky". So a saved
    model finds it as soon as the module that defines it has been imported. You may register it under another name.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.__module__.startswith("seq2seq."):
            file = getattr(sys.modules.get(cls.__module__), "__file__", None)  # a notebook has none
            name = f"{Path(file).name if file else cls.__module__}:{cls.__name__}"
            keras.saving.register_keras_serializable(package="own", name=name)(cls)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.supports_masking = True

    def add_weight(self, *args: Any, **kwargs: Any) -> keras.Variable:
        claim_tensorflow()  # TensorFlow starts its threads with the first variable
        return super().add_weight(*args, **kwargs)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> None:
        return None
