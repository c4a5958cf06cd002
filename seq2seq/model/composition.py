"""Composes a model from the parts that its options name."""

import contextlib
from collections.abc import Iterator

from seq2seq.layers.cells import Cell
from seq2seq.layers.cells.check import check_cell
from seq2seq.model.classifier import Classifier
from seq2seq.model.decoders import Decoder
from seq2seq.model.encoders import Encoder
from seq2seq.model.language_model import LanguageModel
from seq2seq.model.options import (
    ClassifierOptions,
    EncoderOptions,
    LanguageModelOptions,
    ModelOptions,
    RecurrentOptions,
    TaggerOptions,
)
from seq2seq.model.seq2seq import Seq2Seq
from seq2seq.model.tagger import Tagger
from seq2seq.model.vector_encoder import VectorEncoder
from seq2seq.registry import ATTENTIONS, BRIDGES, CELLS, DECODERS, arguments
from seq2seq.text.characters import CharacterTokenizer
from seq2seq.text.features import Features
from seq2seq.text.tokenizer import Tokenizer


def compose(
    options: ModelOptions,
    source_tokenizer: Tokenizer | Features,
    target_tokenizer: Tokenizer,
    *,
    max_source_length: int,
    share_embeddings: bool = False,
) -> Seq2Seq:
    """Creates the model that `options` describe, with new weights.

    Args:
        options: ModelOptions.
        source_tokenizer, target_tokenizer: Tokenizer; the same object for a joint vocabulary. With `Features` in place
            of the first, the source is a vector.
        max_source_length: int. Longest source, in tokens with EOS, that the model will be trained on.
        share_embeddings: bool. Source and target use one embedding table, which needs a joint vocabulary.

    Raises:
        ValueError: an option does not fit the others.
    """
    if isinstance(source_tokenizer, Features):
        encoder = _vector_encoder(options, source_tokenizer)
    else:
        encoder = make_encoder(options, source_tokenizer.vocab_size)
    decoder = _decoder(options, target_tokenizer.vocab_size, num_lengths=max_source_length)
    return Seq2Seq(
        encoder,
        decoder,
        source_tokenizer=source_tokenizer,
        target_tokenizer=target_tokenizer,
        share_embeddings=share_embeddings,
        label_smoothing=options.label_smoothing,
        max_source_length=max_source_length,
    )


def compose_language_model(options: LanguageModelOptions, tokenizer: CharacterTokenizer) -> LanguageModel:
    """Creates the language model that `options` describe, with new weights.

    Args:
        options: LanguageModelOptions.
        tokenizer: CharacterTokenizer.

    Raises:
        ValueError: an option does not fit the others.
    """
    return LanguageModel(
        tokenizer.vocab_size,
        options.embedding_dim,
        make_cell(options),
        num_layers=options.layers,
        residual=options.residual,
        dropout=options.dropout,
        recurrent_dropout=options.recurrent_dropout,
        truncate=options.truncate,
        word_dropout=options.word_dropout,
        tied_output=options.tied_output,
        tokenizer=tokenizer,
    )


def compose_labels(
    options: TaggerOptions | ClassifierOptions, tokenizer: Tokenizer, labels: tuple[str, ...], *, max_source_length: int
) -> Classifier | Tagger:
    """Creates the classifier or tagger that `options` describe, with new weights.

    Args:
        options: ClassifierOptions or TaggerOptions.
        tokenizer: Tokenizer of the text.
        labels: names of the labels.
        max_source_length: int. Longest sentence, in tokens, that the model will be trained on.
    """
    sizes = {"label_smoothing": options.label_smoothing, "max_source_length": max_source_length}
    encoder = make_encoder(options, tokenizer.vocab_size)
    if isinstance(options, ClassifierOptions):
        return Classifier(encoder, labels, tokenizer=tokenizer, pooling=options.pooling, **sizes)
    return Tagger(encoder, labels, tokenizer=tokenizer, output=options.output, **sizes)


