"""Search: from a step function to the best target sequences. Knows nothing else about a model.

The names are imported when they are first used: reading `SearchOptions` loads no TensorFlow.
"""

import importlib

from seq2seq.startup import start_tensorflow

_MODULE_OF = {
    "Hypotheses": "hypotheses",
    "SearchOptions": "options",
    "SpecialIds": "hypotheses",
    "beam_search": "beam",
    "greedy_search": "greedy",
    "length_penalty": "hypotheses",
    "sample_search": "sampling",
}

__all__ = list(_MODULE_OF)


def __getattr__(name):
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if _MODULE_OF[name] != "options":
        start_tensorflow()
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__():
    return sorted([*globals(), *__all__])
