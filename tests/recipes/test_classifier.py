"""The classifier through its own `main`: on the grammar, and on text and labels in files."""

import dataclasses
import json

import pytest
from toys import arguments, load

from seq2seq.cli import run
from seq2seq.cli.main import main as seq2seq
from seq2seq.tasks.label_options import LabelledFiles

classifier = load("recipes", "classifier")


def test_tiny_trains_and_shows_what_was_learnt(tmp_path, capsys):
    tiny = dataclasses.replace(classifier.TINY, run_dir=tmp_path / "run")
    assert run(classifier.main, arguments(tiny, classifier.DEFAULTS)) == 0
    shown = capsys.readouterr().out
    scores = json.loads((tmp_path / "run" / "scores.json").read_text())["test"]
    assert f"\ntest: accuracy {100 * scores['accuracy']:.2f} %, macro F1" in shown and "  present\n" in shown
    assert set(scores["f1"]) == {"future", "modal", "past", "perfect", "present", "progressive"}
    assert f"seq2seq classify {tmp_path}/run" in shown
    assert seq2seq(["classify", str(tmp_path / "run"), "--input", str(tmp_path / "run" / "test.source.txt")]) == 0
    assert capsys.readouterr().out == (tmp_path / "run" / "test.labels.txt").read_text()


def test_labels_are_checked_before_anything_is_written(tmp_path):
    files = {"text": tmp_path / "text", "labels": tmp_path / "labels"}
    files["text"].write_text("one\ntwo\n")
    files["labels"].write_text("odd\n\n")
    own = dataclasses.replace(classifier.TINY, run_dir=tmp_path / "run", train=LabelledFiles(**files))
    with pytest.raises(ValueError, match="labels:2 has no label"):
        classifier.run_recipe(own)
    assert not (tmp_path / "run").exists()
    files["labels"].write_text("odd\neven\n")
    with pytest.raises(ValueError, match="too few to hold some out. Give --valid.text and --valid.labels"):
        classifier.run_recipe(own)
    one = dataclasses.replace(own, train=LabelledFiles(text=files["text"]))
    with pytest.raises(ValueError, match="--train.text .* needs --train.labels, its labels; only a .tsv holds both"):
        classifier.run_recipe(one)
    alone = dataclasses.replace(own, train=LabelledFiles(), valid=LabelledFiles(**files))
    with pytest.raises(ValueError, match="there is nothing to train on: give --train.text and --train.labels"):
        classifier.run_recipe(alone)
