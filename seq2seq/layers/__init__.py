"""Keras layers of recurrent translation, one idea per file."""

from seq2seq.startup import start_tensorflow

start_tensorflow()

from seq2seq.layers.attention import AdditiveAttention, Attention, MultiplicativeAttention  # noqa: E402
from seq2seq.layers.bridges import Bridge, CopyBridge, DenseBridge, ZeroBridge  # noqa: E402
from seq2seq.layers.cells import (  # noqa: E402
    GRU,
    HGRN,
    LSTM,
    RGLRU,
    SLSTM,
    SSRU,
    Cell,
    Clockwork,
    Deep,
    Delayed,
    Elman,
    Jordan,
    LayerNormGRU,
    LayerNormLSTM,
    Leaky,
    LinearCell,
    MinGRU,
    MinLSTM,
    PeepholeLSTM,
    SimpleGRU,
    StatePart,
)
from seq2seq.layers.embedding import TokenEmbedding  # noqa: E402
from seq2seq.layers.outputs import Linear  # noqa: E402
from seq2seq.layers.pooling import Pooling  # noqa: E402
from seq2seq.layers.recurrent import Recurrent  # noqa: E402

__all__ = [
    "AdditiveAttention",
    "Attention",
    "Bridge",
    "Cell",
    "Clockwork",
    "CopyBridge",
    "Deep",
    "Delayed",
    "DenseBridge",
    "Elman",
    "GRU",
    "HGRN",
    "Jordan",
    "LayerNormGRU",
    "LayerNormLSTM",
    "Leaky",
    "Linear",
    "LinearCell",
    "LSTM",
    "MinGRU",
    "MinLSTM",
    "MultiplicativeAttention",
    "PeepholeLSTM",
    "Pooling",
    "Recurrent",
    "RGLRU",
    "SimpleGRU",
    "SLSTM",
    "SSRU",
    "StatePart",
    "TokenEmbedding",
    "ZeroBridge",
]
