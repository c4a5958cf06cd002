"""Exported classifiers and taggers: they choose what Keras chooses, and strangers' files are refused."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from labelled import LABELS, classifier, run_of, tagger, tokenizer

from seq2seq.text.labels import pieces_of_words, word_ends
from seq2seq.translator import Translator
from seq2seq.translator.archive import read_archive, write_archive
from seq2seq.translator.labeller import Labeller
from seq2seq.translator.opening import exported

LINES = ["ein Hund", "", "zwei kleine Katzen, drei. " * 20]


def test_a_classifier_gives_the_probabilities_of_keras():
    """A batch as one by one; a long line is cut where the model's limit is."""
    found = Labeller.load(run_of("classifier"), "classifier").classify(LINES)
    ids = [[*ids[:99], 3] for ids in tokenizer().encode(LINES)]
    alone = [classifier().probabilities({"source_ids": tf.constant([one])})[0] for one in ids]
    np.testing.assert_allclose(found, alone, atol=1e-6)


def test_a_tagger_gives_the_probabilities_of_keras_and_cuts_long_sentences():
    labeller = Labeller.load(run_of("tagger"), "tagger")
    words = ["ein", "Hund"]
    pieces = pieces_of_words(tokenizer(), words)
    inputs = {"source_ids": [sum(pieces, [])], "word_ends": [word_ends(pieces)]}
    expected = tagger().probabilities({name: tf.constant(ids) for name, ids in inputs.items()})[0]
    short, none, long, longest = labeller.tag([words, [], words * 5, ["x" * 50]])
    np.testing.assert_allclose(short, expected, atol=1e-6)
    assert none.shape == (0, 3) and longest.shape == (1, 3)
    np.testing.assert_allclose(long, np.tile(short, (5, 1)), atol=1e-6)  # 9 pieces fit into a part of 10
    assert labeller.labels_of(["ein Hund", ""]) == [" ".join(LABELS[i] for i in expected.numpy().argmax(-1)), ""]


def test_labels_that_recur_are_chosen_one_after_the_other_inside_the_graph(tmp_path):
    model = tagger(output="jordan")
    model.save(tmp_path / "tagger.keras")
    words = ["e", "i", "n", "u"]
    pieces = pieces_of_words(tokenizer(), words)
    inputs = {"source_ids": tf.constant([sum(pieces, [])]), "word_ends": tf.constant([word_ends(pieces)])}
    labeller = Labeller.load(tmp_path / "tagger.keras", "tagger")
    together, shorter = labeller.tag([words, words[:1]])
    np.testing.assert_allclose(together, model.probabilities(inputs)[0], atol=1e-6)
    np.testing.assert_allclose(shorter, labeller.tag([words[:1]])[0], atol=1e-6)


def test_int8_is_nearly_the_same():
    found, exact = (
        Labeller.load(run_of("tagger"), "tagger", precision=precision).tag([["zwei", "kleine"]])[0]
        for precision in ("int8", "float32")
    )
    np.testing.assert_allclose(found, exact, atol=0.05)


@pytest.mark.parametrize("name", ["", "tagger.zip", "tagger.keras"])
def test_another_kind_is_refused_with_the_right_command(name):
    folder = run_of("tagger")
    exported(folder, "float32", "tagger")
    with pytest.raises(ValueError, match=r"is a tagger, not a translator. Use: seq2seq tag /"):
        Translator.load(folder / name)
    with pytest.raises(ValueError, match=r"is a tagger, not a classifier. Use: seq2seq tag /"):
        Labeller.load(folder / name, "classifier")


@pytest.fixture
def archive():
    return exported(run_of("classifier"), "float32", "classifier")


def test_an_archive_is_read_as_it_was_written(archive, tmp_path):
    write_archive(archive, tmp_path / "classifier.zip")
    assert read_archive(tmp_path / "classifier.zip", "classifier") == archive


def test_damaged_labels_are_refused(archive, tmp_path):
    for labels, message in (
        (b"[" * 100_000, "classifier.zip is not a classifier, or a damaged one"),
        (b"[1, 2]", "one"),
    ):
        changed = {**archive.vocabularies, "labels.json": labels}
        write_archive(dataclasses.replace(archive, vocabularies=changed), tmp_path / "classifier.zip")
        with pytest.raises(ValueError, match=message):
            read_archive(tmp_path / "classifier.zip", "classifier")


def test_a_graph_for_other_labels_or_inputs_is_refused(archive):
    changed = {**archive.vocabularies, "labels.json": b'["a", "b"]'}
    with pytest.raises(ValueError, match=r"its probabilities has shape \(1, 3\); expected \(1, 2\)"):
        Labeller(dataclasses.replace(archive, vocabularies=changed))
    graphs = exported(run_of("tagger"), "float32", "tagger").graphs
    with pytest.raises(ValueError, match="its graph reads source_ids, word_ends; expected source_ids"):
        Labeller(dataclasses.replace(archive, graphs=graphs))


def test_tags_with_blanks_are_refused_because_blanks_separate_tags():
    archive = exported(run_of("tagger"), "float32", "tagger")
    changed = {**archive.vocabularies, "labels.json": b'["a", "b", "c d"]'}
    with pytest.raises(ValueError, match="its label 'c d' holds a blank"):
        Labeller(dataclasses.replace(archive, vocabularies=changed))


WITHOUT_TENSORFLOW = """
import sys
from seq2seq.cli.main import main
main(["classify", sys.argv[1], "--input", sys.argv[2]])
assert not {"tensorflow", "keras", "h5py", "onnx"} & set(sys.modules)
"""


def test_classifying_loads_no_tensorflow(archive, tmp_path):
    (tmp_path / "in.txt").write_text("ein Hund\n\n")
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW, run_of("classifier"), tmp_path / "in.txt"]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, cwd=Path(__file__).parents[2])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split("\n")[0] in LABELS and done.stdout.count("\n") == 2
