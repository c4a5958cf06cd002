"""Text in, text out: tokenizers, model and search behind one call."""

from seq2seq.text.translation import Translation
from seq2seq.translator.translator import Translator

__all__ = ["Translation", "Translator"]
