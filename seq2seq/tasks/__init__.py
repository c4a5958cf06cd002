"""Tasks: what is learnt, how it is judged, and what is left at the end.

The names are imported when they are first used: reading options loads no TensorFlow.
"""

from seq2seq.startup import lazy_names

_HOMES = {
    "Classification": "classification",
    "ClassificationOptions": "label_options",
    "Corpora": "corpora",
    "Figures": "task",
    "LanguageModeling": "language_model",
    "LanguageModelingOptions": "language_options",
    "ParallelFiles": "options",
    "Tagging": "tagging",
    "TaggingOptions": "label_options",
    "Task": "task",
    "Translation": "translation",
    "TranslationOptions": "options",
    "exact_match": "vector_to_sequence",
    "training_dataset": "pipeline",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazy_names(__name__, _HOMES, tensorflow=True)
