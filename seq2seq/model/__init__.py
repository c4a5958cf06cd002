"""Encoders, decoders and the model that joins them."""

from .adam import Adam
from .archive import load_model
from .decoders import RNNDecoder
from .encoders import Encoder
from .inside_decoders import ConditionalDecoder, InputFeedingDecoder
from .seq2seq import Seq2Seq

__all__ = [
    "Adam",
    "ConditionalDecoder",
    "Encoder",
    "InputFeedingDecoder",
    "RNNDecoder",
    "Seq2Seq",
    "load_model",
]
