"""Classes of a user's own in saved models: found again once their module is imported, named where it is not."""

import json
import sys
import types

import keras
import pytest
from tiny import VOCAB_SIZE, tiny_batch

from seq2seq.layers import GRU
from seq2seq.model import Encoder, RNNDecoder, Seq2Seq, load_model
from seq2seq.model.own_classes import find_classes, places_of_classes


def new_cell(name, module):
    """A cell that a user's own module defines."""
    return type(name, (GRU,), {"__module__": module})


def model_of(cell):
    """A model as a recipe's `build_model` makes it."""
    return Seq2Seq(Encoder(VOCAB_SIZE, 4, cell(3)), RNNDecoder(VOCAB_SIZE, 4, cell(3)))


@pytest.fixture
def module(monkeypatch):
    """Puts a module of this name and file among those that are loaded."""

    def make(name, file, spec=None):
        made = types.ModuleType(name)
        made.__file__, made.__spec__ = file, spec
        monkeypatch.setitem(sys.modules, name, made)
        return name

    return make


def config_of(*classes):
    return [{"class_name": name, "registered_name": saved, "module": None, "config": {}} for name, saved in classes]


def test_a_saved_model_finds_a_class_by_its_name(tmp_path, module):
    """Its file may have been renamed since, or have been a script."""
    before = new_cell("Renamed", module("cells", "/home/ann/cells.py"))
    model = model_of(before)
    model.save(tmp_path / "model.keras")
    del keras.saving.get_custom_objects()["own>cells.py:Renamed"]
    after = new_cell("Renamed", module("others", "/home/ann/others.py"))
    loaded = load_model(tmp_path / "model.keras")
    assert type(loaded.decoder.cell) is after
    assert (loaded(tiny_batch()).numpy() == model(tiny_batch()).numpy()).all()


@pytest.mark.parametrize(
    ("name", "file", "spec", "place"),
    [
        ("cells", "/home/ann/cells.py", "cells", "/home/ann/cells.py"),
        ("my_package.cells", "/home/ann/my_package/cells.py", "my_package.cells", "my_package.cells"),
        ("__main__", "/home/ann/train.py", None, "/home/ann/train.py"),
        ("__main__", "/home/ann/my_package/train.py", "my_package.train", "my_package.train"),  # by python -m
        ("__main__", None, None, None),  # a notebook
    ],
)
def test_where_a_class_of_ones_own_lives(module, name, file, spec, place):
    cell = new_cell("Placed", module(name, file, spec and types.SimpleNamespace(name=spec)))
    places = places_of_classes(model_of(cell))
    assert places == ({"Placed": place} if place else {})


def test_a_class_that_no_saved_model_would_find_is_refused(module):
    cell = new_cell("Lost", module("cells", "/home/ann/cells.py"))
    del keras.saving.get_custom_objects()["own>cells.py:Lost"]
    with pytest.raises(ValueError, match="would not find the class Lost. Derive it .*register_keras_serializable"):
        places_of_classes(model_of(cell))


def test_an_unknown_class_is_named_with_its_file(tmp_path):
    record = {"classes": {"Nowhere": "/home/ann/my cells.py", "Nothing": "/home/ann/b.py"}}
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(ValueError) as caught:
        find_classes(config_of(("Nowhere", "own>a.py:Nowhere"), ("GRU", "seq2seq>GRU")), tmp_path / "translator.keras")
    assert str(caught.value) == (
        f"{tmp_path}/translator.keras has the class 'Nowhere', which is not part of seq2seq; the run took it from "
        "/home/ann/my cells.py. If you trust it, give --import '/home/ann/my cells.py'"
    )
    imports = "trust them, give --import /home/ann/b.py --import '/home/ann/my cells.py'$"
    with pytest.raises(ValueError, match=f"the classes 'Nothing' and 'Nowhere'.*{imports}"):
        find_classes(config_of(("Nowhere", "a"), ("Nothing", "b")), tmp_path / "translator.keras")


@pytest.mark.parametrize(
    "record",
    [
        "",
        "{",
        "[]",
        "[" * 100_000,
        "{}",
        '{"classes": 7}',
        '{"classes": {"Nowhere": 7}}',
        '{"classes": {"X": "a"}}',
    ],
)
def test_a_damaged_record_does_not_hide_the_unknown_class(tmp_path, record):
    (tmp_path / "run.json").write_text(record)
    with pytest.raises(ValueError, match="the class 'Nowhere', which .* Name the Python file .*: --import my_cells.py"):
        find_classes(config_of(("Nowhere", "own>Nowhere")), tmp_path / "translator.keras")


def test_what_a_stranger_wrote_does_not_reach_the_terminal(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps({"classes": {"A\x1b]0;": "\x1b[2J/home/\u202eann\n.py; rm"}}))
    with pytest.raises(ValueError) as caught:
        find_classes(config_of(("A\x1b]0;", "b")), tmp_path / "translator.keras")
    assert str(caught.value).isprintable()
    assert str(caught.value).endswith("--import '?[2J/home/?ann .py; rm'")
