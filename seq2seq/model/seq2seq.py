"""The Keras model of translation: encoder, decoder and their tokenizers."""

import json
import pathlib
import zlib
from collections.abc import Mapping

import keras
import tensorflow as tf

from seq2seq.layers import precision as precisions
from seq2seq.layers.dropout import fold
from seq2seq.model.archive import save_model
from seq2seq.model.objectives.objective import Objective, Sums
from seq2seq.model.objectives.teacher_forcing import TeacherForcing, validation_sums
from seq2seq.model.trainable import Trainable
from seq2seq.startup import claim_tensorflow
from seq2seq.text.tokenizer import PAD_ID, Tokenizer


@keras.saving.register_keras_serializable(package="seq2seq")
class Seq2Seq(Trainable):
    """Recurrent encoder-decoder with its tokenizers.

    Args:
        encoder: Encoder.
        decoder: one of the decoders.
        source_tokenizer, target_tokenizer: Tokenizer; the same object for a joint vocabulary. They travel in
            the archive that `save` writes.
        share_embeddings: bool. Source and target use one embedding table (joint vocabulary, equal
            dimensions).
        label_smoothing: float in [0, 1).
        max_source_length: int. Longest source, in tokens with EOS, that the model was trained on.

    Call arguments:
        batch: {"source_ids": int32 (B, S) ending in EOS, then PAD; "target_ids": int32 (B, T + 1), BOS y_1 ..
            y_n EOS, then PAD}.

    Returns:
        float (B, T, V), the logits of y_1 .. y_n EOS. (Training never builds them: see `update`.)

    Raises:
        ValueError: sizes that do not fit each other, or a part that belongs to another model already.

    Example:
        >>> model = Seq2Seq(Encoder(10, 4, GRU(3)), ConditionalDecoder(10, 4, GRU(3), AdditiveAttention(3)))
        >>> batch = {"source_ids": tf.constant([[5, 6, 3]]), "target_ids": tf.constant([[2, 7, 8, 3]])}
        >>> model(batch).shape
        TensorShape([1, 3, 10])
    """

    def __init__(
        self,
        encoder,
        decoder,
        *,
        source_tokenizer=None,
        target_tokenizer=None,
        share_embeddings=False,
        label_smoothing=0.0,
        max_source_length=100,
        **kwargs,
    ):
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
        self._expected_checksums = {}
        if share_embeddings:
            _check_shareable(encoder, decoder)
            decoder.embedding = encoder.embedding
        encoder.build()
        decoder.connect(encoder)
        self.build(None)

    def build(self, input_shape):
        self.built = True  # the constructor has built all parts from the configuration alone

    def call(self, batch, seed=None):
        memory, state = self.memory(batch["source_ids"], fold(seed, 0))
        features, _ = self.target_features(batch["target_ids"], state, memory, seed)
        return self.decoder.logits(features)

    def memory(self, source_ids, seed=None):
        """Read a batch of sources: int32 (B, S) -> (memory, decoder state of batch B), without dropout if without
        seed."""
        return self.decoder.start(self.encoder(source_ids, source_ids != PAD_ID, seed=seed))

    def target_features(self, target_ids, state, memory, seed=None, reading=None):
        """Read whole targets y_0 .. y_(n-1), to be asked for y_1 .. y_n. This is where the shift stands.

        Args:
            target_ids: int32 (N, T + 1). N is B, or B * K with K targets of a sentence adjacent.
            state: of batch N, as `memory` gives it or repeated.
            memory: of batch B.
            seed: int32 (2,), of dropout, or None.
            reading: function (ids (N, T), state, memory, noise) -> what the decoder reads in their place.

        Returns:
            Tuple (features float (N, T, readout_dim), what the decoder read int32 (N, T)).
        """
        ids = target_ids[:, :-1]
        noise = self.decoder.noise(fold(seed, 1), *tf.unstack(tf.shape(ids)))
        if reading is not None:
            ids = reading(ids, state, memory, noise)
        features, _, _ = self.decoder(ids, state, memory, noise=noise)
        return features, ids

    def objective(self) -> Objective:
        return TeacherForcing()

    def evaluate_batch(self, batch: Mapping[str, tf.Tensor]) -> Sums:
        with precisions.products(getattr(self, "precision", "float32")):
            return validation_sums(self, batch)

    def get_config(self):
        return {
            "name": self.name,
            "encoder": keras.saving.serialize_keras_object(self.encoder),
            "decoder": keras.saving.serialize_keras_object(self.decoder),
            "share_embeddings": self.share_embeddings,
            "label_smoothing": self.label_smoothing,
            "max_source_length": self.max_source_length,
        }

    @classmethod
    def from_config(cls, config):
        parts = {name: keras.saving.deserialize_keras_object(config[name]) for name in ("encoder", "decoder")}
        return cls(**{**config, **parts})

    def save(self, filepath, overwrite=True, **kwargs):
        """Write model and tokenizers to a `.keras` file, without the optimizer's state, which is twice the weights.

        Args:
            filepath: path that ends in `.keras`.
            overwrite: bool. Replace a file that is there without asking.
            kwargs: others of `keras.Model.save`; with any of them Keras writes the file.
        """
        if kwargs or not overwrite or not str(filepath).endswith(".keras"):
            super().save(filepath, overwrite=overwrite, **kwargs)
        else:
            save_model(self, filepath)

    def get_compile_config(self):
        return None  # an archive is for translating; a run folder's checkpoints hold what training needs

    def get_build_config(self):
        return {"built": True}  # Keras skips building, and then loading weights, when this is empty

    def build_from_config(self, config):
        self.build(None)

    def assets(self) -> dict[str, bytes]:
        """The tokenizers, and a checksum of each weight for `load_model`: file name -> bytes, for an archive."""
        joint = self.source_tokenizer is self.target_tokenizer
        tokenizers = {"joint": self.source_tokenizer} if joint else self._tokenizers()
        models = {f"{name}.model": one.model for name, one in tokenizers.items() if one is not None}
        return {**models, "weights.json": json.dumps(self._checksums()).encode()}

    def save_assets(self, directory):
        """Called by Keras when it writes an archive itself."""
        for name, content in self.assets().items():
            (pathlib.Path(directory) / name).write_bytes(content)

    def load_assets(self, directory):
        """Called by Keras while it loads. Weights may arrive later: `check_weights` compares them."""
        directory = pathlib.Path(directory)
        found = {path.stem: Tokenizer(path.read_bytes()) for path in sorted(directory.glob("*.model"))}
        self.source_tokenizer = found.get("joint", found.get("source"))
        self.target_tokenizer = found.get("joint", found.get("target"))
        checksums = directory / "weights.json"
        self._expected_checksums = json.loads(checksums.read_text(encoding="utf-8")) if checksums.is_file() else {}

    def check_weights(self, origin):
        """Compare the weights with the checksums that came with the archive `origin`; ValueError names what
        differs."""
        expected, arrived = self._expected_checksums, self._checksums()
        wrong = [path for path in arrived if expected.get(path) != arrived[path]]
        if wrong or len(expected) != len(arrived):
            raise ValueError(
                f"{origin} was saved with {len(expected)} weights; of the {len(arrived)} of this model "
                f"{len(wrong)} differ from them (first: {wrong[:1]}). The archive is damaged, or another version "
                f"wrote it."
            )

    def _tokenizers(self):
        return {"source": self.source_tokenizer, "target": self.target_tokenizer}

    def _checksums(self):
        # Numbered, because Keras counts names up within a process: the path alone may differ after loading.
        return {
            f"{number} {weight.name}": zlib.crc32(weight.numpy().tobytes())
            for number, weight in enumerate(self.weights)
        }


def _check_vocabulary(part, vocab_size, side, tokenizer):
    if tokenizer is not None and tokenizer.vocab_size != vocab_size:
        raise ValueError(
            f"The {part} has {vocab_size} ids, but the {side} tokenizer has {tokenizer.vocab_size}. "
            f"Give the {part} vocab_size={tokenizer.vocab_size}."
        )


def _check_shareable(encoder, decoder):
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
