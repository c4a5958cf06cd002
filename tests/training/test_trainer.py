import dataclasses
import json

import numpy as np
import pytest
from trainers import After, Killed, assert_same_end, kill, make_trainer, rows, variables

from seq2seq.tasks.task import UselessWeights
from seq2seq.training.options import OptimizerOptions
from seq2seq.training.state import Window
from seq2seq.training.trainer import Diverged

pytestmark = pytest.mark.usefixtures("eager")


def killed_at(update):
    return [After(kill, update)]


def no_loss(number, interrupted):
    raise UselessWeights("the validation loss is nan")


def test_the_loss_falls_and_each_validation_writes_a_row(start):
    trainer = start()
    assert trainer.run() == "reached --max-updates 20"
    table = rows(trainer)
    assert [int(row["update"]) for row in table] == [5, 10, 15, 20]
    assert float(table[-1]["valid_loss"]) < float(table[0]["valid_loss"])
    assert float(table[0]["epoch"]) == 1.0 and float(table[0]["learning_rate"]) == 0.1
    assert trainer._run.speed.read_text().startswith("update,seconds,")


@pytest.mark.parametrize("update", [1, 5, 14, 20])
def test_a_killed_run_ends_like_an_unbroken_one(start, unbroken, update):
    with pytest.raises(Killed):
        start(watchers=killed_at(update)).run()
    again = start()
    again.run()
    assert_same_end(unbroken, again)


@pytest.mark.parametrize("what", ["validation", "journal", "model"])
def test_killed_in_validation_or_between_its_files(start, unbroken, what, monkeypatch):
    killed = start(before=lambda number, _: kill() if what == "validation" and number == 2 else None)
    if what == "journal":  # rows are written, the checkpoint is not
        save = killed.checkpoints.save
        monkeypatch.setattr(killed.checkpoints, "save", lambda at, *a, **k: kill() if at == 10 else save(at, *a, **k))
    if what == "model":
        monkeypatch.setattr(type(killed.model), "save", kill)
    with pytest.raises(Killed):
        killed.run()
    monkeypatch.undo()
    with open(killed._run.metrics, "a") as file:
        file.write("15,3.0,0.0")  # a row cut short
    again = start()
    again.run()
    assert_same_end(unbroken, again)


def test_training_csv_has_ten_rows_for_each_validation(tmp_path):
    """Each has the figures of its own two updates, also where the run was killed between them."""
    unbroken = make_trainer(tmp_path / "unbroken", every=20)
    unbroken.run()
    table, (validation,) = rows(unbroken, "training"), rows(unbroken)
    assert [int(row["update"]) for row in table] == [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]
    assert list(table[0]) == ["update", "epoch", "learning_rate", "train_loss", "gradient_norm", "skipped"]
    for name in ("train_loss", "gradient_norm"):  # the batches have equal numbers of tokens
        assert np.mean([float(row[name]) for row in table]) == pytest.approx(float(validation[name]))
    with pytest.raises(Killed):
        make_trainer(tmp_path / "killed", every=20, watchers=killed_at(5)).run()  # back to update 3
    again = make_trainer(tmp_path / "killed", every=20)
    again.run()
    assert_same_end(unbroken, again)


def test_a_finished_run_does_nothing_and_a_higher_limit_goes_on(start):
    start().run()
    again = start()
    assert again.run() == "reached --max-updates 20"
    assert again.task.num_validations == 0
    longer = start(max_updates=30)
    longer.run()
    assert [int(row["update"]) for row in rows(longer)] == [5, 10, 15, 20, 25, 30]


def test_minutes_count_over_all_sessions(start):
    first = start(limits={"max_minutes": 1e-9})
    assert first.run() == "reached --max-minutes 1e-09"
    assert first.state.update == 0 and first.task.num_validations == 1  # still leaves a model
    spent = start(max_updates=8)
    spent.run()
    assert spent.state.seconds > 0
    third = start(limits={"max_minutes": spent.state.seconds / 60})
    third.run()
    assert third.state.update == 8


def test_the_last_update_is_validated(start):
    trainer = start(max_updates=7)
    trainer.run()
    assert [int(row["update"]) for row in rows(trainer)] == [5, 7]


def test_an_early_stop_leaves_the_best_weights(start):
    trainer = start(scores=[1.0, 5.0, 4.0, 4.9, 3.0], patience=2, max_updates=None, keep_last=1)
    assert trainer.run() == "2 validations without improvement"
    assert trainer.state.update == 20 and trainer.state.best_update == 10
    assert trainer.checkpoints.updates() == [10, 20]
    assert [row["best"] for row in rows(trainer)] == ["1", "1", "0", "0"]
    assert trainer.model.optimizer.iterations == 10
    with np.load(trainer._run.model) as saved:
        np.testing.assert_array_equal(saved["arr_0"], trainer.model.weights[0].numpy())


