import logging
import time

import keras
import numpy as np
import pytest

from seq2seq.training.checkpoints import Checkpoints


def variables(units=3):
    return [
        keras.Variable(np.arange(2 * units, dtype="float32").reshape(2, units), name="kernel"),
        keras.Variable(7, dtype="int64", name="iterations", trainable=False),
    ]


def zeroed(ours):
    for variable in ours:
        variable.assign(np.zeros(variable.shape))


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path / "checkpoints", variables(), keep_last=2)


def test_variables_and_state_come_back_exactly(checkpoints):
    state = {"update": 5, "loss": 0.1 + 0.2, "tiny": 5e-324, "best": None}
    checkpoints.save(5, state)
    zeroed(checkpoints.variables)
    assert checkpoints.restore_newest().state == state
    np.testing.assert_array_equal(checkpoints.variables[0].numpy(), [[0, 1, 2], [3, 4, 5]])
    assert checkpoints.variables[1].numpy() == 7 and checkpoints.variables[1].numpy().dtype == np.int64


def test_no_checkpoint_is_none(checkpoints):
    assert checkpoints.restore_newest() is None


def test_last_two_and_the_best_are_kept(checkpoints):
    for update in range(6):
        checkpoints.save(update, {}, keep=[1, None])
    assert checkpoints.updates() == [1, 4, 5]
    assert sorted(path.name for path in checkpoints.folder.iterdir()) == [
        "update-00000001.npz",
        "update-00000004.npz",
        "update-00000005.npz",
    ]


@pytest.mark.parametrize("damage", ["cut", "empty", "flipped", "directory"])
def test_damaged_newest_falls_back_to_the_one_before(checkpoints, damage, caplog):
    checkpoints.save(1, {"update": 1})
    checkpoints.variables[0].assign(np.ones((2, 3)))
    checkpoints.save(2, {"update": 2})
    path = checkpoints.path(2)
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        at = content.index(np.ones(6, "float32").tobytes())
        content[at] ^= 1
    if damage == "directory":
        at = content.index(b"PK\x01\x02")  # an entry of the archive's directory: signature, version made by,
        content[at + 6 : at + 8] = b"\xff\x00"  # version needed: later than any that is known
    path.write_bytes({"cut": content[: len(content) // 2], "empty": b""}.get(damage, content))
    with caplog.at_level(logging.WARNING, "seq2seq"):
        assert checkpoints.restore_newest().state == {"update": 1}
    assert "update-00000002.npz is damaged" in caplog.text
    assert checkpoints.variables[0].numpy()[1, 2] == 5
    assert checkpoints.updates() == [1]


def test_only_damaged_checkpoints_are_an_error(checkpoints):
    checkpoints.save(1, {})
    checkpoints.path(1).write_bytes(b"PK")
    for _ in range(2):  # an earlier start has put it aside
        with pytest.raises(ValueError, match="none of the 1 checkpoints"):
            checkpoints.restore_newest()


def test_other_shapes_and_other_variables_are_named(checkpoints):
    checkpoints.save(1, {})
    wider = Checkpoints(checkpoints.folder, variables(units=4), keep_last=2)
    with pytest.raises(ValueError, match=r"holds kernel \(2, 3\) where the model has kernel \(2, 4\)"):
        wider.restore_newest()
    fewer = Checkpoints(checkpoints.folder, variables()[:1], keep_last=2)
    with pytest.raises(ValueError, match="holds 2 variables, the model and its optimizer have 1"):
        fewer.restore_newest()


def test_names_that_keras_numbers_are_the_same_name(tmp_path):
    first, second = (keras.layers.Dense(2) for _ in range(2))
    first.build((None, 3))
    second.build((None, 3))
    assert first.kernel.path != second.kernel.path
    Checkpoints(tmp_path, first.weights, keep_last=1).save(1, {})
    Checkpoints(tmp_path, second.weights, keep_last=1).restore_newest()
    np.testing.assert_array_equal(first.kernel.numpy(), second.kernel.numpy())


def test_going_back_before_an_update(checkpoints):
    for update in (10, 20):
        checkpoints.save(update, {"update": update})
    assert checkpoints.restore_newest(at_most=15).state == {"update": 10}
    checkpoints.remove_after(10)
    assert checkpoints.updates() == [10]
    assert checkpoints.restore_newest(at_most=5).state == {"update": 10}  # nothing that early: the earliest there is


def test_missing_checkpoint_is_named(checkpoints):
    with pytest.raises(ValueError, match="update-00000003.npz cannot be read"):
        checkpoints.restore(3)


def test_small_files_travel_with_a_checkpoint(tmp_path):
    table, samples, none = tmp_path / "metrics.csv", tmp_path / "samples.txt", tmp_path / "none.model"
    table.write_bytes(b"update\n5\n")
    samples.write_bytes("größer\0".encode())
    checkpoints = Checkpoints(tmp_path / "checkpoints", variables(), keep_last=2, files=[table, samples, none])
    checkpoints.save(5, {"update": 5})
    table.write_bytes(b"later")
    files = {"metrics.csv": b"update\n5\n", "samples.txt": "größer\0".encode()}
    assert checkpoints.restore_newest().files == files
    assert checkpoints.newest_files() == files
    checkpoints.save(6, {})
    checkpoints.path(6).write_bytes(b"PK")
    assert checkpoints.newest_files() == files  # of the newest that can be read


def test_no_checkpoint_holds_no_files(checkpoints):
    assert checkpoints.newest_files() == {}


@pytest.mark.parametrize("year", [1970, 2150])
def test_equal_checkpoints_are_equal_bytes_whatever_the_clock_says(checkpoints, year, monkeypatch):
    checkpoints.save(1, {"loss": 0.5})
    expected = checkpoints.path(1).read_bytes()
    monkeypatch.setattr(time, "time", lambda: (year - 1970) * 365.25 * 86400)
    monkeypatch.setattr(time, "localtime", lambda *seconds: time.struct_time((year, 1, 1, 0, 0, 0, 0, 1, 0)))
    checkpoints.save(1, {"loss": 0.5})
    assert checkpoints.path(1).read_bytes() == expected
    assert checkpoints.restore(1).state == {"loss": 0.5}
