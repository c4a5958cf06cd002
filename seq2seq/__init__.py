"""Recurrent encoder-decoder translation on Keras 3 and TensorFlow.

The names below are imported when they are first used (PEP 562), so `import seq2seq` costs nothing and
`seq2seq.text` never loads TensorFlow.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_NAMES = {
    "seq2seq.text": ["ParallelCorpus", "Tokenizer"],
    "seq2seq.layers": ["Elman", "GRU", "LSTM", "AdditiveAttention", "MultiplicativeAttention"]
    + ["CopyBridge", "DenseBridge", "ZeroBridge"],
    "seq2seq.model": ["Encoder", "RNNDecoder", "InputFeedingDecoder", "ConditionalDecoder", "Seq2Seq", "ModelOptions"],
    "seq2seq.translator": ["Translation", "Translator"],
    "seq2seq.tasks": ["ParallelFiles"],
    "seq2seq.training": ["TrainingOptions", "train"],
}
# Where each public name lives.
_HOMES = {name: home for home, names in _NAMES.items() for name in names}
_ROOMS = (
    "cli",
    "command_line",
    "groups",
    "layers",
    "model",
    "pictures",
    "ranges",
    "registry",
    "search",
    "startup",
    "tasks",
    "text",
    "training",
    "translator",
)

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in _ROOMS:
        return importlib.import_module(f"seq2seq.{name}")
    raise AttributeError(f"module 'seq2seq' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_ROOMS})
