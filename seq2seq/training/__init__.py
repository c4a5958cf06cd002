"""Training: options, run folder, checkpoints, the loop, validation and the whole of a recipe's main.

The names are imported when they are first used: reading options or asking for help loads no TensorFlow.
"""

import importlib
import os

# Read by TensorFlow when it is first imported; a value set by the user stays.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # off by default on older processors; 10 % faster there too

_HOMES = {
    "Corpora": "corpora",
    "Diverged": "trainer",
    "TrainedRun": "recipe",
    "Trainer": "trainer",
    "TrainingOptions": "options",
    "main": "command",
    "may_change": "options",
    "parse": "options",
    "train": "recipe",
    "training_dataset": "pipeline",
}

__all__ = list(_HOMES)


def __getattr__(name):
    if name in _HOMES:
        return getattr(importlib.import_module(f"seq2seq.training.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'seq2seq.training' has no attribute {name!r}")
