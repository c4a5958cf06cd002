"""Training: options, run folder, checkpoints, the loop and its watchers, and whole runs.

The names are imported when they are first used: reading options or asking for help loads no TensorFlow.
"""

from seq2seq.startup import lazy_names

_HOMES = {
    "Diverged": "trainer",
    "FinetuneOptions": "options",
    "FinishedRun": "run",
    "RunOptions": "options",
    "Trainer": "trainer",
    "TrainingOptions": "options",
    "run_task": "run",
    "train": "run",
}

__all__ = list(_HOMES)
__getattr__, __dir__ = lazy_names(__name__, _HOMES, tensorflow=True)
