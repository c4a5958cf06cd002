import importlib.util
import sys

import keras
import pytest
from trainers import make_trainer

from seq2seq.training.watchers import KerasCallbacks, TensorBoard


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
    trainer.watchers.append(KerasCallbacks([observer], trainer.model, updates_per_epoch=5))
    trainer.run()
    epochs = [part for epoch in (0, 1) for part in (f"epoch {epoch}", f"end of {epoch}", ["val_loss", "val_score"])]
    assert observer.seen == ["begin", *epochs, "end"]


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
