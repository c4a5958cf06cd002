"""Run folders, begun and continued."""

from seq2seq.tasks.translation import Translation
from seq2seq.training.options import OptimizerOptions, RunOptions
from seq2seq.training.run_folder import RunFolder

DATA = {"train": "a" * 64, "valid": "b" * 64}
LAYOUT = Translation.layout


def options(run_dir, learning_rate=0.001, **changes):
    return RunOptions(run_dir=run_dir, optimizer=OptimizerOptions(learning_rate=learning_rate), **changes)


def open_folder(path):
    return RunFolder.open(path, LAYOUT)


def begin(run_dir, **changes):
    """Record a run that has a checkpoint."""
    with open_folder(run_dir) as run:
        run.start(options(run_dir, **changes), DATA, "float32")
        run.checkpoints.mkdir(exist_ok=True)
        (run.checkpoints / "update-00000000.npz").touch()


def again(run_dir, data=DATA, precision="float32", **changes):
    with open_folder(run_dir) as run:
        return run.start(options(run_dir, **changes), data, precision)
