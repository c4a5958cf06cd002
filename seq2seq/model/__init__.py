"""Encoders, decoders and the model that joins them.

The names are imported when they are first used: reading options loads no TensorFlow.
"""

import importlib

from seq2seq.startup import start_tensorflow

_MODULE_OF = {
    "Adam": "adam",
    "ConditionalDecoder": "inside_decoders",
    "Encoder": "encoders",
    "InputFeedingDecoder": "inside_decoders",
    "MinimumRisk": "options",
    "RNNDecoder": "decoders",
    "ScheduledSampling": "options",
    "Seq2Seq": "seq2seq",
    "load_model": "archive",
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
