"""The Keras model of translation: encoder, decoder and their tokenizers."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import keras
import tensorflow as tf

from seq2seq.layers import precision as precisions
from seq2seq.layers.dropout import fold
from seq2seq.model.decoders import Decoder
from seq2seq.model.encoders import Encoder
from seq2seq.model.objectives.objective import Objective, Sums
from seq2seq.model.objectives.teacher_forcing import TeacherForcing, validation_sums
from seq2seq.model.trainable import Trainable
from seq2seq.startup import claim_tensorflow
from seq2seq.text.features import Features
from seq2seq.text.tokenizer import PAD_ID, Tokenizer


@keras.saving.register_keras_serializable(package="seq2seq")
class Seq2Seq(Trainable):
    """Recurrent encoder-decoder with its tokenizers.

    Args:
        encoder: Encoder, or VectorEncoder.
        decoder: one of the decoders.
        source_tokenizer, target_tokenizer: Tokenizer; the same object for a joint vocabulary. They travel in
            the archive that `save` writes. The source tokenizer of a `VectorEncoder` is `Features`.
        share_embeddings: bool. Source and target use one embedding table (joint vocabulary, equal
            dimensions).
        label_smoothing: float in [0, 1).
        max_source_length: int. Longest source, in tokens with EOS, that the model was trained on.

    Call arguments:
        batch: {"source_ids": int32 (B, S) ending in EOS, then PAD; "target_ids": int32 (B, T + 1), BOS y_1 ..
            y_n EOS, then PAD}.

    Returns:
        float (B, T, V), the logits of y_1 .. y_n EOS, or of `labels` if the decoder predicts lengths. (Training never
            builds them: see `update`.)

    Raises:
        ValueError: sizes that do not fit each other, or a part that belongs to another model already.

    Example:
        >>> model = Seq2Seq(Encoder(10, 4, GRU(3)), ConditionalDecoder(10, 4, GRU(3), AdditiveAttention(3)))
        >>> batch = {"source_ids": tf.constant([[5, 6, 3]]), "target_ids": tf.constant([[2, 7, 8, 3]])}
        >>> model(batch).shape
        TensorShape([1, 3, 10])
    """

    kind: ClassVar[str] = "translator"

    def __init__(
        self,
        encoder: Encoder,
        decoder: Decoder,
        *,
        source_tokenizer: Tokenizer | None = None,
        target_tokenizer: Tokenizer | None = None,
        share_embeddings: bool = False,
        label_smoothing: float = 0.0,
        max_source_length: int = 100,
        **kwargs: Any,
    ) -> None:
        claim_tensorflow()
        super().__init__(**kwargs)
        if not 0.0 <= label_smoothing < 1.0:
            raise ValueError(f"label_smoothing is a share in [0, 1), not {label_smoothing}.")
        for kind, part in (("encoder", encoder), ("decoder", decoder)):
            if part.built:
                raise ValueError(f"The {kind} {part.name!r} already belongs to another model. Make a new one for each.")
        _check_vocabulary("encoder", encoder.vocab_size, "source", source_tokenizer)
        _check_vocabulary("decoder", decoder.vocab_size, "target", target_tokenizer)
        self.encoder = encoder
        self.decoder = decoder
        self.source_tokenizer = source_tokenizer
        self.target_tokenizer = target_tokenizer
        self.share_embeddings = share_embeddings
        self.label_smoothing = label_smoothing
        self.max_source_length = max_source_length
        self.num_lengths = decoder.num_lengths
        self.num_features = getattr(encoder, "num_features", 0)
        if share_embeddings:
            _check_shareable(encoder, decoder)
            decoder.embedding = encoder.embedding
        encoder.build()
        decoder.connect(encoder)
        self.build(None)

    @property
    def attends(self) -> bool:
        """Whether each step gives attention weights."""
        return self.decoder.attention is not None

    @property
    def output_layer(self) -> keras.layers.Layer:
        """From the features of a step to logits and losses."""
        return self.decoder.output_layer

    @property
    def vocab_sizes(self) -> tuple[int, int]:
        """Number of source ids and of target ids."""
        return self.encoder.vocab_size, self.decoder.vocab_size

    def call(self, batch: Mapping[str, tf.Tensor], seed: tf.Tensor | None = None) -> tf.Tensor:
        memory, state = self.memory(batch["source_ids"], fold(seed, 0))
        features, attention, _ = self.target_features(batch["target_ids"], state, memory, seed)
        return self.decoder.output_layer.logits(features, attention, memory)

    def memory(self, source_ids: tf.Tensor, seed: tf.Tensor | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Reads a batch of sources.

        Args:
            source_ids: int32 (B, S); float32 (B, F), the vectors, for a `VectorEncoder`.
            seed: int32 (2,), of dropout, or None.

        Returns:
            Tuple (memory, state of the decoder), both of batch B; see `Decoder.start`.
        """
        return self.decoder.start(self.encoder(source_ids, source_ids != PAD_ID, seed=seed))

    def step(
        self, ids: tf.Tensor, state: dict[str, Any], memory: dict[str, Any]
    ) -> tuple[tf.Tensor, tf.Tensor | None, dict[str, Any]]:
        """Reads one token in each row; see `Decoder.step`."""
        return self.decoder.step(ids, state, memory)

    def target_features(
        self,
        target_ids: tf.Tensor,
        state: dict[str, Any],
        memory: dict[str, Any],
        seed: tf.Tensor | None = None,
        make_inputs: Callable | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor | None, tf.Tensor]:
        """Runs the decoder over whole targets: it reads y_0 .. y_(n-1) to predict y_1 .. y_n.

        Args:
            target_ids: int32 (N, T + 1). N is B, or B * K with K targets of a sentence adjacent.
            state: of batch N, as `memory` gives it or repeated.
            memory: of batch B.
            seed: int32 (2,), of dropout, or None.
            make_inputs: function (gold ids (N, T), state, memory, dropout_masks) -> ids that the decoder reads instead.

        Returns:
            Tuple (features float (N, T, readout_dim), attention weights (N, T, S) or None, ids that the decoder read
            int32 (N, T)). If the decoder predicts lengths, T is one more; see `labels`.
        """
        ids = self.decoder.coded(target_ids)[:, :-1]
        dropout_masks = self.decoder.dropout_masks(fold(seed, 1), *tf.unstack(tf.shape(ids)))
        if make_inputs is not None:
            ids = make_inputs(ids, state, memory, dropout_masks)
        features, attention, _ = self.decoder(ids, state, memory, dropout_masks=dropout_masks)
        return features, attention, ids

    def labels(self, target_ids: tf.Tensor) -> tf.Tensor:
        """What the decoder is to predict, int32 (N, T): y_1 .. y_n EOS, or the length and then these."""
        return self.decoder.coded(target_ids)[:, 1:]

    def objective(self) -> Objective:
        return TeacherForcing()

    def evaluate_batch(self, batch: Mapping[str, tf.Tensor]) -> Sums:
        with precisions.products(getattr(self, "precision", "float32")):
            return validation_sums(self, batch)

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "decoder": keras.saving.serialize_keras_object(self.decoder),
            "share_embeddings": self.share_embeddings,
            "label_smoothing": self.label_smoothing,
            "max_source_length": self.max_source_length,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Seq2Seq":
        parts = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("encoder", "decoder")}
        return cls(**{**config, **parts})

    def vocabularies(self) -> dict[str, bytes]:
        if self.source_tokenizer is self.target_tokenizer:
            tokenizers = {"joint": self.source_tokenizer}
        else:
            tokenizers = {"source": self.source_tokenizer, "target": self.target_tokenizer}
        names = {"source": "features.json" if self.num_features else "source.model"}
        return {names.get(name, f"{name}.model"): one.model for name, one in tokenizers.items() if one is not None}

    def set_vocabularies(self, files: Mapping[str, bytes]) -> None:
        found = {
            name.removesuffix(".model"): Tokenizer(model) for name, model in files.items() if name.endswith(".model")
        }
        self.source_tokenizer = found.get("joint", found.get("source"))
        if "features.json" in files:
            self.source_tokenizer = Features.from_json(files["features.json"])
        self.target_tokenizer = found.get("joint", found.get("target"))


def _check_vocabulary(part: str, vocab_size: int, side: str, tokenizer: Tokenizer | None) -> None:
    if tokenizer is not None and tokenizer.vocab_size != vocab_size:
        raise ValueError(
            f"The {part} has {vocab_size} ids, but the {side} tokenizer has {tokenizer.vocab_size}. "
            f"Give the {part} vocab_size={tokenizer.vocab_size}."
        )


def _check_shareable(encoder: Encoder, decoder: Decoder) -> None:
    sizes = [(part.vocab_size, part.embedding_dim) for part in (encoder, decoder)]
    if sizes[0] != sizes[1]:
        raise ValueError(
            f"share_embeddings needs one table for both sides, but the encoder's is {sizes[0]} (ids, "
            f"features) and the decoder's {sizes[1]}. Use a joint vocabulary and one embedding_dim, or "
            f"share_embeddings=False."
        )
    if encoder.word_dropout != decoder.word_dropout:
        raise ValueError(
            f"share_embeddings shares the dropout of words too, but word_dropout is {encoder.word_dropout} for the "
            f"encoder and {decoder.word_dropout} for the decoder. Give both the same, or share_embeddings=False."
        )
