"""A quick start needs a process that has not imported TensorFlow: what happens there is printed and read back."""

import json
import shutil
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from seq2seq.layers.attention import AdditiveAttention
from seq2seq.layers.cells import GRU
from seq2seq.model import ConditionalDecoder, Encoder, Seq2Seq
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator import Translator
from seq2seq.translator.saved import has_graph

# Keras 3.15 turns variables into arrays in a way that NumPy 2 warns of; to go when Keras mends it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SAVED = {"beam_size": 2, "n_best": 2}
LINES = ["ein Hund", "", "zwei kleine Katzen und ein Hund", "ja?"] * 3
TRANSLATE = """
import json, sys
from seq2seq.translator import Translator

path, lines, ways = json.loads(sys.argv[1])
translator = Translator.load(path, threads=2)
for options in ways:
    found = translator.search(lines, **options)
    scores = [[one.score for one in translations] for translations in found]
    texts = [[one.text for one in translations] for translations in found]
    print(json.dumps(["tensorflow" in sys.modules, texts, scores]))
"""


def in_new_process(path, *ways):
    """For each way to search: (whether TensorFlow's Python was imported, texts, scores)."""
    command = [sys.executable, "-c", TRANSLATE, json.dumps([str(path), LINES, ways])]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A model of random weights, with the graph of beam 2, n-best 2."""
    keras.utils.set_random_seed(1)
    tokenizer = Tokenizer.train(["ein Hund und zwei kleine Katzen, drei. vier! ja?"] * 4, kind="char", vocab_size=281)
    model = Seq2Seq(
        Encoder(281, 6, GRU(5)),
        ConditionalDecoder(281, 6, GRU(5), AdditiveAttention(4), tied_output=True),
        source_tokenizer=tokenizer,
        target_tokenizer=tokenizer,
    )
    for weight in model.weights:
        weight.assign(4 * np.random.default_rng(1).normal(size=weight.shape))
    path = tmp_path_factory.mktemp("saved") / "translator.keras"
    Translator(model).save(path)
    assert not has_graph(path)
    Translator.load(path).save_graph(**SAVED)
    return path


def test_the_way_to_search_that_was_saved_needs_no_tensorflow(archive):
    ways = SAVED, {**SAVED, "max_length_factor": 0.5}
    expected = [Translator.load(archive).search(LINES, **options) for options in ways]
    assert len({one.text for translations in expected[0] for one in translations}) > 4
    for (imported, texts, scores), search in zip(in_new_process(archive, *ways), expected, strict=True):
        assert not imported
        assert texts == [[one.text for one in translations] for translations in search]
        np.testing.assert_allclose(
            np.concatenate(scores), [one.score for translations in search for one in translations], rtol=1e-4
        )


def test_another_way_to_search_loads_the_model(archive):
    expected = Translator.load(archive).translate(LINES, beam_size=3)
    (before, *_), (after, texts, _) = in_new_process(archive, SAVED, {"beam_size": 3})
    assert (before, after) == (False, True)
    assert [translations[0] for translations in texts] == expected


def test_a_graph_is_saved_once_and_the_model_stays_as_it_was(archive):
    before = archive.read_bytes()
    translator = Translator.load(archive)
    translator.save_graph(beam_size=1)
    assert archive.read_bytes() == before
    assert translator.model.count_params() > 0


def test_the_graph_of_another_tensorflow_is_left_alone(archive, tmp_path):
    other = tmp_path / "other.keras"
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(other, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "graph.json":
                content = json.dumps({**json.loads(content), "tensorflow": "2.99.0"})
            new.writestr(name, content)
    ((imported, texts, _),) = in_new_process(other, SAVED)
    assert imported
    assert [translations[0] for translations in texts] == Translator.load(archive).translate(LINES, **SAVED)


def test_weights_that_are_not_those_saved_are_refused_as_ever(archive, tmp_path):
    damaged = tmp_path / "damaged.keras"
    shutil.copy(archive, damaged)
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(damaged, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("weights.json"):
                content = json.dumps({path: checksum + 1 for path, checksum in json.loads(content).items()})
            new.writestr(name, content)
    with pytest.raises(subprocess.CalledProcessError) as failure:
        in_new_process(damaged, SAVED)
    assert "The archive is damaged" in failure.value.stderr


FORK = """
import os, sys
from seq2seq.translator import Translator

path, before = sys.argv[1:]
if before == "graph":
    translator = Translator.load(path)
    assert "tensorflow" not in sys.modules
elif before == "model":
    translator = Translator.load(path)
    translator.model
elif before == "imports":
    import seq2seq.model
if os.fork():
    _, status = os.wait()
    sys.exit(os.waitstatus_to_exitcode(status))
try:
    if before == "imports":
        print(len(Translator.load(path).translate(["ein Hund"])))
    elif before == "graph":
        translator.translate(["ein Hund"])
    else:
        Translator.load(path)
except RuntimeError as error:
    print(error)
"""


@pytest.mark.parametrize("before", ["graph", "model", "imports"])
def test_a_fork_after_loading_is_told_and_one_before_works(archive, before):
    """As gunicorn's --preload does: the worker would wait for ever for threads that the fork did not copy."""
    done = subprocess.run([sys.executable, "-c", FORK, str(archive), before], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    if before == "imports":
        assert done.stdout == "1\n"
    else:
        assert "was forked from process" in done.stdout and "without --preload" in done.stdout
