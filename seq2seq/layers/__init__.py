"""Keras layers of recurrent translation, one idea a file."""

from ..startup import start_tensorflow

start_tensorflow()

import keras  # noqa: E402

if keras.backend.backend() != "tensorflow":
    raise ImportError(
        f"seq2seq runs on TensorFlow only (its loops are tf.while_loop), but Keras is configured for "
        f"{keras.backend.backend()!r}. Set KERAS_BACKEND=tensorflow, or mend ~/.keras/keras.json."
    )

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
