"""TensorFlow and Keras start with the settings of this toolkit."""

import json
import subprocess
import sys

import pytest

from seq2seq.startup import start_tensorflow

SETTINGS = """
import json
from seq2seq.startup import set_threads
set_threads(3)
import keras
import tensorflow as tf
from seq2seq import GRU, Encoder
encoder = Encoder(9, 4, GRU(3))
encoder.build()  # TensorFlow computes from here on
set_threads(3)  # as it is already: nothing to say
set_threads(2)
config, threads = keras.config, tf.config.threading.get_intra_op_parallelism_threads()
print(json.dumps([config.backend(), config.floatx(), config.epsilon(), encoder.weights[0].dtype, threads]))
"""


def start(code, keras_file, tmp_path, monkeypatch):
    """Standard output and error of a fresh process with a keras.json."""
    (tmp_path / "keras.json").write_text(keras_file, encoding="utf-8")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def test_settings_are_ours_whatever_the_file_of_keras_says(tmp_path, monkeypatch):
    """And threads are set until TensorFlow has computed."""
    keras_file = json.dumps({"floatx": "float16", "epsilon": 0.1, "backend": "jax", "max_epochs": 1})
    shown, said = start(SETTINGS, keras_file, tmp_path, monkeypatch)
    assert json.loads(shown) == ["tensorflow", "float32", 1e-7, "float32", 3]
    assert said == "--threads 2 has no effect: TensorFlow is already running\n"


@pytest.mark.parametrize("text", ['{"floatx": "bfloat16"}', '{"epsilon": 1}', "[]"])
def test_a_wrong_file_of_keras_is_named(text, tmp_path, monkeypatch):
    code = "from seq2seq import startup\nfrom seq2seq.cli import run\nrun(lambda argv: startup.start_tensorflow())"
    _, said = start(code, text, tmp_path, monkeypatch)
    assert said.startswith(f"error: {tmp_path / 'keras.json'} is not a configuration of Keras: ")
    assert said.count("\n") == 1


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(ValueError, match="KERAS_BACKEND is jax; this toolkit computes with TensorFlow"):
        start_tensorflow()
