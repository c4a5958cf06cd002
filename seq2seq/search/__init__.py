"""Search: from a step function to the best target sequences. Knows nothing else about a model.

The names are imported when they are first used: reading `SearchOptions` loads no TensorFlow.
"""

from seq2seq.startup import lazy_names

_HOMES = {
    "Hypotheses": "hypotheses",
    "SearchOptions": "options",
    "SpecialIds": "hypotheses",
    "beam_search": "beam",
    "greedy_search": "greedy",
    "length_penalty": "hypotheses",
    "sample_search": "sampling",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazy_names(__name__, _HOMES, tensorflow=True)
