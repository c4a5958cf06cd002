import importlib.util
import sys

import keras
import pytest
from trainers import make_trainer

from seq2seq.training.state import TrainingState
from seq2seq.training.watchers import KerasCallbacks, TensorBoard, Update


class Observer(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_begin(self, logs=None):
        self.seen.append("begin")

    def on_epoch_begin(self, epoch, logs=None):
        self.seen.append(f"epoch {epoch}")

    def on_train_batch_end(self, batch, logs=None):
        assert logs["loss"] > 0 and logs["learning_rate"] == 0.1

    def on_epoch_end(self, epoch, logs=None):
        self.seen.append(f"end of {epoch}")

    def on_test_end(self, logs=None):
        self.seen.append(sorted(logs))

    def on_train_end(self, logs=None):
        self.seen.append("end")


def test_keras_callbacks_see_updates_epochs_and_validations(tmp_path):
    observer = Observer()
    trainer = make_trainer(tmp_path, max_updates=10)
    trainer.watchers.append(KerasCallbacks([observer], trainer.model, batches_per_epoch=5, accumulate=1))
    trainer.run()
    epochs = [part for epoch in (0, 1) for part in (f"epoch {epoch}", f"end of {epoch}", ["val_loss", "val_score"])]
    assert observer.seen == ["begin", *epochs, "end"]


def test_every_epoch_that_callbacks_see_begins_and_ends(tmp_path):
    """Also where an update takes more batches than an epoch has, and when a run goes on inside an epoch."""
    observer = Observer()
    watcher = KerasCallbacks([observer], keras.Model(), batches_per_epoch=2, accumulate=3)
    for update in (3, 4):  # after six and nine batches
        watcher.updated(TrainingState(update=update), Update(0.1, 1.0, 5, 1.0))
    begun = [one for one in observer.seen if one.startswith("epoch")]
    ended = [one for one in observer.seen if one.startswith("end")]
    assert begun == ["epoch 3", "epoch 4", "epoch 5"] and ended == ["end of 3", "end of 4", "end of 5"]


@pytest.mark.skipif(not importlib.util.find_spec("tensorboard"), reason="tensorboard is an extra")
def test_tensorboard_gets_the_figures_of_each_validation(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    trainer = make_trainer(tmp_path, max_updates=10, watchers=[TensorBoard(tmp_path / "tensorboard")])
    trainer.run()
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert {"train_loss", "valid_loss", "learning_rate"} <= set(events.Tags()["tensors"])
    assert [event.step for event in events.Tensors("valid_loss")] == [5, 10]


def test_a_missing_tensorboard_is_told_before_training(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(ModuleNotFoundError, match="tensorboard"):
        TensorBoard(tmp_path)
