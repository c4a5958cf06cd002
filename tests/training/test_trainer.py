import csv
import errno
import json
import os
import re
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf
from rich.console import Console

from seq2seq.text import ParallelCorpus, Tokenizer, encode_corpus
from seq2seq.training.options import TrainingOptions
from seq2seq.training.progress import ProgressLine
from seq2seq.training.run_folder import RunFolder
from seq2seq.training.trainer import Diverged, Trainer
from seq2seq.training.validation import Figures, Sample, UselessWeights, Validation

BATCHES_PER_EPOCH = 5
SPOILT = 11


def batch(number, spoilt=False):
    """Batch `number` of an endless plan."""
    random = np.random.default_rng(number)
    first = random.integers(0, 6, (3, 1), dtype=np.int32)
    ids = 4 + (first + np.arange(6, dtype=np.int32)) % 6  # something to learn: each token follows from the last
    target = np.concatenate([np.full((3, 1), 2, np.int32), ids, np.full((3, 1), 3, np.int32)], axis=1)
    return {"source_ids": np.full((3, 2), SPOILT if spoilt else 4, np.int32), "target_ids": target}


def plan(spoilt=()):
    def batches(start):
        number = start
        while True:
            yield batch(number, spoilt=number in spoilt)
            number += 1

    return batches


class LossOfOneBatch:
    """A validation that looks at one batch; `before` is called first, with the number of the call."""

    def __init__(self, model, translator, before=None, bleu=None):
        self.model = model
        self.translator = translator
        self.before = before
        self.bleu = bleu
        self.calls = 0

    def __call__(self, interrupted):
        self.calls += 1
        if self.before:
            self.before(self.calls, interrupted)
        loss = float(self.model.evaluate_batch(batch(1000))["nll_sum"])
        bleu = self.bleu[self.calls - 1] if self.bleu else -loss
        return Figures(loss=loss, smoothed_loss=loss, bleu=bleu, chrf=0.0, samples=(Sample("a\rb", "c", "d"),))


@pytest.fixture(autouse=True, scope="module")
def eager():
    """For so few updates, tracing a graph takes longer than running them."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory, bigram, parrot):
    """A run that was left alone."""
    trainer = make_trainer(tmp_path_factory.mktemp("unbroken"), bigram(), parrot)
    trainer.run()
    return trainer


def make_trainer(folder, model, parrot, *, batches=None, callbacks=(), before=None, bleu=None, **options):
    """A Trainer as a new process would make it."""
    defaults = {"max_updates": 20, "validate_every": 5, "checkpoint_every": 3, "learning_rate": 0.1}
    config = TrainingOptions(run_dir=folder, **{**defaults, **options})
    validation = LossOfOneBatch(model, parrot(model), before, bleu)
    line = ProgressLine(Console(quiet=True), config, BATCHES_PER_EPOCH)
    args = (batches or plan(), BATCHES_PER_EPOCH, validation, RunFolder(folder), config, line, callbacks)
    return Trainer(model, *args)


@pytest.fixture
def start(tmp_path, bigram, parrot):
    """start(**options) -> a Trainer in the test's folder."""
    return lambda **options: make_trainer(tmp_path, bigram(), parrot, **options)


def values(trainer):
    return [variable.numpy() for variable in trainer.checkpoints.variables]


