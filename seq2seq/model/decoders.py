"""Decoders: target ids and memory to features, one step at a time or a whole target at once.

All of them embed the previous token, run a recurrence that starts from a bridge, look at the source by
attention, and read out features of the size of a target embedding; the output layer, which may be the
embedding table itself, stands apart. They differ in where attention stands:

- `RNNDecoder`: outside the recurrence. The bottom layer runs over the whole target first, attention reads its
  outputs, upper layers and read-out see the context. Teacher forcing is whole-sequence products. Without
  attention it is the plain encoder-decoder.
- `InputFeedingDecoder` and `ConditionalDecoder` (`inside_decoders`): inside the recurrence.
"""

from typing import Any, NamedTuple

import keras
import tensorflow as tf

from seq2seq.layers.bridges import DenseBridge
from seq2seq.layers.dropout import check_rate, dropout, fold
from seq2seq.layers.embedding import TokenEmbedding
from seq2seq.layers.layer import Layer
from seq2seq.layers.precision import matmul
from seq2seq.layers.recurrent import Recurrent


class Noise(NamedTuple):
    """All that dropout does to one reading of a target; two readings with the same noise drop the same.

    Factors are 0 or 1 / (1 - rate), and None where nothing is dropped.

    Attributes:
        seed: int32 (2,), of recurrent dropout, whose masks are the same at each step; or None.
        embedded: float (N, T, E). Factors of the embeddings.
        between: tuple of float (N, T, units), one a layer above the first: factors of what it reads.
        features: float (N, T, readout_dim). Factors of the read-out.
    """

    seed: Any
    embedded: Any
    between: tuple
    features: Any

    def at(self, t):
        """The noise of step t: T = 1."""
        steps = [self.embedded, self.between, self.features]
        return Noise(self.seed, *tf.nest.map_structure(lambda x: None if x is None else x[:, t : t + 1], steps))


