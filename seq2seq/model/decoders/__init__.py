"""Decoders, one kind per file; `DECODERS` has them by name."""

from seq2seq.model.decoders.conditional import ConditionalDecoder
from seq2seq.model.decoders.decoder import Decoder
from seq2seq.model.decoders.dropout_masks import DropoutMasks
from seq2seq.model.decoders.input_feeding import InputFeedingDecoder
from seq2seq.model.decoders.rnn import RNNDecoder
from seq2seq.registry import DECODERS

__all__ = ["DECODERS", "ConditionalDecoder", "Decoder", "DropoutMasks", "InputFeedingDecoder", "RNNDecoder"]
