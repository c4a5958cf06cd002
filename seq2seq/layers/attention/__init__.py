"""Attention, one kind per file; `ATTENTIONS` has them by name."""

from seq2seq.layers.attention.additive import AdditiveAttention
from seq2seq.layers.attention.attention import Attention
from seq2seq.layers.attention.multiplicative import MultiplicativeAttention
from seq2seq.registry import ATTENTIONS

__all__ = ["ATTENTIONS", "AdditiveAttention", "Attention", "MultiplicativeAttention"]
