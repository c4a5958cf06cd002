"""The contract of a decoder: from target ids and memory to features, one step at a time or a whole target at once.

Every decoder embeds the previous token, runs a recurrence that starts from a bridge, reads the source by attention,
and reads out features of the size of a target embedding. The output layer is a layer of its own. Decoders differ in the
place of attention:

- `RNNDecoder`: outside the recurrence. The bottom layer runs over the whole target first, then attention reads its
  outputs. In teacher forcing all this is products over the whole target. Without attention it is the plain
  encoder-decoder.
- `InputFeedingDecoder` and `ConditionalDecoder`: inside the recurrence (`inside.py`).
"""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from seq2seq.layers.attention import Attention
from seq2seq.layers.bridges import Bridge, DenseBridge
from seq2seq.layers.cells import Cell, StatePart
from seq2seq.layers.cells.cell import bridged
from seq2seq.layers.dropout import check_rate, masked
from seq2seq.layers.embedding import TokenEmbedding
from seq2seq.layers.layer import Layer
from seq2seq.layers.outputs import output_layer
from seq2seq.layers.precision import matmul
from seq2seq.layers.recurrent import check_recurrent_dropout, check_truncate
from seq2seq.model.decoders.countdown import Countdown, with_lengths
from seq2seq.model.decoders.dropout_masks import DropoutMasks, draw_masks
from seq2seq.model.encoders import Encoder

CONTEXTS = ("initial", "steps", "both")
_PARTS = ("cell", "attention", "bridge")

State = dict[str, Any]
Memory = Mapping[str, Any]
Recurrence = tuple[tf.Tensor, tf.Tensor | None, tf.Tensor | None, State]
"""Outputs (N, T, output_size), context (N, T, M) or None, attention weights (N, T, S) or None, state."""