def check_fit(options: ModelOptions) -> None:
    """Checks that the parts exist, that the cell keeps its contract, and that they fit each other.

    It needs no vocabulary and creates no weights of the model's sizes.

    Raises:
        ValueError: an option does not fit the others; the message names its flag.
    """
    check_recurrence(options)
    encoder, decoder = make_encoder(options, 1), _decoder(options, 1, num_lengths=1)
    with naming(options, "attention"):
        decoder.check_attention(encoder)
    with naming(options, "bridge"):
        decoder.check_bridge(encoder)


def check_recurrence(options: RecurrentOptions) -> None:
    """Checks that the cell exists and keeps its contract, before any text is read.

    Raises:
        ValueError: it does not; the message names its flag.
    """
    make_cell(options)  # names the option that is wrong
    with naming(options, "cell"):
        check_cell(lambda units: make_cell(options, units))


def check_language_model(options: LanguageModelOptions) -> None:
    """Checks that the cell keeps its contract and that the options fit each other, before any text is read.

    Raises:
        ValueError: they do not; the message names a flag.
    """
    check_recurrence(options)
    size = make_cell(options).output_size
    if options.tied_output and size != options.embedding_dim:
        raise ValueError(
            f"{options.flag('tied_output')} needs embeddings of {size} features, as many as the cell gives, not "
            f"{options.embedding_dim}. Give {options.flag('embedding_dim')} {size}."
        )


def make_cell(options: RecurrentOptions, units: int | None = None) -> Cell:
    """The cell that `options` name, with `options.units` units or with other ones.

    Raises:
        ValueError: there is no such cell, or it has no such argument.
    """
    with naming(options, "cell"):
        cell = CELLS[options.cell]
    with naming(options, "cell_options" if options.cell_options else "cell"):
        try:
            return cell(units or options.units, **arguments(cell, options.cell_options))
        except TypeError as error:  # an argument of another type
            raise ValueError(str(error)) from error


def make_encoder(options: EncoderOptions, vocab_size: int) -> Encoder:
    """The encoder that `options` describe, for a source of `vocab_size` ids."""
    return Encoder(
        vocab_size,
        options.embedding_dim,
        make_cell(options),
        num_layers=options.layers,
        bidirectional=options.bidirectional,
        merge=options.merge,
        residual=options.residual,
        layer_norm=options.layer_norm,
        dropout=options.dropout,
        recurrent_dropout=options.recurrent_dropout,
        truncate=options.truncate,
        word_dropout=options.word_dropout,
    )


def _vector_encoder(options: ModelOptions, features: Features) -> VectorEncoder:
    if options.attention != "none":
        raise ValueError(
            f"{options.flag('attention')} {options.attention}: a vector has one position, so attention has no choice. "
            f"Give {options.flag('attention')} none."
        )
    return VectorEncoder(features.vocab_size, options.units, dropout=options.dropout)


def _decoder(options: ModelOptions, vocab_size: int, num_lengths: int) -> Decoder:
    with naming(options, "attention"):
        attention = ATTENTIONS[options.attention](options.units)
    with naming(options, "bridge"):  # an encoder's state that enters at each step alone is no first state
        bridge = BRIDGES["zero" if options.context == "steps" else options.bridge]()
    with naming(options, "decoder" if options.context == "initial" else "context"):
        return DECODERS[options.decoder](
            vocab_size,
            options.embedding_dim,
            make_cell(options),
            attention,
            num_layers=options.layers,
            bridge=bridge,
            context=options.context,
            residual=options.residual,
            dropout=options.dropout,
            recurrent_dropout=options.recurrent_dropout,
            truncate=options.truncate,
            word_dropout=options.word_dropout,
            tied_output=options.tied_output,
            ending=options.ending,
            num_lengths=num_lengths,
        )


@contextlib.contextmanager
def naming(options: RecurrentOptions, name: str) -> Iterator[None]:
    """Puts the option, as the command line spells it, before the message of a ValueError in the block."""
    try:
        yield
    except ValueError as error:
        value = getattr(options, name)
        words = [options.flag(name), *([value] if isinstance(value, str) else value)]
        raise ValueError(f"{' '.join(words)}: {error}") from error
