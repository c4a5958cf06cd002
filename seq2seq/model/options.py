"""Options of the model: the parts it is composed of, and their sizes. Imports no TensorFlow."""

import dataclasses
from collections.abc import Mapping
from typing import ClassVar, Literal

from seq2seq.groups import OptionGroup
from seq2seq.registry import ATTENTIONS, BRIDGES, CELLS, DECODERS, Registry

__all__ = [
    "ClassifierOptions",
    "EncoderOptions",
    "LabelModelOptions",
    "LanguageModelOptions",
    "ModelOptions",
    "RecurrentOptions",
    "TaggerOptions",
]

_SIZES = (1, 2**16)


@dataclasses.dataclass(frozen=True, kw_only=True)
class RecurrentOptions(OptionGroup):
    """Recurrent layers that read ids: the cell, the sizes, dropout."""

    GROUP: ClassVar[str] = "model"
    RANGES: ClassVar[dict] = {"layers": (1, 100), "units": _SIZES, "embedding_dim": _SIZES, "truncate": (0, 10**6)}
    BELOW_1: ClassVar[tuple[str, ...]] = ("dropout", "recurrent_dropout", "word_dropout", "label_smoothing")
    PARTS: ClassVar[Mapping[str, Registry]] = {"cell": CELLS}

    cell: str = "gru"
    """Recurrent cell: {names}, or a class of your own (module:Class or file.py:Class); see docs/recurrences.md."""
    cell_options: tuple[str, ...] = ()
    """Arguments of the cell as NAME=VALUE, such as reset=before for gru."""
    layers: int = 1
    """Recurrent layers; in a translator those of the encoder, and as many of the decoder."""
    units: int = 256
    """Size of the recurrent state, per direction, and of the hidden layer of additive attention."""
    embedding_dim: int = 256
    """Features of a word vector."""
    residual: bool = False
    """Add the input of each upper layer to its output."""
    dropout: float = 0.0
    """Share of features dropped in training: of word vectors, between layers, and of the read-out."""
    recurrent_dropout: float = 0.0
    """Share of the recurrent state hidden from the recurrent products in training."""
    word_dropout: float = 0.0
    """Share of words whose vector is dropped in training."""
    truncate: int = 0
    """Tokens in a window of truncated back-propagation through time; 0 does not truncate."""

    def check(self) -> None:
        for name, registry in self.PARTS.items():
            try:
                registry.check_name(getattr(self, name))
            except ValueError as error:
                raise ValueError(f"{self.flag(name)}: {error}") from None


@dataclasses.dataclass(frozen=True, kw_only=True)
class LanguageModelOptions(RecurrentOptions):
    """The model: recurrent layers that predict the next character."""

    tied_output: bool = False
    """Use the embedding as the output layer too; the recurrent layers then need units of its size."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class EncoderOptions(RecurrentOptions):
    """Recurrent layers that read a whole sentence, in one direction or in both."""

    bidirectional: Literal["all", "lower", "none"] = "all"
    """Encoder layers that read in both directions: all, the lowest only, or none."""
    merge: Literal["concat", "sum", "dense"] = "concat"
    """How the outputs of both directions become one: side by side, their sum, or a dense layer over both."""
    layer_norm: bool = False
    """Normalise the outputs of each encoder layer."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelModelOptions(EncoderOptions):
    """The model: a recurrent encoder that chooses labels."""

    label_smoothing: float = 0.0
    """Probability mass of the right label spread over all labels."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaggerOptions(LabelModelOptions):
    """The model: a recurrent encoder that chooses a label for each word."""

    output: Literal["linear", "jordan"] = "linear"
    """Whether each label is chosen by itself (linear), or also depends on the one chosen before (jordan)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassifierOptions(LabelModelOptions):
    """The model: a recurrent encoder that chooses a label for the whole sentence."""

    pooling: Literal["last", "mean", "attention"] = "last"
    """What stands for the sentence: the last state, the mean of all outputs, or their mean weighted by attention."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ModelOptions(EncoderOptions):
    """The model: a recurrent encoder-decoder whose parts are chosen by name."""

    PARTS: ClassVar[Mapping[str, Registry]] = {
        "cell": CELLS,
        "attention": ATTENTIONS,
        "decoder": DECODERS,
        "bridge": BRIDGES,
    }

    attention: str = "additive"
    """How the decoder scores source positions: {names}, or a class of your own."""
    decoder: str = "conditional"
    """Place of attention: rnn (outside the recurrence), input_feeding, conditional, or a class of your own."""
    bridge: str = "dense"
    """How the encoder's last state becomes the decoder's first: {names}, or a class of your own."""
    context: Literal["initial", "steps", "both"] = "initial"
    """Where the encoder's last state enters a decoder without attention: its first state, each step, or both."""
    label_smoothing: float = 0.0
    """Probability mass of the target spread over the vocabulary."""
    tied_output: bool = False
    """Use the target embedding as the output layer too."""
    ending: Literal["end_symbol", "halt", "length"] = "end_symbol"
    """How a translation ends: by a token of its own, by a unit that halts, or after a predicted length."""

    def check(self) -> None:
        super().check()
        if self.context == "both" and self.bridge == "zero":
            raise ValueError(
                "--model.context both and --model.bridge zero exclude each other: with zero nothing enters the first "
                "state. Give --model.context steps, or another bridge."
            )
