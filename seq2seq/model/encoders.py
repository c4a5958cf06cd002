"""The encoder: source ids to memory."""

import keras
import tensorflow as tf

from seq2seq.layers.dropout import check_rate, dropout, fold
from seq2seq.layers.embedding import TokenEmbedding
from seq2seq.layers.layer import Layer
from seq2seq.layers.recurrent import Recurrent


@keras.saving.register_keras_serializable(package="seq2seq")
class Encoder(Layer):
    """Stacked recurrent encoder, bidirectional or not (Schuster & Paliwal, 1997; Bahdanau et al., 2015).

    Args:
        vocab_size: int. Number of source ids.
        embedding_dim: int. Features of a source embedding.
        cell: Cell. A pattern: each layer and direction gets a copy of it.
        num_layers: int, at least 1.
        bidirectional: "all" (each layer reads both ways and passes on both readings side by side), "lower"
            (the first layer only; Wu et al., 2016), or "none".
        residual: bool. Add a layer's input to its output where both have the same size (Wu et al., 2016).
        layer_norm: bool. Normalise the output of each layer (Ba et al., 2016).
        dropout: float in [0, 1). On embeddings, between layers and on the outputs.
        recurrent_dropout: float in [0, 1). On the state, the same at each step (Gal & Ghahramani, 2016).
        variational_dropout: bool. Let `dropout` use one mask for all time steps as well.
        word_dropout: float in [0, 1). Share of source tokens whose embedding is dropped.

    Call arguments:
        source_ids: int32 (B, S), right-padded.
        mask: bool (B, S), True = token. Every row needs one.
        seed: int32 (2,), or None at inference.

    Returns:
        Memory: {"outputs": float (B, S, D), "mask": bool (B, S), "state": a tuple, one entry a layer, of
            tuples of (B, size)}.

    Example:
        >>> encoder = Encoder(10, 4, GRU(3), num_layers=2)
        >>> encoder.build()
        >>> source_ids = tf.constant([[5, 6, 3], [7, 3, 0]])
        >>> encoder(source_ids, source_ids != 0)["outputs"].shape  # both directions side by side
        TensorShape([2, 3, 6])
    """

    def __init__(
        self,
        vocab_size,
        embedding_dim,
        cell,
        *,
        num_layers=1,
        bidirectional="all",
        residual=False,
        layer_norm=False,
        dropout=0.0,
        recurrent_dropout=0.0,
        variational_dropout=False,
        word_dropout=0.0,
        **kwargs,
    ):
        if bidirectional not in ("all", "lower", "none"):
            raise ValueError(f"Encoder's bidirectional is 'all', 'lower' or 'none', not {bidirectional!r}.")
        if num_layers < 1:
            raise ValueError(f"Encoder needs at least 1 layer, not {num_layers}.")
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.embedding_dim = embedding_dim
        self.cell = cell
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.residual = residual
        self.layer_norm = layer_norm
        self.dropout = check_rate("dropout", dropout)
        self.recurrent_dropout = check_rate("recurrent_dropout", recurrent_dropout)
        self.variational_dropout = variational_dropout
        self.word_dropout = check_rate("word_dropout", word_dropout)

        policy = self.dtype_policy
        self.embedding = TokenEmbedding(
            vocab_size, embedding_dim, word_dropout=word_dropout, name="embedding", dtype=policy
        )
        self.layers = [
            [self._recurrent(layer, backward) for backward in directions]
            for layer, directions in enumerate(self._directions())
        ]
        self.norms = [
            keras.layers.LayerNormalization(epsilon=1e-6, name=f"norm_{layer}", dtype=policy, autocast=False)
            for layer in range(num_layers if layer_norm else 0)
        ]

    def _directions(self):
        for layer in range(self.num_layers):
            both = self.bidirectional == "all" or (self.bidirectional == "lower" and layer == 0)
            yield (False, True) if both else (False,)

    def _recurrent(self, layer, backward):
        direction = "backward" if backward else "forward"
        return Recurrent(
            self.cell.copy(name="cell"),
            backward=backward,
            recurrent_dropout=self.recurrent_dropout,
            name=f"{direction}_{layer}",
            dtype=self.dtype_policy,
        )

    @property
    def output_size(self):
        """Features D of the memory's outputs."""
        return self.cell.units * len(self.layers[-1])

    @property
    def state_sizes(self):
        """Sizes of the memory's state: tuple (one entry a layer) of tuples of ints."""
        return tuple(tuple(size * len(layer) for size in self.cell.state_sizes) for layer in self.layers)

    def build(self, input_shape=None):
        self.embedding.build()
        size = self.embedding_dim
        for layer, directions in enumerate(self.layers):
            for recurrent in directions:
                recurrent.build((None, None, size))
            size = self.cell.units * len(directions)
            if self.layer_norm:
                self.norms[layer].build((None, None, size))

    def call(self, source_ids, mask, seed=None):
        x = self._dropout(self.embedding(source_ids, seed=fold(seed, 0)), fold(seed, 1))  # (B, S, E)
        states = []
        for layer, directions in enumerate(self.layers):
            layer_seed = fold(seed, 2 + layer)
            results = [recurrent(x, mask, seed=fold(layer_seed, i)) for i, recurrent in enumerate(directions)]
            outputs = tf.concat([outputs for outputs, _ in results], axis=-1)  # (B, S, directions * units)
            states.append(
                tuple(tf.concat(parts, axis=-1) for parts in zip(*(state for _, state in results), strict=True))
            )
            if self.residual and outputs.shape[-1] == x.shape[-1]:
                outputs += x
            if self.layer_norm:
                outputs = self.norms[layer](outputs)
            x = self._dropout(outputs, fold(layer_seed, len(directions)))
        return {"outputs": x, "mask": mask, "state": tuple(states)}

    def _dropout(self, x, seed):
        return dropout(x, self.dropout, seed, shared_axes=(1,) if self.variational_dropout else ())

    def get_build_config(self):
        return None  # the model builds it from the configuration, also after loading

    def get_config(self):
        names = (
            "vocab_size embedding_dim num_layers bidirectional residual layer_norm dropout recurrent_dropout "
            "variational_dropout word_dropout"
        )
        config = {name: getattr(self, name) for name in names.split()}
        return {**super().get_config(), **config, "cell": keras.saving.serialize_keras_object(self.cell)}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})
