"""Pictures: the attention of a translation, and the learning curves of a run. No other package imports matplotlib."""

from seq2seq.pictures.attention import attention_map
from seq2seq.pictures.curves import learning_curves

__all__ = ["attention_map", "learning_curves"]
