"""The encoder: source ids to memory."""

from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.cells import Cell, StatePart
from seq2seq.layers.cells.cell import bridged
from seq2seq.layers.dropout import check_rate, dropout, fold
from seq2seq.layers.embedding import TokenEmbedding
from seq2seq.layers.layer import Layer
from seq2seq.layers.merge import Merge
from seq2seq.layers.recurrent import Recurrent, check_truncate


@keras.saving.register_keras_serializable(package="seq2seq")
class Encoder(Layer):
    """Stacked recurrent encoder, bidirectional or not (Schuster & Paliwal, 1997; Bahdanau et al., 2015).

    Args:
        vocab_size: int. Number of source ids.
        embedding_dim: int. Features of a source embedding.
        cell: Cell. Each layer and direction gets a copy of it.
        num_layers: int, at least 1.
        bidirectional: "all" (each layer reads in both directions), "lower" (the first layer only; Wu et al., 2016), or
            "none".
        merge: "concat", "sum" or "dense". How the outputs of both directions become one; see `Merge`.
        residual: bool. Add a layer's input to its output where both have the same size (Wu et al., 2016).
        layer_norm: bool. Normalise the output of each layer (Ba et al., 2016).
        dropout: float in [0, 1). On embeddings, between layers and on the outputs.
        recurrent_dropout: float in [0, 1). On the state, the same at each step (Gal & Ghahramani, 2016).
        truncate: int, at least 0. Truncated back-propagation through time, see `Recurrent`; 0 is the full gradient.
        variational_dropout: bool. Let `dropout` use one mask for all time steps as well.
        word_dropout: float in [0, 1). Share of source tokens whose embedding is dropped.

    Call arguments:
        source_ids: int32 (B, S), right-padded.
        mask: bool (B, S), True = token. Every row needs one.
        seed: int32 (2,), or None at inference.

    Returns:
        Memory: {"outputs": float (B, S, D), "mask": bool (B, S), "source_ids": int32 (B, S), "state": a tuple, one
            entry per layer, of {name: float (B, size)}}. The state holds the parts that a bridge may carry.

    Example:
        >>> encoder = Encoder(10, 4, GRU(3), num_layers=2)
        >>> encoder.build()
        >>> source_ids = tf.constant([[5, 6, 3], [7, 3, 0]])
        >>> encoder(source_ids, source_ids != 0)["outputs"].shape  # both directions side by side
        TensorShape([2, 3, 6])
    """

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int,
        cell: Cell,
        *,
        num_layers: int = 1,
        bidirectional: str = "all",
        merge: str = "concat",
        residual: bool = False,
        layer_norm: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        truncate: int = 0,
        variational_dropout: bool = False,
        word_dropout: float = 0.0,
        **kwargs: Any,
    ) -> None:
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
        self.merge = merge
        self.residual = residual
        self.layer_norm = layer_norm
        self.dropout = check_rate("dropout", dropout)
        self.recurrent_dropout = check_rate("recurrent_dropout", recurrent_dropout)
        self.truncate = check_truncate(truncate)
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
        self.merges = [Merge(merge, name=f"merge_{layer}", dtype=policy) for layer in range(num_layers)]
        self.norms = [
            keras.layers.LayerNormalization(epsilon=1e-6, name=f"norm_{layer}", dtype=policy, autocast=False)
            for layer in range(num_layers if layer_norm else 0)
        ]

    def _directions(self) -> Iterator[tuple[bool, ...]]:
        """For each layer, whether each of its readings is backward."""
        for layer in range(self.num_layers):
            both = self.bidirectional == "all" or (self.bidirectional == "lower" and layer == 0)
            yield (False, True) if both else (False,)

    def _recurrent(self, layer: int, backward: bool) -> Recurrent:
        direction = "backward" if backward else "forward"
        return Recurrent(
            self.cell.copy("cell", layer, self.num_layers),
            backward=backward,
            recurrent_dropout=self.recurrent_dropout,
            truncate=self.truncate,
            name=f"{direction}_{layer}",
            dtype=self.dtype_policy,
        )

    @property
    def output_size(self) -> int:
        """Features D of the memory's outputs."""
        return self.merges[-1].size(self.cell.output_size, len(self.layers[-1]))

    @property
    def state_parts(self) -> tuple[tuple[StatePart, ...], ...]:
        """The parts of the memory's state, one entry per layer."""
        parts = bridged(self.cell.state_parts)
        return tuple(tuple(part._replace(size=part.size * len(layer)) for part in parts) for layer in self.layers)

    def build(self, input_shape: Any = None) -> None:
        self.embedding.build()
        size = self.embedding_dim
        for layer, directions in enumerate(self.layers):
            for recurrent in directions:
                recurrent.build((None, None, size))
            self.merges[layer].connect(self.cell.output_size, len(directions))
            size = self.merges[layer].size(self.cell.output_size, len(directions))
            if self.layer_norm:
                self.norms[layer].build((None, None, size))

    def call(self, source_ids: tf.Tensor, mask: tf.Tensor, seed: tf.Tensor | None = None) -> dict[str, Any]:
        x = self._dropout(self.embedding(source_ids, seed=fold(seed, 0)), fold(seed, 1))  # (B, S, E)
        states = []
        for layer, directions in enumerate(self.layers):
            layer_seed = fold(seed, 2 + layer)
            results = [recurrent(x, mask, seed=fold(layer_seed, i)) for i, recurrent in enumerate(directions)]
            outputs = self.merges[layer]([outputs for outputs, _ in results])  # (B, S, D)
            names = [part.name for part in bridged(self.cell.state_parts)]
            states.append({name: tf.concat([state[name] for _, state in results], axis=-1) for name in names})
            if self.residual and outputs.shape[-1] == x.shape[-1]:
                outputs += x
            if self.layer_norm:
                outputs = self.norms[layer](outputs)
            x = self._dropout(outputs, fold(layer_seed, len(directions)))
        return {"outputs": x, "mask": mask, "source_ids": source_ids, "state": tuple(states)}

    def _dropout(self, x: tf.Tensor, seed: tf.Tensor | None) -> tf.Tensor:
        return dropout(x, self.dropout, seed, shared_axes=(1,) if self.variational_dropout else ())

    def get_build_config(self) -> None:
        return None  # the model builds it from the configuration, also after loading

    def get_config(self) -> dict[str, Any]:
        names = (
            "vocab_size embedding_dim num_layers bidirectional merge residual layer_norm dropout recurrent_dropout "
            "variational_dropout word_dropout truncate"
        )
        config = {name: getattr(self, name) for name in names.split()}
        return {**super().get_config(), **config, "cell": keras.saving.serialize_keras_object(self.cell)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Encoder":
        return cls(**{**config, "cell": keras.saving.deserialize_keras_object(config["cell"])})
