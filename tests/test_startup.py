import json
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


@pytest.mark.parametrize(
    "settings", [{"floatx": "float64"}, {"floatx": "float16", "epsilon": 0.1}, {"backend": "jax", "max_epochs": 1}]
)
def test_keras_own_file_changes_nothing(settings, tmp_path, monkeypatch):
    """Layers, optimizer and loss compute in float32 whatever ~/.keras/keras.json says."""
    (tmp_path / "keras.json").write_text(json.dumps(settings), encoding="utf-8")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_BACKEND")
    code = (
        "from seq2seq import GRU, Encoder\nimport keras\nencoder = Encoder(9, 4, GRU(3))\nencoder.build()\n"
        "print(keras.config.backend(), keras.config.floatx(), keras.config.epsilon(), encoder.weights[0].dtype)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "tensorflow float32 1e-07 float32\n"


@pytest.mark.parametrize("text", ['{"floatx": "bfloat16"}', '{"epsilon": 1}', "[]"])
def test_a_wrong_file_of_keras_is_named(text, tmp_path, monkeypatch):
    (tmp_path / "keras.json").write_text(text, encoding="utf-8")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    code = "from seq2seq import startup\nfrom seq2seq.cli import run\nrun(lambda argv: startup.start_tensorflow())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.startswith(f"error: {tmp_path / 'keras.json'} is not a configuration of Keras: ")
    assert done.stderr.count("\n") == 1
