"""Keras layers of recurrent translation, one idea a file."""

from ..startup import start_tensorflow

start_tensorflow()

from .attention import AdditiveAttention, MultiplicativeAttention  # noqa: E402
from .bridges import CopyBridge, DenseBridge, ZeroBridge  # noqa: E402
from .cells import GRU, LSTM, Elman  # noqa: E402
from .embedding import TokenEmbedding  # noqa: E402
from .recurrent import Recurrent  # noqa: E402

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
