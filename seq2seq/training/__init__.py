"""Training: options, run folder, checkpoints, the loop, validation and the whole of a recipe's main.

The names are imported when they are first used: reading options or asking for help loads no TensorFlow.
"""

from seq2seq.startup import lazy_names

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
__getattr__, __dir__ = lazy_names(__name__, _HOMES, tensorflow=True)
