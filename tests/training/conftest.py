import pytest
import tensorflow as tf
from trainers import make_trainer


@pytest.fixture(scope="module")
def eager():
    """For so few updates, tracing a graph takes longer than running them."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def eagerly():
    """`eager` for one test."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory, eager):
    """A run that was left alone."""
    trainer = make_trainer(tmp_path_factory.mktemp("unbroken"))
    trainer.run()
    return trainer


@pytest.fixture
def start(tmp_path):
    """start(**options) -> a Trainer in the test's folder."""
    return lambda **options: make_trainer(tmp_path, **options)


@pytest.fixture
def no_archive(monkeypatch):
    """Runs end without translator.zip, which takes seconds to make."""
    monkeypatch.setattr("seq2seq.tasks.scoring._complete_archive", lambda *_: None)
