"""Pictures: attention of a translation, learning curves, gradients, confusion of labels, results side by side.

No other package imports matplotlib.
"""

from seq2seq.pictures.attention import attention_map
from seq2seq.pictures.comparison import Panel, comparison
from seq2seq.pictures.confusion import confusion_matrix
from seq2seq.pictures.curves import learning_curves
from seq2seq.pictures.gradients import GradientCurve, gradient_norms

__all__ = [
    "GradientCurve",
    "Panel",
    "attention_map",
    "comparison",
    "confusion_matrix",
    "gradient_norms",
    "learning_curves",
]
