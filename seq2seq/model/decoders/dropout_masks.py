"""The dropout masks of one pass over a target."""

from typing import Any, NamedTuple

import tensorflow as tf

from seq2seq.layers.dropout import dropout, fold, masked


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


def draw_masks(
    decoder: Any, seed: tf.Tensor | None, num_rows: int | tf.Tensor, num_steps: int | tf.Tensor
) -> DropoutMasks:
    """The dropout masks of a decoder for `num_rows` targets of `num_steps` ids. Without a seed nothing is dropped."""

    def mask(features: int, rate: float, *place: int) -> tf.Tensor | None:
        if seed is None or rate == 0.0:
            return None
        return dropout(tf.ones((num_rows, num_steps, features), decoder.compute_dtype), rate, fold(seed, *place))

    words = mask(1, decoder.word_dropout, 0, 0)
    embedded = mask(decoder.embedding_dim, decoder.dropout, 1)
    size = decoder.cell.output_size
    return DropoutMasks(
        seed=fold(seed, 2),
        embedded=words if embedded is None else masked(embedded, words),
        between=tuple(mask(size, decoder.dropout, 2, layer, 0) for layer in range(1, decoder.num_layers)),
        features=mask(decoder.readout_dim, decoder.dropout, 3),
    )
