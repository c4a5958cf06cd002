"""Targets that begin with their length, and an input that counts down to their end.

A decoder with ending "length" predicts the number of words tau, and then tau words. Its targets are BOS, the length as
an id, y_1 .. y_tau, EOS. The length is no word: after it the decoder reads BOS again.
"""

from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.layer import Layer
from seq2seq.layers.outputs.predicted_length import NUM_SPECIAL
from seq2seq.text.tokenizer import BOS_ID, PAD_ID


class Countdown(Layer):
    """Tells each step how many words are left, by a vector for each number (LenEmb; Kikuchi et al., 2016).

    Args:
        num_lengths: int. The lengths are 0 .. num_lengths - 1.
        embedding_dim: int. Features E of a vector, which is added to the embedding of the token before.
    """

    def __init__(self, num_lengths: int, embedding_dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_lengths = num_lengths
        self.embedding_dim = embedding_dim

    def build(self, input_shape: Any = None) -> None:
        start = keras.initializers.RandomNormal(stddev=self.embedding_dim**-0.5)  # as `TokenEmbedding`
        self.table = self.add_weight(name="table", shape=(self.num_lengths, self.embedding_dim), initializer=start)

    def read(self, ids: tf.Tensor, t: tf.Tensor, length: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Takes the length out of the tokens.

        Args:
            ids: int32 (N, T). The tokens before each position.
            t: int32 (N,). Number of tokens read before.
            length: int32 (N,). Words of each target; any number until the length has been read.

        Returns:
            Tuple (ids without the length, int32 (N, T); words left at each position, int32 (N, T), -1 where the length
            is to be predicted; length, int32 (N,)).
        """
        place = t[:, tf.newaxis] + tf.range(tf.shape(ids)[1])  # (N, T)
        is_length = place == 1
        given = tf.reduce_sum(tf.where(is_length, ids - NUM_SPECIAL, 0), axis=1)
        length = tf.where(tf.reduce_any(is_length, axis=1), given, length)
        left = tf.where(place == 0, -1, tf.maximum(length[:, tf.newaxis] - (place - 1), 0))
        return tf.where(is_length, BOS_ID, ids), left, length

    def call(self, left: tf.Tensor) -> tf.Tensor:
        """The vectors float (N, T, E) of the words left, int32 (N, T); zero where that is -1."""
        place = tf.clip_by_value(left, 0, self.num_lengths - 1)  # beams that are impossible may read any id as a length
        vectors = tf.gather(tf.convert_to_tensor(self.table), place)
        return tf.where(left[:, :, tf.newaxis] < 0, tf.zeros_like(vectors), vectors)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_lengths": self.num_lengths, "embedding_dim": self.embedding_dim}


def with_lengths(target_ids: tf.Tensor) -> tf.Tensor:
    """Puts the length of each target in front: BOS y_1 .. y_n EOS -> BOS, the id of n, y_1 .. y_n EOS.

    Args:
        target_ids: int32 (N, T + 1), then PAD. A target that is PAD throughout stays so.

    Returns:
        int32 (N, T + 2).
    """
    first = target_ids[:, :1]
    num_words = tf.math.count_nonzero(target_ids != PAD_ID, axis=1, keepdims=True, dtype=tf.int32) - 2  # BOS and EOS
    lengths = tf.where(first == PAD_ID, PAD_ID, NUM_SPECIAL + num_words)
    return tf.concat([first, lengths, target_ids[:, 1:]], axis=1)
