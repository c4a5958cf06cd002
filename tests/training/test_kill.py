"""SIGKILL at any moment, and the same command again: the run ends as if nothing had happened."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from toys import load

RECIPE = Path(__file__).with_name("tiny_recipe.py")

# Runs the recipe, and ends it by SIGKILL in the middle of writing checkpoint number `at`.
KILL_IN_CHECKPOINT = """
import os, runpy, signal, sys
from seq2seq.training import checkpoints
at, write, calls = int(sys.argv.pop(1)), checkpoints._write_arrays, 0
def write_arrays(path, arrays):
    global calls
    calls += 1
    if calls == at:
        path.write_bytes(b"PK" + bytes(1000))
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, arrays)
checkpoints._write_arrays = write_arrays
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def command(folder):
    options = {"max-updates": 24, "validation.every": 8, "checkpoints.every": 3, "model.dropout": 0.2}
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return [str(RECIPE), "--run-dir", str(folder), *flags]


def finish(folder):
    """To the end, without standard output: nobody has to be there."""
    subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, *command(folder)], check=True)


def kill_after_checkpoint(folder, update, delay):
    """Start the run and kill it a little after the checkpoint of `update` has appeared."""
    process = subprocess.Popen([sys.executable, *command(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while process.poll() is None and not list(folder.glob(f"checkpoints/update-{update:08d}.npz")):
        time.sleep(0.001)
    time.sleep(delay)
    process.kill()
    _, errors = process.communicate()
    assert process.returncode == -9, errors.decode()


def kill_in_checkpoint(folder, at):
    process = subprocess.run([sys.executable, "-c", KILL_IN_CHECKPOINT, str(at), *command(folder)], capture_output=True)
    assert process.returncode == -9, process.stderr.decode()
    assert list(folder.glob("checkpoints/.*.part.npz")), "the checkpoint was not being written"


def final_checkpoint(folder):
    with np.load(folder / "checkpoints" / "update-00000024.npz") as archive:
        arrays = {name: archive[name] for name in archive.files if name != "file:speed.csv"}
    header = json.loads(str(arrays.pop("header")))
    state = header["state"]
    del state["seconds"], state["validation_seconds"]  # what a clock says
    del state["window"]["seconds"], state["interval"]["seconds"]
    return header, arrays


@pytest.mark.slow
def test_killed_run_is_bit_identical(tmp_path):
    load("tests/training", "tiny_recipe").main(command(tmp_path / "unbroken")[1:])
    killed = tmp_path / "killed"
    kill_after_checkpoint(killed, update=3, delay=random.Random(1).uniform(0, 0.1))
    kill_in_checkpoint(killed, at=3)
    finish(killed)
    (header, arrays), (other_header, other_arrays) = map(final_checkpoint, (tmp_path / "unbroken", killed))
    assert header == other_header and len(arrays) > 30
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, other_arrays[name])
    for name in ("training.csv", "metrics.csv", "samples.txt", "test.hyp.txt", "scores.json"):
        assert (killed / name).read_bytes() == (tmp_path / "unbroken" / name).read_bytes()
    assert not list(killed.glob("checkpoints/.*.part.npz"))
