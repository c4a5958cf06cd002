"""Text in, text out: tokenizers, an engine and search behind one call. The names are imported when first used."""

from seq2seq.startup import lazy_names

_HOMES = {"Translation": "translator", "Translator": "translator"}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazy_names(__name__, _HOMES, tensorflow=False)