def test_between_equal_scores_the_loss_chooses_the_weights(start):
    """Also those from which fine-tuning starts, which are validated first."""
    trainer = start(rate=0.01, validate_first=True)
    trainer.run()
    losses = [float(row["valid_loss"]) for row in rows(trainer)]
    assert len(losses) == 5 and losses == sorted(losses, reverse=True) and trainer.state.best_update == 20
    assert trainer.checkpoints.restore_newest().state["best_rank"] == [0.0, -losses[-1]]


def test_accumulated_batches_count_as_one_update(tmp_path):
    """An update reads several batches, an epoch has fewer updates, and a resumed run reads on where it stopped."""
    accumulate = {"limits": {"accumulate": 3}, "max_updates": 10}
    unbroken = make_trainer(tmp_path / "unbroken", **accumulate)
    unbroken.run()
    assert [(row["update"], float(row["epoch"])) for row in rows(unbroken)] == [("5", 3.0), ("10", 6.0)]
    with pytest.raises(Killed):
        make_trainer(tmp_path / "killed", **accumulate, watchers=killed_at(8)).run()
    again = make_trainer(tmp_path / "killed", **accumulate)
    again.run()
    assert_same_end(unbroken, again)


def test_updates_without_a_finite_loss_are_left_out(start, caplog):
    trainer = start(spoilt={6, 7})
    trainer.run()
    assert [row["skipped"] for row in rows(trainer)] == ["0", "2", "0", "0"]
    assert "update 7: loss or gradient is not finite" in caplog.text
    assert all(np.isfinite(variable).all() for variable in variables(trainer))


def test_ten_of_them_in_a_row_roll_back_at_half_the_rate(start, caplog):
    trainer = start(spoilt=set(range(7, 40)))
    roll_back = trainer._roll_back

    def roll_back_once(trouble, last_good):
        trainer.task.spoilt = ()  # the trouble goes away
        return roll_back(trouble, last_good)

    trainer._roll_back = roll_back_once
    trainer.run()
    assert "back to update 6 with half the learning rate" in caplog.text
    table = rows(trainer)
    assert [int(row["update"]) for row in table] == [5, 10, 15, 20]
    assert [float(row["learning_rate"]) for row in table] == [0.1, 0.05, 0.05, 0.05]
    assert [row["skipped"] for row in table] == ["0", "0", "0", "0"]
    assert [int(row["update"]) for row in rows(trainer, "training")] == list(range(1, 21))


def test_the_third_roll_back_gives_up(start):
    trainer = start(spoilt=set(range(7, 100)))
    with pytest.raises(Diverged, match="for the 3rd time"):
        trainer.run()
    assert trainer.state.rollbacks == 2
    record = json.loads((trainer._run.path / "run.json").read_text())  # which a start reads first
    assert "up to update 17, for the 3rd time. Give a smaller --optimizer.learning-rate" in record["gave_up"]


def test_useless_weights_in_validation_roll_back(start, caplog):
    """The update that spoils the weights is itself finite, and validation comes before ten have been left out."""
    trainer = start(before=lambda number, _: no_loss(number, _) if number == 2 else None, spoilt={7, 8, 9})
    trainer.run()
    assert "the validation loss is nan after update 10; back to update 5 with half the learning rate" in caplog.text
    assert [float(row["learning_rate"]) for row in rows(trainer)] == [0.1, 0.05, 0.05, 0.05]


def test_weights_that_stay_useless_give_up(start):
    """Also where the only validation is the one at the end."""
    with pytest.raises(Diverged, match="the validation loss is nan after update 4, for the 3rd time"):
        start(before=no_loss, max_updates=4).run()


def test_a_run_killed_after_a_roll_back_remembers_it(start):
    spoilt = set(range(7, 17))
    for update in (12, 9):
        with pytest.raises(Killed):
            start(spoilt=spoilt, watchers=killed_at(update)).run()
    with pytest.raises(Diverged):
        start(spoilt=spoilt).run()
    assert start().checkpoints.restore_newest().state["rollbacks"] == 2


def test_the_penalty_against_vanishing_gradients_has_a_column_where_it_is_on(start):
    trainer = start()
    window = Window(sums={"vanishing_sum": 3.0, "vanishing_steps": 12})
    assert "vanishing" not in trainer._row(0.1, window)
    optimizer = OptimizerOptions(vanishing_penalty=0.1)
    trainer.options = dataclasses.replace(trainer.options, optimizer=optimizer)
    assert trainer._row(0.1, window)["vanishing"] == 0.25  # the mean term
    assert trainer._row(0.1, Window())["vanishing"] == ""
