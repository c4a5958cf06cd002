"""Language modeling as a task: batches, figures, samples, and a run that stops and goes on."""

import dataclasses
import logging
import math
import random
import types

import numpy as np
import pytest
import tensorflow as tf
from toys import load
from trainers import After, Killed, assert_same_end, kill

from seq2seq.model import Adam
from seq2seq.tasks import LanguageModeling
from seq2seq.tasks.language_model import read_text
from seq2seq.tasks.language_options import CharacterOptions, LanguageModelingOptions, LanguageValidation, StreamOptions
from seq2seq.tasks.task import Interrupted, UselessWeights
from seq2seq.training.journal import Journal
from seq2seq.training.run_folder import RunFolder
from seq2seq.training.trainer import Trainer

recipe = load("recipes", "character_model")


@pytest.fixture(scope="module", autouse=True)
def eager():
    """For so few updates, tracing a graph takes longer than running them."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """A file of 1 200 characters in 60 lines."""
    draw = random.Random(1)
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("".join("".join(draw.choices("abc d", k=19)) + "\n" for _ in range(60)))
    return path


def config(run_dir, text, **changes):
    options = {
        "text": (text,),
        "max_updates": 10,
        "precision": "float32",
        "data": StreamOptions(streams=4, window=40),  # 8 windows an epoch
        "validation": LanguageValidation(every=4, temperatures=(0.5, 1.0), sample_length=6),
        "checkpoints": dataclasses.replace(recipe.TINY.checkpoints, every=1),
    }
    return dataclasses.replace(recipe.TINY, run_dir=run_dir, **{**options, **changes})


def prepared(text, tmp_path, **changes):
    task = LanguageModeling(config(tmp_path, text, **changes), seed=1)
    task.read(tmp_path)
    model, objective = task.prepare(types.SimpleNamespace(path=tmp_path), "float32")
    model.compile(Adam(0.01))
    return task, model, objective


def trainer(folder, *watchers):
    """Five windows an epoch, of two streams. The text is too short to hold a part out."""
    folder.mkdir(exist_ok=True)
    (folder.parent / "short.txt").write_text("a text of one line, 44 characters in all, ok")
    small = {"data": StreamOptions(streams=2, window=5), "max_updates": 8}
    task, model, objective = prepared(folder.parent / "short.txt", folder, **small)
    run = RunFolder(folder, task.layout)
    return Trainer(model, task, objective, run, task.options, [Journal(run, objective), *watchers])


def test_a_run_that_was_killed_ends_as_an_unbroken_one(tmp_path):
    """Twice in the middle of an epoch: the state after the windows before belongs to the checkpoint."""
    unbroken = trainer(tmp_path / "unbroken")
    unbroken.run()
    for update in (2, 6):
        with pytest.raises(Killed):
            trainer(tmp_path / "killed", After(kill, update)).run()
    resumed = trainer(tmp_path / "killed")
    resumed.run()
    assert resumed.objective.state["t"].numpy().tolist() == [3 * 5] * 2  # read in the second epoch
    assert_same_end(resumed, unbroken)


def test_batches_follow_from_their_number(text, tmp_path):
    task, _, objective = prepared(text, tmp_path)
    assert task.batches_per_epoch == 8 and [len(v.shape) for v in objective.variables] == [2, 1]
    first = [batch for batch, _ in zip(task.batches(0), range(12), strict=False)]
    assert [number for number, batch in enumerate(first) if (batch["target_ids"][:, 0] == 3).all()] == [0, 8]
    for number in (3, 9):
        np.testing.assert_array_equal(next(iter(task.batches(number)))["target_ids"], first[number]["target_ids"])


def test_figures_are_nats_perplexity_and_bits_a_character(text, tmp_path):
    task, model, _ = prepared(text, tmp_path)
    for weight in model.weights:
        weight.assign(np.zeros(weight.shape))  # every character is as likely as any other
    found = task.validate()
    loss = math.log(model.vocab_size)
    assert found.values == pytest.approx({"loss": loss, "perplexity": model.vocab_size, "bits": loss / math.log(2)})
    assert found.rank == (-found.values["loss"],)
    assert f"{math.log2(model.vocab_size):.3f} bits a character" in found.summary
    assert [sample.splitlines()[0] for sample in found.samples] == [
        "  after 0.00 epochs, temperature 0.5:",
        "  after 0.00 epochs, temperature 1:",
    ]
    with pytest.raises(Interrupted):
        task.validate(lambda: True)
    model.output_layer.bias.assign(np.full(model.vocab_size, np.nan))
    with pytest.raises(UselessWeights, match="the validation loss is nan"):
        task.validate()


def test_the_log_says_what_is_read_and_what_is_easy(text, tmp_path, caplog):
    with caplog.at_level(logging.INFO, "seq2seq"):
        task, _, _ = prepared(text, tmp_path, vocab=CharacterOptions(size=7))
    assert "1,140 characters of training text in 1 document; 3 different ones are known, 58.86% of the" in caplog.text
    assert "of the training text are unknown characters. Give a larger --vocab.size." in caplog.text
    windows, baselines = task.describe()
    assert windows == "an epoch has 8 windows of up to 4 x 40 characters"
    assert "by the frequencies of characters alone 2." in baselines


def test_where_the_text_comes_from(text, tmp_path, caplog):
    train, valid = read_text(LanguageModelingOptions(text=(text,)))
    assert "".join(train + valid) == text.read_text() and len(valid[0]) == 60
    assert read_text(LanguageModelingOptions(text=(text,), valid=(text,))) == ([text.read_text()],) * 2
    assert len(read_text(LanguageModelingOptions(text=(text,), megabytes=0.0002, valid=(text,)))[0][0]) == 200
    assert not caplog.text
    assert read_text(LanguageModelingOptions(builtin="hello")) == (["hello"], ["hello"])
    assert "too short to hold a part out" in caplog.text


def test_temperatures_have_a_range():
    with pytest.raises(ValueError, match=r"--validation.temperatures has 0; each has to be between 0.01 and 100"):
        LanguageValidation(temperatures=(0.5, 0))
