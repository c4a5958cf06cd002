"""Keras layers of recurrent translation, one idea per file."""

from seq2seq.startup import start_tensorflow

start_tensorflow()

from seq2seq.layers.attention import AdditiveAttention, Attention, MultiplicativeAttention  # noqa: E402
from seq2seq.layers.bridges import Bridge, CopyBridge, DenseBridge, ZeroBridge  # noqa: E402
from seq2seq.layers.cells import GRU, LSTM, Cell, Elman, LinearCell, PeepholeLSTM, SimpleGRU, StatePart  # noqa: E402
from seq2seq.layers.embedding import TokenEmbedding  # noqa: E402
from seq2seq.layers.outputs import Linear  # noqa: E402
from seq2seq.layers.recurrent import Recurrent  # noqa: E402

__all__ = [
    "AdditiveAttention",
    "Attention",
    "Bridge",
    "Cell",
    "CopyBridge",
    "DenseBridge",
    "Elman",
    "GRU",
    "Linear",
    "LinearCell",
    "LSTM",
    "MultiplicativeAttention",
    "PeepholeLSTM",
    "Recurrent",
    "SimpleGRU",
    "StatePart",
    "TokenEmbedding",
    "ZeroBridge",
]
