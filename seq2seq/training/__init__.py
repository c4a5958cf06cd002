"""Training: options, run folder, checkpoints, the loop, validation and the whole of a recipe's main.

The names are imported when they are first used: reading options or asking for help loads no TensorFlow.
"""

import importlib

from seq2seq.startup import start_tensorflow

_HOMES = {
    "Corpora": "corpora",
    "Diverged": "trainer",
    "FinetuneOptions": "options",
    "RunOptions": "options",
    "TrainedRun": "recipe",
    "Trainer": "trainer",
    "TrainingOptions": "options",
    "may_change": "options",
    "parse": "options",
    "train": "recipe",
    "training_dataset": "pipeline",
}

__all__ = list(_HOMES)


def __getattr__(name):
    if name in _HOMES:
        if _HOMES[name] != "options":
            start_tensorflow()
        return getattr(importlib.import_module(f"seq2seq.training.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'seq2seq.training' has no attribute {name!r}")
