"""The dropout masks of one pass over a target."""

from typing import NamedTuple

import tensorflow as tf


class DropoutMasks(NamedTuple):
    """The dropout masks of one pass over a target. Two passes with the same masks drop the same.

    A mask holds 0 and 1 / (1 - rate). It is None where nothing is dropped.

    Attributes:
        seed: int32 (2,), of recurrent dropout, whose masks are the same at each step; or None.
        embedded: float (N, T, E), for the embeddings.
        between: tuple of float (N, T, output_size), one for the input of each layer above the first.
        features: float (N, T, readout_dim), for the read-out.
    """

    seed: tf.Tensor | None
    embedded: tf.Tensor | None
    between: tuple[tf.Tensor | None, ...]
    features: tf.Tensor | None

    def at(self, t: tf.Tensor | int) -> "DropoutMasks":
        """The masks of step t: T = 1."""
        steps = [self.embedded, self.between, self.features]
        return DropoutMasks(self.seed, *tf.nest.map_structure(lambda x: None if x is None else x[:, t : t + 1], steps))