def assert_same_end(one, other):
    for ours, theirs in zip(values(one), values(other), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for name in ("metrics.csv", "samples.txt"):
        assert files(one)[name] == files(other)[name]


def files(trainer):
    folder = trainer._run.translator.parent
    return {name: (folder / name).read_bytes() for name in ("metrics.csv", "samples.txt")}


def rows(trainer):
    with open(trainer._run.translator.parent / "metrics.csv", newline="") as file:
        return list(csv.DictReader(file))


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it."""


def killer_at(update):
    class Killer(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch + 1 == update:
                raise Killed

    return Killer()


def test_loss_falls_and_the_row_of_each_validation_tells_it(start):
    trainer = start()
    assert trainer.run() == "reached --max-updates 20"
    table = rows(trainer)
    assert [int(row["update"]) for row in table] == [5, 10, 15, 20]
    assert float(table[-1]["valid_loss"]) < float(table[0]["valid_loss"])
    assert float(table[0]["epoch"]) == 1.0 and float(table[0]["learning_rate"]) == 0.1
    assert (trainer._run.translator.parent / "speed.csv").read_text().startswith("update,seconds,")


@pytest.mark.parametrize("update", [1, 5, 14, 20])
def test_killed_run_ends_like_an_unbroken_one(start, unbroken, update):
    with pytest.raises(Killed):
        start(callbacks=[killer_at(update)]).run()
    again = start()
    again.run()
    assert_same_end(unbroken, again)


@pytest.mark.parametrize("what", ["validation", "journal", "translator"])
def test_killed_in_validation_or_between_its_files(start, unbroken, what, monkeypatch):

    def kill(*args, **kwargs):
        raise Killed

    killed = start(before=lambda call, _: kill() if what == "validation" and call == 2 else None)
    if what == "journal":  # rows are written, the checkpoint is not
        save = killed.checkpoints.save
        monkeypatch.setattr(killed.checkpoints, "save", lambda at, *a, **k: kill() if at == 10 else save(at, *a, **k))
    if what == "translator":
        killed.validation.translator.save = kill
    with pytest.raises(Killed):
        killed.run()
    with open(killed._run.translator.parent / "metrics.csv", "a") as file:
        file.write("15,3.0,0.0")  # a row cut short
    again = start()
    again.run()
    assert_same_end(unbroken, again)


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signal_saves_and_leaves(start, unbroken, number, code, caplog):
    class Sender(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch + 1 == 7:
                os.kill(os.getpid(), number)

    trainer = start(callbacks=[Sender()])
    caplog.set_level("INFO", "seq2seq")
    with pytest.raises(SystemExit) as exit_:
        trainer.run()
    assert exit_.value.code == code
    assert "stopped after update 7, checkpoint saved. The same command goes on from there." in caplog.text
    assert trainer.checkpoints.updates()[-1] == 7
    again = start()
    again.run()
    assert_same_end(unbroken, again)


@pytest.mark.parametrize("at", ["checkpoint", "callback"])
def test_no_second_signal_cuts_off_a_save(start, unbroken, monkeypatch, at):
    """Ctrl-C by somebody who is impatient, while the last checkpoint is being written or just before."""
    monkeypatch.setattr("seq2seq.training.signals.ONE_EVENT", 0.0)

    def send_all():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(os.getpid(), number)

    class Sender(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch + 1 == 7:
                os.kill(os.getpid(), signal.SIGINT)

        def on_train_end(self, logs=None):
            if at == "callback":
                send_all()

    trainer = start(callbacks=[Sender()])
    save = trainer.checkpoints.save

    def save_among_signals(update, *args, **kwargs):
        if update == 7 and at == "checkpoint":
            send_all()
        save(update, *args, **kwargs)

    monkeypatch.setattr(trainer.checkpoints, "save", save_among_signals)
    with pytest.raises(SystemExit) as exit_:
        trainer.run()
    assert exit_.value.code == 130
    assert trainer.checkpoints.updates()[-1] == 7
    again = start()
    again.run()
    assert_same_end(unbroken, again)


def test_a_terminal_that_is_gone_costs_no_update(start, monkeypatch):
    """Closing it sends SIGHUP, and what is written to it then is an error."""

    class Sender(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch + 1 == 7:
                os.kill(os.getpid(), signal.SIGHUP)

    def write(*args):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(ProgressLine, "__exit__", write)
    trainer = start(callbacks=[Sender()])
    with pytest.raises(OSError, match="Input/output error"):
        trainer.run()
    assert trainer.checkpoints.updates()[-1] == 7


def test_signals_of_one_event_are_one_request(start, monkeypatch):
    """A logout sends SIGTERM and SIGHUP together, and a parent may pass on what the terminal sent as well."""
    monkeypatch.setattr("seq2seq.training.signals.ONE_EVENT", 1e9)

    class Sender(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGTERM):
                os.kill(os.getpid(), number)

    trainer = start(callbacks=[Sender()])
    with pytest.raises(SystemExit) as exit_:
        trainer.run()
    assert exit_.value.code == 143
    assert trainer.checkpoints.updates() == [0, 1]


def test_a_second_signal_ends_a_long_update_at_once(start, monkeypatch):
    monkeypatch.setattr("seq2seq.training.signals.ONE_EVENT", 0.0)

    class Sender(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGTERM)

    trainer = start(callbacks=[Sender()])
    with pytest.raises(SystemExit) as exit_:
        trainer.run()
    assert exit_.value.code == 143
    assert trainer.checkpoints.updates() == [0]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_what_was_ignored_before_stays_ignored(start, name):
    """As by nohup, or for a job in the background."""
    number = signal.Signals[name]

    class Sender(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            os.kill(os.getpid(), number)

    before = signal.signal(number, signal.SIG_IGN)
    try:
        assert start(callbacks=[Sender()], max_updates=2).run() == "reached --max-updates 2"
        assert signal.getsignal(number) == signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_signal_in_validation_leaves_it_and_the_next_start_validates_again(start, unbroken):
    from seq2seq.training.validation import Interrupted

    def leave(call, interrupted):
        if call == 2:
            os.kill(os.getpid(), signal.SIGTERM)
            assert interrupted()
            raise Interrupted

    with pytest.raises(SystemExit):
        start(before=leave).run()
    again = start()
    again.run()
    assert_same_end(unbroken, again)


def test_finished_run_does_nothing_and_a_higher_limit_goes_on(start):
    start().run()
    again = start()
    assert again.run() == "reached --max-updates 20"
    assert again.validation.calls == 0
    longer = start(max_updates=30)
    longer.run()
    assert [int(row["update"]) for row in rows(longer)] == [5, 10, 15, 20, 25, 30]


def test_minutes_count_over_all_sessions(start):
    first = start(max_minutes=1e-9)
    assert first.run() == "reached --max-minutes 1e-09"
    assert first.state.update == 0 and first.validation.calls == 1  # still leaves a translator
    spent = start(max_updates=8)
    spent.run()
    assert spent.state.seconds > 0
    third = start(max_minutes=spent.state.seconds / 60)
    third.run()
    assert third.state.update == 8


def test_last_limit_is_validated(start):
    trainer = start(max_updates=7)
    trainer.run()
    assert [int(row["update"]) for row in rows(trainer)] == [5, 7]


def test_early_stop_leaves_the_best_weights(start):
    trainer = start(bleu=[1.0, 5.0, 4.0, 4.9, 3.0], patience=2, max_updates=None, keep_last=1)
    assert trainer.run() == "no better bleu in 2 validations"
    assert trainer.state.update == 20 and trainer.state.best_update == 10
    assert trainer.checkpoints.updates() == [10, 20]
    assert trainer.model.optimizer.iterations == 10
    with np.load(trainer._run.translator) as saved:
        np.testing.assert_array_equal(saved["arr_0"], trainer.model.weights[0].numpy())


def test_while_bleu_is_0_the_loss_chooses_the_weights(start):
    """Also those from which fine-tuning starts, which are validated first."""
    trainer = start(bleu=[0.0] * 5, learning_rate=0.01)
    trainer.validate_first = True
    trainer.run()
    losses = [float(row["valid_loss"]) for row in rows(trainer)]
    assert len(losses) == 5 and losses == sorted(losses, reverse=True) and trainer.state.best_update == 20
    assert trainer.checkpoints.restore_newest().state["best_loss"] == losses[-1]


def test_spoilt_updates_are_left_out(start, caplog):
    trainer = start(batches=plan(spoilt={6, 7}))
    trainer.run()
    assert [row["skipped"] for row in rows(trainer)] == ["0", "2", "0", "0"]
    assert "update 7: loss or gradient is not finite" in caplog.text
    assert all(np.isfinite(variable).all() for variable in values(trainer))


def test_ten_in_a_row_roll_back_at_half_the_rate(start, caplog):
    healed = []

    def batches(begin):  # the trouble goes away after the first roll-back
        yield from plan(spoilt=set() if healed else set(range(7, 40)))(begin)

    trainer = start(batches=batches)
    roll_back = trainer._roll_back

    def roll_back_once(trouble, last_good):
        healed.append(True)
        return roll_back(trouble, last_good)

    trainer._roll_back = roll_back_once
    trainer.run()
    assert "back to update 6 with half the learning rate" in caplog.text
    table = rows(trainer)
    assert [int(row["update"]) for row in table] == [5, 10, 15, 20]
    assert [float(row["learning_rate"]) for row in table] == [0.1, 0.05, 0.05, 0.05]
    assert [row["skipped"] for row in table] == ["0", "0", "0", "0"]


def test_third_roll_back_gives_up(start):
    trainer = start(batches=plan(spoilt=set(range(7, 100))))
    with pytest.raises(Diverged, match="for the 3rd time"):
        trainer.run()
    assert trainer.state.rollbacks == 2
    record = json.loads((trainer._run.path / "run.json").read_text())  # which a start reads first
    assert "up to update 17, for the 3rd time. Give a smaller --learning-rate" in record["gave_up"]


def test_a_validation_without_a_loss_rolls_back(start, caplog):
    """The update that spoils the weights is itself finite, and validation comes before ten have been left out."""

    def no_loss_at_first(call, interrupted):
        if call == 2:
            raise UselessWeights("the validation loss is nan")

    trainer = start(before=no_loss_at_first, batches=plan(spoilt={7, 8, 9}))
    trainer.run()
    assert "the validation loss is nan after update 10; back to update 5 with half the learning rate" in caplog.text
    assert [float(row["learning_rate"]) for row in rows(trainer)] == [0.1, 0.05, 0.05, 0.05]


@pytest.mark.parametrize("loss", [1e31, float("inf"), float("nan"), 101.0])
def test_a_loss_beyond_all_measure_is_divergence(tmp_path, bigram, parrot, loss):
    """Also where the only validation is the one at the end."""
    trainer = make_trainer(tmp_path, bigram(), parrot, max_updates=4, validate_every=9)
    corpus = ParallelCorpus.from_lines(["a b"], ["c d"])
    tokenizer = Tokenizer.train(["a b c d"] * 9, kind="word", vocab_size=8)
    encoded = encode_corpus(corpus, tokenizer, tokenizer, max_length=9)
    trainer.validation = Validation(
        trainer.model, parrot(trainer.model), corpus, encoded, batch_tokens=9, beam_size=1, samples=0, seed=1
    )
    trainer.validation._losses = lambda interrupted: (loss, loss)
    message = re.escape(f"it diverged: the validation loss is {loss:g} after update 4, for the 3rd time")
    with pytest.raises(Diverged, match=message):
        trainer.run()


def test_a_validation_that_never_has_a_loss_gives_up(start):
    def no_loss(call, interrupted):
        raise UselessWeights("the validation loss is nan")

    trainer = start(before=no_loss)
    with pytest.raises(Diverged, match="the validation loss is nan after update 5, for the 3rd time"):
        trainer.run()


def test_killed_after_a_roll_back(start):
    spoilt = plan(spoilt=set(range(7, 17)))
    for update in (12, 9):
        with pytest.raises(Killed):
            start(batches=spoilt, callbacks=[killer_at(update)]).run()
    with pytest.raises(Diverged):
        start(batches=spoilt).run()
    end = start()
    assert end.checkpoints.restore_newest().state["rollbacks"] == 2


def test_keras_callbacks_observe(start):
    seen = []

    class Observer(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            seen.append("begin")

        def on_epoch_begin(self, epoch, logs=None):
            seen.append(f"epoch {epoch}")

        def on_train_batch_end(self, batch, logs=None):
            assert logs["loss"] > 0 and logs["learning_rate"] == 0.1

        def on_epoch_end(self, epoch, logs=None):
            seen.append(f"end of {epoch}")

        def on_test_end(self, logs=None):
            seen.append(sorted(logs))

    start(max_updates=10, callbacks=[Observer()]).run()
    figures = ["val_bleu", "val_chrf", "val_loss"]
    assert seen == ["begin", "epoch 0", "end of 0", figures, "epoch 1", "end of 1", figures]
