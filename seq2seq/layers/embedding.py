"""Token embeddings, which may also serve as the output layer."""

from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.dropout import check_rate, dropout, fold
from seq2seq.layers.layer import Layer


@keras.saving.register_keras_serializable(package="seq2seq")
class TokenEmbedding(Layer):
    """A vector for each token id, with dropout of features and of whole tokens.

    Args:
        vocab_size: int. Number of ids.
        embedding_dim: int. Features of a vector.
        dropout: float in [0, 1). Share of features dropped.
        word_dropout: float in [0, 1). Share of tokens whose whole vector is dropped (Sennrich & Zhang, 2019).

    Call arguments:
        ids: int (N, T).
        seed: int32 (2,), or None at inference.

    Returns:
        float (N, T, embedding_dim).
    """

    def __init__(
        self, vocab_size: int, embedding_dim: int, *, dropout: float = 0.0, word_dropout: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if min(vocab_size, embedding_dim) < 1:
            raise ValueError(f"vocab_size={vocab_size} and embedding_dim={embedding_dim}: both have to be 1 or more.")
        self.vocab_size = vocab_size
        self.embedding_dim = embedding_dim
        self.dropout = check_rate("dropout", dropout)
        self.word_dropout = check_rate("word_dropout", word_dropout)

    def build(self, input_shape: Any = None) -> None:
        # Vectors of expected length 1, so that tied logits start at the scale of the features.
        start = keras.initializers.RandomNormal(stddev=self.embedding_dim**-0.5)
        self.table = self.add_weight(name="table", shape=(self.vocab_size, self.embedding_dim), initializer=start)

    def call(self, ids: tf.Tensor, seed: tf.Tensor | None = None) -> tf.Tensor:
        vectors = tf.gather(tf.convert_to_tensor(self.table), ids)
        vectors = dropout(vectors, self.word_dropout, fold(seed, 0), shared_axes=(2,))
        return dropout(vectors, self.dropout, fold(seed, 1))

    def get_config(self) -> dict[str, Any]:
        sizes = {"vocab_size": self.vocab_size, "embedding_dim": self.embedding_dim}
        return {**super().get_config(), **sizes, "dropout": self.dropout, "word_dropout": self.word_dropout}
