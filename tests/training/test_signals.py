import errno
import os
import signal

import pytest
from trainers import After, assert_same_end, send

from seq2seq.tasks.task import Interrupted
from seq2seq.training.progress import Progress
from seq2seq.training.watchers import Watcher

pytestmark = pytest.mark.usefixtures("eager")


def exit_code(trainer):
    with pytest.raises(SystemExit) as exit_:
        trainer.run()
    return exit_.value.code


def after(update, *names):
    return [After(lambda: send(*names), update)]


@pytest.mark.parametrize("name, code", [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_saves_and_leaves(start, unbroken, name, code, caplog):
    caplog.set_level("INFO", "seq2seq")
    trainer = start(watchers=after(7, name))
    assert exit_code(trainer) == code
    cause = "Ctrl-C" if name == "SIGINT" else name
    assert f"stopped by {cause} after update 7, checkpoint saved. The same command goes on from there." in caplog.text
    assert trainer.checkpoints.updates()[-1] == 7
    again = start()
    again.run()
    assert_same_end(unbroken, again)


@pytest.mark.parametrize("at", ["checkpoint", "end"])
def test_no_second_signal_cuts_off_a_save(start, unbroken, monkeypatch, at):
    """Ctrl-C by somebody who is impatient, while the last checkpoint is being written or just after."""
    monkeypatch.setattr("seq2seq.training.signals.ONE_EVENT", 0.0)

    class AtTheEnd(Watcher):
        def end(self, state):
            if at == "end":
                send("SIGINT", "SIGTERM", "SIGHUP")

    trainer = start(watchers=[*after(7, "SIGINT"), AtTheEnd()])
    save = trainer.checkpoints.save

    def save_among_signals(update, *args, **kwargs):
        if update == 7 and at == "checkpoint":
            send("SIGINT", "SIGTERM", "SIGHUP")
        save(update, *args, **kwargs)

    monkeypatch.setattr(trainer.checkpoints, "save", save_among_signals)
    assert exit_code(trainer) == 130
    assert trainer.checkpoints.updates()[-1] == 7
    again = start()
    again.run()
    assert_same_end(unbroken, again)


def test_a_terminal_that_is_gone_costs_no_update(start, monkeypatch):
    """Closing it sends SIGHUP, and what is written to it then is an error."""

    def write(*args):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Progress, "end", write)
    trainer = start(watchers=after(7, "SIGHUP"))
    with pytest.raises(OSError, match="Input/output error"):
        trainer.run()
    assert trainer.checkpoints.updates()[-1] == 7


def test_signals_of_one_event_are_one_request(start, monkeypatch):
    """A logout sends SIGTERM and SIGHUP together, and a parent may pass on what the terminal sent as well."""
    monkeypatch.setattr("seq2seq.training.signals.ONE_EVENT", 1e9)
    trainer = start(watchers=after(None, "SIGTERM", "SIGHUP", "SIGTERM"))
    assert exit_code(trainer) == 143
    assert trainer.checkpoints.updates() == [0, 1]


def test_a_second_signal_ends_a_long_update_at_once(start, monkeypatch):
    monkeypatch.setattr("seq2seq.training.signals.ONE_EVENT", 0.0)
    trainer = start(watchers=after(None, "SIGINT", "SIGTERM"))
    assert exit_code(trainer) == 143
    assert trainer.checkpoints.updates() == [0]


def test_signals_ignored_before_stay_ignored(start):
    """As by nohup, or for a job in the background."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    before = {name: signal.signal(signal.Signals[name], signal.SIG_IGN) for name in names}
    try:
        assert start(watchers=after(None, *names), max_updates=2).run() == "reached --max-updates 2"
        assert all(signal.getsignal(signal.Signals[name]) == signal.SIG_IGN for name in names)
    finally:
        for name, handler in before.items():
            signal.signal(signal.Signals[name], handler)


def test_a_signal_in_validation_leaves_it_and_the_next_start_validates_again(start, unbroken):
    def leave(number, interrupted):
        if number == 2:
            send("SIGTERM")
            assert interrupted()
            raise Interrupted

    assert exit_code(start(before=leave)) == 143
    again = start()
    again.run()
    assert_same_end(unbroken, again)