class Decoder(Layer):
    """Base of the decoders: embedding, bridge, read-out and output layer. Subclasses implement `recur`.

    Args:
        vocab_size: int. Number of target ids.
        embedding_dim: int. Features of a target embedding.
        cell: Cell. Each layer gets a copy of it.
        attention: Attention, or None.
        num_layers: int, at least 1. Layers above the first read its output and the context.
        bridge: Bridge. From the encoder's state to this one's; DenseBridge by default.
        context: "initial" (what the encoder read is the first state, through the bridge), "steps" (it is an input of
            each step; give ZeroBridge beside it), or "both". The last two are for `RNNDecoder` without attention.
        residual: bool. Add a layer's input to its output, from the second layer on.
        dropout: float in [0, 1). On embeddings, between layers and on the features.
        recurrent_dropout: float in [0, 1). On the state, the same at each step (Gal & Ghahramani, 2016).
        truncate: int, at least 0. Truncated back-propagation through time, see `Recurrent`; 0 is the full gradient.
        word_dropout: float in [0, 1). Share of target tokens whose embedding is dropped.
        readout_dim: int. Features of the read-out, which the output layer reads; embedding_dim by default.
        tied_output: bool. The embedding table is the output layer as well (Press & Wolf, 2017), so the read-out has its
            size.
        ending: "end_symbol", "halt" or "length". How a target ends; see `seq2seq.layers.outputs`.
        num_lengths: int. With ending "length", targets have 0 .. num_lengths - 1 words. One feature more then tells the
            output layer how many are left.

    Attributes:
        output_layer: Linear, or a subclass that the ending needs.

    Call arguments:
        target_ids: int32 (N, T). The previous tokens: BOS first. N is B, or B * K with the K beams of a sentence
            adjacent.
        state: from `start`. {"layers": a tuple, one entry per layer, of {name: float (N, size)}; "t": int32 (N,), the
            number of tokens read; "attention": the state of attention, a nest of (N, ...); ...}.
        memory: from `start`. Its batch stays B.
        dropout_masks: DropoutMasks of the same N and T; or None at inference.

    Returns:
        Tuple (features (N, T, readout_dim), attention weights (N, T, S) or None, state).

    Example:
        >>> encoder, decoder = Encoder(10, 4, GRU(3)), RNNDecoder(10, 4, GRU(3), AdditiveAttention(3))
        >>> model = Seq2Seq(encoder, decoder)  # connects the two
        >>> memory, state = model.memory(tf.constant([[5, 6, 3]]))
        >>> features, weights, state = decoder(tf.constant([[2, 7]]), state, memory)
        >>> weights.shape, decoder.output_layer.logits(features, weights, memory).shape
        (TensorShape([1, 2, 3]), TensorShape([1, 2, 10]))
    """

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int,
        cell: Cell,
        attention: Attention | None = None,
        *,
        num_layers: int = 1,
        bridge: Bridge | None = None,
        context: str = "initial",
        residual: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        truncate: int = 0,
        word_dropout: float = 0.0,
        readout_dim: int | None = None,
        tied_output: bool = False,
        ending: str = "end_symbol",
        num_lengths: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        policy = self.dtype_policy
        self.vocab_size = vocab_size
        self.embedding_dim = embedding_dim
        self.ending = ending
        self.num_lengths = num_lengths if ending == "length" else 0
        self.output_layer = output_layer(ending, vocab_size, num_lengths, tied=tied_output, name="output", dtype=policy)
        self.cell = cell
        self.attention = attention
        self.num_layers = num_layers
        self.bridge = DenseBridge(name="bridge", dtype=policy) if bridge is None else bridge
        self.context = context
        self.residual = residual
        self.dropout = check_rate("dropout", dropout)
        self.recurrent_dropout = check_recurrent_dropout(cell, recurrent_dropout)
        self.truncate = check_truncate(truncate)
        self.word_dropout = check_rate("word_dropout", word_dropout)
        self.readout_dim = embedding_dim if readout_dim is None else readout_dim
        self.tied_output = tied_output
        self._check()
        self.embedding = TokenEmbedding(
            vocab_size, embedding_dim, word_dropout=word_dropout, name="embedding", dtype=policy
        )
        self.countdown = Countdown(num_lengths, embedding_dim, dtype=policy) if self.num_lengths else None

    def _check(self) -> None:
        if self.num_layers < 1:
            raise ValueError(f"{type(self).__name__} needs at least 1 layer, not {self.num_layers}.")
        if self.context not in CONTEXTS:
            raise ValueError(f"The context enters by one of {', '.join(CONTEXTS)}, not {self.context!r}.")
        if self.context != "initial" and self.attention is not None:
            raise ValueError(f"context={self.context!r} is for a decoder without attention (--model.attention none).")
        if self.tied_output and self.readout_dim != self.embedding_dim:
            raise ValueError(
                f"A tied output layer reads embedding_dim={self.embedding_dim} features, but readout_dim is "
                f"{self.readout_dim}. Leave readout_dim out, or give tied_output=False."
            )

    @property
    def context_size(self) -> int:
        """Features of the context of a step: what attention reads, or what the encoder read; 0 without either."""
        if self.attention is not None:
            return self.memory_size
        return 0 if self.context == "initial" else self.encoder_state_size

    def check_attention(self, encoder: Encoder) -> None:
        """Raises ValueError when attention cannot compare this decoder's queries with the encoder's outputs."""
        if self.attention is not None:
            self.attention.check_sizes(self.cell.output_size, encoder.output_size)

    def check_bridge(self, encoder: Encoder) -> None:
        """Raises ValueError when the bridge cannot carry the encoder's state to this decoder."""
        self.bridge.check_parts(encoder.state_parts, self._bridged_parts())

    def connect(self, encoder: Encoder) -> None:
        """Creates the weights, given the encoder whose memory will be read.

        Raises:
            ValueError: its bridge or attention already belongs to a decoder, or does not fit.
        """
        for part, layer in (("bridge", self.bridge), ("attention", self.attention)):
            if layer is not None and layer.built:
                raise ValueError(
                    f"The {part} {layer.name!r} already belongs to another decoder. Make a new one for each."
                )
        self.memory_size = encoder.output_size
        self.encoder_state_size = sum(part.size for part in encoder.state_parts[-1])
        if not self.embedding.built:
            self.embedding.build()
        if self.countdown is not None:
            self.countdown.build()
        self.bridge.connect(encoder.state_parts, self._bridged_parts())
        if self.attention is not None:
            self.attention.build((None, None, self.cell.output_size), (None, None, self.memory_size))
        self.build_recurrence()
        self.build_readout()
        self.output_layer.connect(self.readout_dim, self.embedding)
        self.built = True

    def _bridged_parts(self) -> tuple[tuple[StatePart, ...], ...]:
        return (bridged(self.cell.state_parts),) * self.num_layers

    def build_recurrence(self) -> None:
        """Creates the weights of the recurrence."""
        raise NotImplementedError(f"{type(self).__name__} has no build_recurrence.")

    def build_readout(self) -> None:
        """Creates the weights of the read-out."""
        size = self.cell.output_size + self.context_size + self.embedding_dim
        self.readout_kernel = self.add_weight(
            name="readout_kernel", shape=(size, self.readout_dim), initializer="glorot_uniform"
        )
        self.readout_bias = self.add_weight(name="readout_bias", shape=(self.readout_dim,), initializer="zeros")

    def start(self, memory: Memory) -> tuple[Memory, State]:
        """Computes once per sentence what does not change from step to step.

        Args:
            memory: from the encoder.

        Returns:
            Tuple (memory: "mask", "source_ids" and, for attention, "keys" and "values", or the "context" of each step;
            state of batch B before the first token).
        """
        num_rows = tf.shape(memory["mask"])[0]
        layers = tuple({**self.cell.zero_state(num_rows), **filled} for filled in self.bridge(memory["state"]))
        started = {"mask": memory["mask"], "source_ids": memory["source_ids"]}
        state = {"layers": layers, "t": tf.zeros((num_rows,), tf.int32), "attention": ()}
        if self.attention is not None:
            started["keys"] = self.attention.keys(memory["outputs"])
            started["values"] = self.values(memory["outputs"])
            state["attention"] = self.attention.start(started)
        elif self.context != "initial":
            top = memory["state"][-1]
            started["context"] = tf.concat([top[name] for name in sorted(top)], axis=-1)  # (B, encoder_state_size)
        if self.countdown is not None:
            state["length"] = tf.zeros((num_rows,), tf.int32)
        return started, state

    def coded(self, target_ids: tf.Tensor) -> tf.Tensor:
        """Targets int32 (N, T + 1) as this decoder reads and predicts them; see `with_lengths`."""
        return target_ids if self.countdown is None else with_lengths(target_ids)

    def values(self, outputs: tf.Tensor) -> tf.Tensor:
        """What attention sums up to the context, made of the encoder's outputs (B, S, D): the outputs themselves."""
        return outputs

    def step(self, ids: tf.Tensor, state: State, memory: Memory) -> tuple[tf.Tensor, tf.Tensor | None, State]:
        """Reads one token.

        Args:
            ids: int32 (N,). The previous tokens.
            state, memory: as for `call`.

        Returns:
            Tuple (features (N, readout_dim), attention weights (N, S) or None, state).
        """
        features, weights, state = self.call(ids[:, tf.newaxis], state, memory)
        return features[:, 0], None if weights is None else weights[:, 0], state

    def call(
        self, target_ids: tf.Tensor, state: State, memory: Memory, dropout_masks: DropoutMasks | None = None
    ) -> tuple[tf.Tensor, tf.Tensor | None, State]:
        masks = dropout_masks or self.dropout_masks(None, 0, 0)
        state, counted = {**state}, {"t": state["t"] + tf.shape(target_ids)[1]}
        if self.countdown is not None:
            target_ids, left, counted["length"] = self.countdown.read(target_ids, state["t"], state.pop("length"))
        embedded = masked(self.embedding(target_ids), masks.embedded)
        if self.countdown is not None:
            embedded += self.countdown(left)
        outputs, context, weights, new_state = self.recur(embedded, state, memory, masks)
        features = masked(self.readout(outputs, context, embedded), masks.features)
        if self.countdown is not None:
            features = tf.concat([features, tf.cast(left, features.dtype)[:, :, tf.newaxis]], axis=-1)
        return features, weights, {**new_state, **counted}

    def recur(self, embedded: tf.Tensor, state: State, memory: Memory, dropout_masks: DropoutMasks) -> Recurrence:
        """Runs the recurrence over the embeddings (N, T, E) of the target; see `Recurrence`. `call` counts "t"."""
        raise NotImplementedError(f"{type(self).__name__} has no recur.")

    def readout(self, outputs: tf.Tensor, context: tf.Tensor | None, embedded: tf.Tensor) -> tf.Tensor:
        """tanh(W [s; c; y] + b), what the output layer reads (deep output; Pascanu et al., 2014)."""
        parts = [outputs, embedded] if context is None else [outputs, context, embedded]
        return tf.tanh(matmul(tf.concat(parts, axis=-1), self.readout_kernel) + self.readout_bias)

    def dropout_masks(
        self, seed: tf.Tensor | None, num_rows: int | tf.Tensor, num_steps: int | tf.Tensor
    ) -> DropoutMasks:
        """Draws the dropout masks for `num_rows` targets of `num_steps` ids. Without a seed nothing is dropped."""
        return draw_masks(self, seed, num_rows, num_steps)

    def copies(self, num_layers: int) -> list[Cell]:
        """`num_layers` copies of the cell, named after their layer."""
        return [self.cell.copy(f"cell_{layer}", layer, num_layers) for layer in range(num_layers)]

    def get_config(self) -> dict[str, Any]:
        names = (
            "vocab_size embedding_dim num_layers context residual dropout recurrent_dropout truncate word_dropout "
            "readout_dim tied_output ending num_lengths"
        )
        config = {name: getattr(self, name) for name in names.split()}
        parts = {name: keras.saving.serialize_keras_object(getattr(self, name)) for name in _PARTS}
        return {**super().get_config(), **config, **parts}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Decoder":
        parts = {name: keras.saving.deserialize_keras_object(config[name]) for name in _PARTS}
        return cls(**{**config, **parts})
