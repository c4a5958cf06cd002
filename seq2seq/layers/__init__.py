"""Keras layers of recurrent translation, one idea a file."""

from seq2seq.startup import start_tensorflow

start_tensorflow()

from seq2seq.layers.attention import AdditiveAttention, MultiplicativeAttention  # noqa: E402
from seq2seq.layers.bridges import CopyBridge, DenseBridge, ZeroBridge  # noqa: E402
from seq2seq.layers.cells import GRU, LSTM, Elman  # noqa: E402
from seq2seq.layers.embedding import TokenEmbedding  # noqa: E402
from seq2seq.layers.recurrent import Recurrent  # noqa: E402

__all__ = [
    "AdditiveAttention",
    "CopyBridge",
    "DenseBridge",
    "Elman",
    "GRU",
    "LSTM",
    "MultiplicativeAttention",
    "Recurrent",
    "TokenEmbedding",
    "ZeroBridge",
]
