import subprocess
import sys

import pytest

from seq2seq.startup import start_tensorflow

THREADS = """
from seq2seq.startup import set_threads
set_threads(3)
import tensorflow as tf
print(tf.config.threading.get_intra_op_parallelism_threads())
tf.constant(1) + 1
set_threads(3)  # as it is already: nothing to say
set_threads(2)
"""


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(ValueError, match="KERAS_BACKEND is jax; this toolkit computes with TensorFlow"):
        start_tensorflow()


def test_threads_are_set_until_tensorflow_has_computed():
    done = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, check=True)
    assert done.stdout == "3\n"
    assert done.stderr == "--threads 2 has no effect: TensorFlow is already running\n"
