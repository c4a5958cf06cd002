"""The encoder of a vector: for sequences that describe one, instead of translating another sequence."""

from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells import StatePart
from seq2seq.layers.dropout import check_rate, dropout
from seq2seq.layers.layer import Layer
from seq2seq.layers.precision import matmul


@keras.saving.register_keras_serializable(package="seq2seq")
class VectorEncoder(Layer):
    """h = tanh(W v + b): what an `Encoder` gives, of a vector v (vector to sequence; Goodfellow et al., 2016, 10.2.4).

    Args:
        num_features: int F. Numbers of a vector.
        units: int D.
        dropout: float in [0, 1). On h.

    Call arguments:
        source_ids: float32 (B, F). The vectors.
        mask: not used: a vector has no padding.
        seed: int32 (2,), or None at inference.

    Returns:
        Memory with one position: {"outputs": float (B, 1, D), "mask": bool (B, 1), "source_ids": int32 (B, 1), zeros,
            "state": ({"hidden": float (B, D)},)}.

    Example:
        >>> encoder = VectorEncoder(5, 3)
        >>> encoder.build()
        >>> encoder(tf.ones((2, 5)), mask=None)["outputs"].shape
        TensorShape([2, 1, 3])
    """

    def __init__(self, num_features: int, units: int, *, dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if min(num_features, units) < 1:
            raise ValueError(f"num_features={num_features} and units={units}: both have to be 1 or more.")
        self.num_features = self.vocab_size = num_features
        self.units = units
        self.dropout = check_rate("dropout", dropout)

    @property
    def output_size(self) -> int:
        """Features D of the memory's outputs."""
        return self.units

    @property
    def state_parts(self) -> tuple[tuple[StatePart, ...], ...]:
        """The parts of the memory's state: one layer with one part."""
        return ((StatePart("hidden", self.units),),)

    def build(self, input_shape: Any = None) -> None:
        shape = (self.num_features, self.units)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="glorot_uniform")
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")
        self.built = True

    def call(self, source_ids: tf.Tensor, mask: tf.Tensor | None, seed: tf.Tensor | None = None) -> dict[str, Any]:
        vectors = tf.cast(source_ids, self.compute_dtype)
        hidden = dropout(tf.tanh(matmul(vectors, self.kernel) + self.bias), self.dropout, seed)
        one_each = tf.zeros_like(hidden[:, :1], tf.int32)  # (B, 1)
        state = ({"hidden": hidden},)
        return {"outputs": hidden[:, tf.newaxis], "mask": one_each == 0, "source_ids": one_each, "state": state}

    def get_build_config(self) -> None:
        return None  # the model builds it from the configuration, also after loading

    def get_config(self) -> dict[str, Any]:
        sizes = {"num_features": self.num_features, "units": self.units, "dropout": self.dropout}
        return {**super().get_config(), **sizes}
