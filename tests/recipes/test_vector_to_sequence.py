"""Vectors to sentences through the recipe's own `main`, and from pipes."""

import csv
import dataclasses

import numpy as np
import pytest
from toys import arguments, load

from seq2seq.cli import run
from seq2seq.cli.main import main as seq2seq
from seq2seq.model import load_model
from seq2seq.tasks.vector_options import VectorFiles

recipe = load("recipes", "vector_to_sequence")


def test_tiny_trains_continues_and_describes_vectors(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(recipe, "HELD_OUT", 20)
    model = dataclasses.replace(recipe.TINY.model, ending="length")
    tiny = dataclasses.replace(recipe.TINY, run_dir=tmp_path / "run", train_pairs=100, model=model)
    for updates in (2, 4):
        config = dataclasses.replace(tiny, max_updates=updates)
        assert run(recipe.main, arguments(config, recipe.DEFAULTS)) == 0
    shown = capsys.readouterr().out
    assert "of 20 texts are exactly the reference" in shown and "tense=" in shown and "  exact 0.0%" in shown
    rows = csv.DictReader((tmp_path / "run" / "metrics.csv").read_text().splitlines())
    assert [row["valid_exact"] for row in rows] == ["0.0", "0.0"]

    source, expected = (tmp_path / "run" / name for name in ("test.source.txt", "test.hyp.txt"))
    vectors = np.loadtxt(source, dtype=np.float32)
    np.save(tmp_path / "test.npy", vectors)
    for file in (source, tmp_path / "test.npy"):
        assert seq2seq(["translate", str(tmp_path / "run"), "--input", str(file)]) == 0
        assert capsys.readouterr().out == expected.read_text()
    loaded = load_model(tmp_path / "run")
    assert loaded.num_features == vectors.shape[1] == len(loaded.source_tokenizer.names)
    (tmp_path / "short.txt").write_text("1 0 1\n")
    with pytest.raises(ValueError, match=f"A line has 3 numbers .*reads vectors of {vectors.shape[1]} numbers"):
        seq2seq(["translate", str(tmp_path / "run"), "--input", str(tmp_path / "short.txt")])
    own = ["--run-dir", str(tmp_path / "fine"), "--train.source", str(source), "--train.target", str(expected)]
    with pytest.raises(ValueError, match="describes vectors; seq2seq finetune reads text"):
        seq2seq(["finetune", str(tmp_path / "run"), *own])


@pytest.mark.parametrize("option", ["--model.merge sum", "--vocab.joint", "--data.subword-sampling 0.1"])
def test_options_for_words_are_refused(option, tmp_path):
    with pytest.raises(ValueError, match=f"{option.split()[0]} is for a source of words, but a vector has none"):
        recipe.main(["--run-dir", str(tmp_path / "run"), "--train-pairs", "10", *option.split()])


def test_attention_has_nothing_to_choose_from(tmp_path):
    np.save(tmp_path / "v.npy", np.eye(4))
    (tmp_path / "t.txt").write_text("a\nb\nc\nd\n")
    own = VectorFiles(vectors=tmp_path / "v.npy", target=tmp_path / "t.txt")
    model = dataclasses.replace(recipe.TINY.model, attention="additive", context="initial")
    config = dataclasses.replace(recipe.TINY, run_dir=tmp_path / "run", train=own, valid=own, model=model)
    with pytest.raises(ValueError, match="--model.attention additive: a vector has one position"):
        recipe.run_recipe(config)
