"""Pictures: the attention of a translation, the learning curves of a run, results side by side.

No other package imports matplotlib.
"""

from seq2seq.pictures.attention import attention_map
from seq2seq.pictures.comparison import Panel, comparison
from seq2seq.pictures.curves import learning_curves

__all__ = ["Panel", "attention_map", "comparison", "learning_curves"]
