"""The Keras model of a text alone: which token comes next?"""

from collections.abc import Mapping
from typing import Any, ClassVar

import keras
import tensorflow as tf

from seq2seq.layers import precision as precisions
from seq2seq.layers.cells import Cell
from seq2seq.layers.dropout import check_rate, dropout, fold
from seq2seq.layers.embedding import TokenEmbedding
from seq2seq.layers.outputs import Linear
from seq2seq.layers.recurrent import Recurrent
from seq2seq.model.objectives.next_token import NextToken
from seq2seq.model.objectives.objective import Objective, Sums
from seq2seq.model.trainable import Trainable
from seq2seq.startup import claim_tensorflow
from seq2seq.text.characters import CharacterTokenizer
from seq2seq.text.tokenizer import BOS_ID, EOS_ID, PAD_ID

State = dict[str, Any]
"""{"layers": a tuple, one entry per layer, of {name: float (N, size)}; "t": int32 (N,), the number of tokens read}."""


@keras.saving.register_keras_serializable(package="seq2seq")
class LanguageModel(Trainable):
    """Recurrent language model (Mikolov et al., 2010): the probabilities of a token, given all tokens before it.

    Embedding, a stack of recurrent layers, a linear output layer. The state is explicit: what a call needs comes in,
    and the state after it goes out. EOS ends a text and begins the next one.

    Search uses it as it uses a translator: the prompt is the source, and what follows it is the target.

    Args:
        vocab_size: int. Number of ids.
        embedding_dim: int. Features of an embedding.
        cell: Cell. Each layer gets a copy of it.
        num_layers: int, at least 1.
        residual: bool. Add a layer's input to its output where both have the same size.
        dropout: float in [0, 1). On embeddings and on the outputs of each layer.
        recurrent_dropout: float in [0, 1). On the state, the same at each step of a window.
        truncate: int, at least 0. Truncated back-propagation through time within a window, see `Recurrent`.
        word_dropout: float in [0, 1). Share of tokens whose embedding is dropped.
        tied_output: bool. The embedding is the output layer too (Press & Wolf, 2017), which needs outputs of its size.
        tokenizer: CharacterTokenizer, or None. It travels in the archive that `save` writes.

    Call arguments:
        target_ids: int32 (N, T + 1): y_0 .. y_T, then PAD. EOS as y_0 is the beginning of a text.

    Returns:
        float (N, T, V), the logits of y_1 .. y_T. (Training never builds them.)

    Raises:
        ValueError: sizes that do not fit each other.

    Example:
        >>> model = LanguageModel(8, 4, GRU(3))
        >>> features, state = model.features(tf.constant([[2, 6, 5]]), model.start(1))
        >>> features.shape, state["t"].numpy()
        (TensorShape([1, 3, 3]), array([3], dtype=int32))
    """

    kind: ClassVar[str] = "language_model"
    attends = False
    max_source_length = 1_000_000
    """Most tokens of a prompt. A recurrent model itself has no limit."""

    def __init__(
        self,
        vocab_size: int,
        embedding_dim: int,
        cell: Cell,
        *,
        num_layers: int = 1,
        residual: bool = False,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        truncate: int = 0,
        word_dropout: float = 0.0,
        tied_output: bool = False,
        tokenizer: CharacterTokenizer | None = None,
        **kwargs: Any,
    ) -> None:
        claim_tensorflow()
        _check_sizes(vocab_size, embedding_dim, cell, num_layers, tied_output, tokenizer)
        super().__init__(**kwargs)
        self.vocab_size = vocab_size
        self.embedding_dim = embedding_dim
        self.cell = cell
        self.num_layers = num_layers
        self.residual = residual
        self.dropout = check_rate("dropout", dropout)
        self.recurrent_dropout = recurrent_dropout
        self.truncate = truncate
        self.word_dropout = word_dropout
        self.tied_output = tied_output
        self.tokenizer = tokenizer

        policy = self.dtype_policy
        self.embedding = TokenEmbedding(
            vocab_size, embedding_dim, word_dropout=word_dropout, name="embedding", dtype=policy
        )
        self.recurrent = [self._layer(layer) for layer in range(num_layers)]
        self.output_layer = Linear(vocab_size, tied=tied_output, name="output", dtype=policy)
        self.embedding.build()
        for layer, recurrent in enumerate(self.recurrent):
            recurrent.build((None, None, cell.output_size if layer else embedding_dim))
        self.output_layer.connect(cell.output_size, self.embedding)
        self.build(None)

    def _layer(self, layer: int) -> Recurrent:
        return Recurrent(
            self.cell.copy("cell", layer, self.num_layers),
            recurrent_dropout=self.recurrent_dropout,
            truncate=self.truncate,
            name=f"layer_{layer}",
            dtype=self.dtype_policy,
        )

    @property
    def vocab_sizes(self) -> tuple[int, int]:
        """Number of ids of prompts, and of what follows them."""
        return self.vocab_size, self.vocab_size

    @property
    def source_tokenizer(self) -> CharacterTokenizer | None:
        """The vocabulary of prompts."""
        return self.tokenizer

    @property
    def target_tokenizer(self) -> CharacterTokenizer | None:
        """The vocabulary of what follows them."""
        return self.tokenizer

    def call(self, target_ids: tf.Tensor, seed: tf.Tensor | None = None) -> tf.Tensor:
        features, _ = self.features(target_ids[:, :-1], self.start(tf.shape(target_ids)[0]), seed)
        return self.output_layer.logits(features, None, {})

    def start(self, num_rows: int | tf.Tensor) -> State:
        """The state of `num_rows` rows before the first token: zeros."""
        layers = tuple(recurrent.cell.zero_state(num_rows) for recurrent in self.recurrent)
        return {"layers": layers, "t": tf.zeros((num_rows,), tf.int32)}

    def state_before(self, ids: tf.Tensor, state: State) -> State:
        """The state with which a window of text begins: zeros for rows that begin with EOS, and so begin a text.

        Args:
            ids: int32 (N, T).
            state: of N rows, after the window before.
        """
        begins = ids[:, 0] == EOS_ID

        def before(zero: tf.Tensor, carried: tf.Tensor) -> tf.Tensor:
            return tf.where(begins[:, tf.newaxis] if carried.shape.rank == 2 else begins, zero, carried)

        return tf.nest.map_structure(before, self.start(tf.shape(ids)[0]), state)

    def features(
        self, ids: tf.Tensor, state: State, seed: tf.Tensor | None = None, mask: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, State]:
        """Reads tokens.

        Args:
            ids: int32 (N, T).
            state: of N rows, from `start` or the call before.
            seed: int32 (2,), of dropout, or None at inference.
            mask: bool (N, T), True = token, right-padded; or None when there is no padding.

        Returns:
            Tuple (features float (N, T, D), from which the output layer predicts the next token; state after the last
            token).
        """
        x = dropout(self.embedding(ids, seed=fold(seed, 0)), self.dropout, fold(seed, 1))  # (N, T, E)
        states = []
        for layer, (recurrent, before) in enumerate(zip(self.recurrent, state["layers"], strict=True)):
            layer_seed = fold(seed, 2 + layer)
            outputs, after = recurrent(x, mask, state=before, seed=fold(layer_seed, 0), first_step=state["t"])
            if self.residual and outputs.shape[-1] == x.shape[-1]:
                outputs += x
            x = dropout(outputs, self.dropout, fold(layer_seed, 1))
            states.append(after)
        read = tf.shape(ids)[1] if mask is None else tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
        return x, {"layers": tuple(states), "t": state["t"] + read}

    def memory(self, source_ids: tf.Tensor, seed: tf.Tensor | None = None) -> tuple[dict[str, Any], State]:
        """Reads prompts, for a search that goes on from them. An empty prompt is the beginning of a text.

        A search reads BOS at its first step. For this model that stands for the last token of the prompt: `step` reads
        that one instead, and so predicts what follows it.

        Args:
            source_ids: int32 (N, S), right-padded; EOS at the end counts as padding.
            seed: int32 (2,), of dropout, or None.

        Returns:
            Tuple (an empty memory: all that is known of the prompt is in the state; state of N rows, with "last": int32
            (N,), the last token of the prompt, which has not been read).
        """
        num_rows = tf.shape(source_ids)[0]
        is_token = (source_ids != PAD_ID) & (source_ids != EOS_ID)
        ids = tf.concat([tf.fill((num_rows, 1), EOS_ID), source_ids], axis=1)  # (N, 1 + S)
        _, state = self.features(ids[:, :-1], self.start(num_rows), seed, is_token)
        return {}, {**state, "last": tf.gather(ids, state["t"], axis=1, batch_dims=1)}

    def step(self, ids: tf.Tensor, state: State, memory: Mapping[str, Any]) -> tuple[tf.Tensor, None, State]:
        """Reads one token in each row; BOS stands for the last token of the prompt.

        Args:
            ids: int32 (N,).
            state, memory: from `memory`; later the state of the step before.

        Returns:
            Tuple (features (N, D), None in place of attention weights, state).
        """
        ids = tf.where(ids == BOS_ID, state["last"], ids)
        features, after = self.features(ids[:, tf.newaxis], state)
        return features[:, 0], None, {**after, "last": ids}

    def objective(self) -> Objective:
        return NextToken()

    def evaluate_batch(self, batch: Mapping[str, tf.Tensor]) -> Sums:
        return self.evaluate_window(batch["target_ids"], self.start(tf.shape(batch["target_ids"])[0]))[0]

    def evaluate_window(self, target_ids: tf.Tensor, state: State) -> tuple[Sums, State]:
        """The losses of a window of text, without dropout and without a gradient.

        Args:
            target_ids: int32 (N, T + 1), see `seq2seq.text.streams.Streams`.
            state: of N rows, after the window before.

        Returns:
            Tuple (the sums "loss_sum", "nll_sum" and "tokens"; state after this window).
        """
        with precisions.products(getattr(self, "precision", "float32")):
            features, state = self.features(target_ids[:, :-1], self.state_before(target_ids, state))
            labels = target_ids[:, 1:]
            nll_sum = tf.reduce_sum(self.output_layer.losses(features, None, {}, labels).nll)
        return {"loss_sum": nll_sum, "nll_sum": nll_sum, "tokens": _count(labels)}, state

    def vocabularies(self) -> dict[str, bytes]:
        return {} if self.tokenizer is None else {"characters.json": self.tokenizer.model}

    def set_vocabularies(self, files: Mapping[str, bytes]) -> None:
        self.tokenizer = CharacterTokenizer(files["characters.json"]) if "characters.json" in files else None

    def get_config(self) -> dict[str, Any]:
        names = (
            "name vocab_size embedding_dim num_layers residual dropout recurrent_dropout truncate word_dropout "
            "tied_output"
        )
        cell, dtype = map(keras.saving.serialize_keras_object, (self.cell, self.dtype_policy))
        return {**{name: getattr(self, name) for name in names.split()}, "cell": cell, "dtype": dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "LanguageModel":
        parts = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("cell", "dtype")}
        return cls(**{**config, **parts})


def _count(labels: tf.Tensor) -> tf.Tensor:
    """Number of real tokens."""
    return tf.math.count_nonzero(labels != PAD_ID, dtype=tf.int32)


def _check_sizes(
    vocab_size: int,
    embedding_dim: int,
    cell: Cell,
    num_layers: int,
    tied_output: bool,
    tokenizer: CharacterTokenizer | None,
) -> None:
    if num_layers < 1:
        raise ValueError(f"LanguageModel needs at least 1 layer, not {num_layers}.")
    if tied_output and cell.output_size != embedding_dim:
        raise ValueError(
            f"A tied output layer reads {embedding_dim} features, as many as an embedding has, but the cell gives "
            f"{cell.output_size}. Give embedding_dim={cell.output_size}, or tied_output=False."
        )
    if tokenizer is not None and tokenizer.vocab_size != vocab_size:
        raise ValueError(
            f"The model has {vocab_size} ids, but its tokenizer has {tokenizer.vocab_size}. "
            f"Give vocab_size={tokenizer.vocab_size}."
        )