class Decoder(Layer):
    """What the decoders share: embedding, bridge, read-out, output layer. Subclasses implement `recur`.

    Args:
        vocab_size: int. Number of target ids.
        embedding_dim: int. Features of a target embedding.
        cell: Cell. A pattern: each layer gets a copy of it.
        attention: Attention, or None.
        num_layers: int, at least 1. Layers above the first read its output and the context.
        bridge: Bridge. From the encoder's state to this one's; DenseBridge by default.
        residual: bool. Add a layer's input to its output, from the second layer on.
        dropout: float in [0, 1). On embeddings, between layers and on the features.
        recurrent_dropout: float in [0, 1). On the state, the same at each step (Gal & Ghahramani, 2016).
        word_dropout: float in [0, 1). Share of target tokens whose embedding is dropped.
        readout_dim: int. Features of the read-out, which the output layer reads; embedding_dim by default.
        tied_output: bool. The embedding table is the output layer as well (Press & Wolf, 2017), so the
            read-out has its size.

    Call arguments:
        target_ids: int32 (N, T). The previous tokens: BOS first. N is B, or B * K with the K beams of a
            sentence adjacent.
        state: nest of float (N, ...), from `start`.
        memory: from `start`. Its batch stays B.
        noise: Noise of the same N and T, from `noise`; or None at inference.

    Returns:
        Tuple (features (N, T, readout_dim), attention weights (N, T, S) or None, state).

    Example:
        >>> encoder, decoder = Encoder(10, 4, GRU(3)), RNNDecoder(10, 4, GRU(3), AdditiveAttention(3))
        >>> model = Seq2Seq(encoder, decoder)  # connects the two
        >>> memory, state = model.memory(tf.constant([[5, 6, 3]]))
        >>> features, weights, state = decoder(tf.constant([[2, 7]]), state, memory)
        >>> weights.shape, decoder.logits(features).shape
        (TensorShape([1, 2, 3]), TensorShape([1, 2, 10]))
    """

    def __init__(
        self,
        vocab_size,
        embedding_dim,
        cell,
        attention=None,
        *,
        num_layers=1,
        bridge=None,
        residual=False,
        dropout=0.0,
        recurrent_dropout=0.0,
        word_dropout=0.0,
        readout_dim=None,
        tied_output=False,
        **kwargs,
    ):
        if num_layers < 1:
            raise ValueError(f"{type(self).__name__} needs at least 1 layer, not {num_layers}.")
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.embedding_dim = embedding_dim
        self.cell = cell
        self.attention = attention
        self.num_layers = num_layers
        self.bridge = DenseBridge(name="bridge", dtype=self.dtype_policy) if bridge is None else bridge
        self.residual = residual
        self.dropout = check_rate("dropout", dropout)
        self.recurrent_dropout = check_rate("recurrent_dropout", recurrent_dropout)
        self.word_dropout = check_rate("word_dropout", word_dropout)
        self.readout_dim = embedding_dim if readout_dim is None else readout_dim
        self.tied_output = tied_output
        if tied_output and self.readout_dim != embedding_dim:
            raise ValueError(
                f"A tied output layer reads embedding_dim={embedding_dim} features, but readout_dim is {readout_dim}. "
                f"Leave readout_dim out, or give tied_output=False."
            )
        self.embedding = TokenEmbedding(
            vocab_size, embedding_dim, word_dropout=word_dropout, name="embedding", dtype=self.dtype_policy
        )

    @property
    def context_size(self):
        """Features of the encoder's outputs that attention reads; 0 without attention."""
        return self.memory_size if self.attention is not None else 0

    @property
    def state_sizes(self):
        """Sizes of the part of the state that the bridge fills: tuple (one entry a layer) of tuples of
        ints."""
        return (self.cell.state_sizes,) * self.num_layers

    def connect(self, encoder):
        """Create the weights, given the encoder whose memory will be read.

        Raises:
            ValueError: its bridge or attention already belongs to a decoder.
        """
        for part, layer in (("bridge", self.bridge), ("attention", self.attention)):
            if layer is not None and layer.built:
                raise ValueError(
                    f"The {part} {layer.name!r} already belongs to another decoder. Make a new one for each."
                )
        self.memory_size = encoder.output_size
        if not self.embedding.built:
            self.embedding.build()
        self.bridge.connect(encoder.state_sizes, self.state_sizes)
        if self.attention is not None:
            self.attention.build((None, None, self.cell.units), (None, None, self.memory_size))
        self.build_recurrence()
        self.build_readout()
        self.output_bias = self.add_weight(name="output_bias", shape=(self.vocab_size,), initializer="zeros")
        if not self.tied_output:
            shape = (self.vocab_size, self.readout_dim)
            self.output_table = self.add_weight(name="output_table", shape=shape, initializer="glorot_uniform")
        self.built = True

    def build_readout(self):
        size = self.cell.units + self.context_size + self.embedding_dim
        self.readout_kernel = self.add_weight(
            name="readout_kernel", shape=(size, self.readout_dim), initializer="glorot_uniform"
        )
        self.readout_bias = self.add_weight(name="readout_bias", shape=(self.readout_dim,), initializer="zeros")

    @property
    def output_kernel(self):
        """The output layer's weight, (V, readout_dim)."""
        return self.embedding.table if self.tied_output else self.output_table

    def start(self, memory):
        """Do once a sentence what need not be done each step.

        Args:
            memory: from the encoder.

        Returns:
            Tuple (memory: "mask" and, for attention, "keys" and "values"; state of batch B before the first
            token).
        """
        state = self.bridge(memory["state"])
        started = {"mask": memory["mask"]}
        if self.attention is not None:
            started["keys"] = self.attention.keys(memory["outputs"])
            started["values"] = self.values(memory["outputs"])
        return started, state

    def values(self, outputs):
        """What attention sums up to the context, of the encoder's outputs (B, S, D): they themselves."""
        return outputs

    def step(self, ids, state, memory):
        """One token.

        Args:
            ids: int32 (N,). The previous tokens.
            state, memory: as for `call`.

        Returns:
            Tuple (features (N, readout_dim), attention weights (N, S) or None, state).
        """
        token_features = self.token_features(ids[:, tf.newaxis])
        features, weights, state = self._call(token_features, state, memory, self.noise(None, None, None))
        return features[:, 0], None if weights is None else weights[:, 0], state

    def logits(self, features, shortlist=None):
        """Unnormalised log-probabilities of all tokens, (..., V), or of those of a shortlist, (..., v).

        Args:
            features: float (..., readout_dim).
            shortlist: int32 (v,), or None. An empty one stands for all tokens, so that one graph serves both.
        """
        if shortlist is None:
            return matmul(features, self.output_kernel, transpose_b=True) + self.output_bias
        # Whole rows of the table are picked, which is a copy; picking columns takes longer than the product. The
        # operands are transposed outside the condition: tf2onnx 1.17 loses a transposed operand inside it.
        kernel, picked = tf.transpose(self.output_kernel), tf.transpose(tf.gather(self.output_kernel, shortlist))
        return tf.cond(
            tf.equal(tf.size(shortlist), 0),
            lambda: matmul(features, kernel) + self.output_bias,
            lambda: matmul(features, picked) + tf.gather(self.output_bias, shortlist),
        )

    def token_features(self, ids, factors=None):
        """What is made of each token by itself, wherever it stands.

        Args:
            ids: int32 (...,).
            factors: float (..., E), of the dropout of embeddings; or None.

        Returns:
            Dict of float (..., features): "embedded", of E features.
        """
        return {"embedded": times(self.embedding(ids), factors)}

    def noise(self, seed, num_rows, num_steps):
        """Draw what dropout will do to a target of `num_steps` ids in each of `num_rows` rows.

        Args:
            seed: int32 (2,), or None: nothing is dropped.
            num_rows, num_steps: ints or scalar int tensors N, T.
        """

        def factors(features, rate, *place):
            if seed is None or rate == 0.0:
                return None
            return dropout(tf.ones((num_rows, num_steps, features), self.compute_dtype), rate, fold(seed, *place))

        words = factors(1, self.word_dropout, 0, 0)
        embedded = factors(self.embedding_dim, self.dropout, 1)
        return Noise(
            seed=fold(seed, 2),
            embedded=words if embedded is None else times(embedded, words),
            between=tuple(factors(self.cell.units, self.dropout, 2, layer, 0) for layer in range(1, self.num_layers)),
            features=factors(self.readout_dim, self.dropout, 3),
        )

    def call(self, target_ids, state, memory, noise=None):
        noise = noise or self.noise(None, None, None)
        return self._call(self.token_features(target_ids, noise.embedded), state, memory, noise)

    def _call(self, token_features, state, memory, noise):
        """`call`, given the features of the target's tokens."""
        outputs, context, weights, state = self.recur(token_features, state, memory, noise)
        return times(self.readout(outputs, context, token_features["embedded"]), noise.features), weights, state

    def readout(self, outputs, context, embedded):
        """tanh(W [s; c; y] + b): what the output layer reads (deep output; Pascanu et al., 2014)."""
        parts = [outputs, embedded] if context is None else [outputs, context, embedded]
        return tf.tanh(matmul(tf.concat(parts, axis=-1), self.readout_kernel) + self.readout_bias)

    def attend(self, query, memory, product=matmul):
        """Attention with the beams of a sentence folded beside its target positions.

        Args:
            query: float (N, T, D), N = B * K with the beams of a sentence adjacent.
            memory: of batch B.
            product: function (x, kernel) -> x @ kernel.

        Returns:
            Tuple (context (N, T, M), weights (N, T, S)), or (None, None) without attention.
        """
        if self.attention is None:
            return None, None
        num_rows, num_steps = tf.unstack(tf.shape(query)[:2])
        num_sentences, source_length = tf.unstack(tf.shape(memory["mask"]))
        query = tf.reshape(query, (num_sentences, -1, query.shape[-1]))  # (N, T, D) -> (B, K * T, D)
        context, weights = self.attention(query, memory["keys"], memory["values"], memory["mask"], product=product)
        context = tf.reshape(context, (num_rows, num_steps, context.shape[-1]))
        return context, tf.reshape(weights, (num_rows, num_steps, source_length))

    def build_recurrence(self):
        """Create the weights of the recurrence."""
        raise NotImplementedError(f"{type(self).__name__} has no build_recurrence.")

    def recur(self, token_features, state, memory, noise):
        """Run the recurrence over `token_features` (N, T, ...): -> (outputs (N, T, units), context (N, T, M) or None,
        weights or None, state)."""
        raise NotImplementedError(f"{type(self).__name__} has no recur.")

    def copies(self, num_layers):
        """`num_layers` copies of the cell, named after their layer."""
        return [self.cell.copy(f"cell_{layer}") for layer in range(num_layers)]

    def get_config(self):
        names = (
            "vocab_size embedding_dim num_layers residual dropout recurrent_dropout word_dropout readout_dim "
            "tied_output"
        )
        config = {name: getattr(self, name) for name in names.split()}
        parts = {
            name: keras.saving.serialize_keras_object(getattr(self, name)) for name in ("cell", "attention", "bridge")
        }
        return {**super().get_config(), **config, **parts}

    @classmethod
    def from_config(cls, config):
        parts = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("cell", "attention", "bridge")}
        return cls(**{**config, **parts})


