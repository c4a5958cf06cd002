import pytest

from seq2seq.startup import start_tensorflow


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    with pytest.raises(ValueError, match="KERAS_BACKEND is jax; this toolkit computes with TensorFlow"):
        start_tensorflow()
