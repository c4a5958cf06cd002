"""docs/extending.md: its files work as it says, and its tests pass."""

import dataclasses
import importlib
import inspect
import json
import re
import sys

import pytest
from toys import ROOT, load, write_corpus

from seq2seq.model import load_model
from seq2seq.registry import ATTENTIONS, CELLS
from seq2seq.tasks import Corpora
from seq2seq.text import ParallelCorpus
from seq2seq.training import train
from seq2seq.translator import Translator

BLOCKS = re.findall(r"```python\n# (\w+)\.py\n(.*?)```", (ROOT / "docs/extending.md").read_text("utf-8"), re.DOTALL)
NAMES = [name for name, _ in BLOCKS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The page's files in one folder, from which they can be imported."""
    folder = tmp_path_factory.mktemp("extending")
    for name, text in BLOCKS:
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in NAMES:
        sys.modules.pop(name, None)


def test_every_example_of_the_page_has_a_test():
    names = ("leaky", "fading", "cosine", "by_sentence", "reversal")
    assert NAMES == [part for name in names for part in (name, f"test_{name}")]


def test_the_readme_shows_the_cell_of_the_page():
    assert f"```python\n# leaky.py\n{dict(BLOCKS)['leaky']}```" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("test_")])
def test_the_tests_of_the_page_pass(folder, name, tmp_path_factory):
    for title, function in inspect.getmembers(importlib.import_module(name), inspect.isfunction):
        if title.startswith("test_"):
            wanted = inspect.signature(function).parameters
            function(**({"tmp_path": tmp_path_factory.mktemp(title)} if "tmp_path" in wanted else {}))


def test_a_cell_and_an_attention_by_file_are_trained_exported_and_loaded(folder, tmp_path):
    """And the objective of the page minimised."""
    quickstart = load("recipes", "quickstart")
    by_sentence = importlib.import_module("by_sentence")
    cell, attention = f"{folder}/leaky.py:Leaky", f"{folder}/cosine.py:Cosine"
    parts = {"cell": cell, "attention": attention, "decoder": "conditional"}
    model = dataclasses.replace(quickstart.TINY.model, **parts)
    config = dataclasses.replace(quickstart.TINY, run_dir=tmp_path / "run", model=model, max_updates=2)
    texts = write_corpus(tmp_path, train=30, valid=4)
    named = [ParallelCorpus.open(texts / f"{name}.en", texts / f"{name}.de") for name in ("train", "valid")]
    train(config, objective=by_sentence.BySentence(), corpora=Corpora(*named))
    assert len(Translator.load(config.run_dir).translate(["Anna is reading a book."])) == 1
    record = json.loads((config.run_dir / "run.json").read_text("utf-8"))
    assert record["classes"] == {"Leaky": f"{folder}/leaky.py", "Cosine": f"{folder}/cosine.py"}
    decoder = load_model(config.run_dir).decoder
    assert isinstance(decoder.cell, CELLS[cell]) and isinstance(decoder.attention, ATTENTIONS[attention])