@keras.saving.register_keras_serializable(package="seq2seq")
class RNNDecoder(Decoder):
    """Decoder with attention outside the recurrence, or without attention.

    The bottom layer reads embeddings alone, so teacher forcing runs each layer over the whole target;
    attention is one batched product for all positions (Luong et al., 2015, without input feeding). Arguments:
    see `Decoder`.
    """

    def build_recurrence(self):
        self.layers = [
            Recurrent(cell, recurrent_dropout=self.recurrent_dropout, name=f"layer_{layer}", dtype=self.dtype_policy)
            for layer, cell in enumerate(self.copies(self.num_layers))
        ]
        self.layers[0].build((None, None, self.embedding_dim))
        for layer in self.layers[1:]:
            layer.build((None, None, self.cell.units + self.context_size))

    def recur(self, token_features, state, memory, noise):
        outputs, new_state = self.layers[0](token_features["embedded"], state=state[0], seed=fold(noise.seed, 0))
        context, weights = self.attend(outputs, memory)
        states = [new_state]
        for index, layer in enumerate(self.layers[1:], start=1):
            below = times(outputs, noise.between[index - 1])
            inputs = below if context is None else tf.concat([below, context], axis=-1)
            outputs, new_state = layer(inputs, state=state[index], seed=fold(noise.seed, index, 1))
            outputs = outputs + below if self.residual else outputs
            states.append(new_state)
        return outputs, context, weights, tuple(states)


def times(x, factors):
    """x with dropout: multiplied by its factors, or as it is where there are none."""
    return x if factors is None else x * factors
