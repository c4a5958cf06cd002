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
from seq2seq.model.trainable import Trainable


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


def test_a_saved_model_finds_a_class_by_its_name(tmp_path, module, monkeypatch):
    """Its file may have been renamed since, or have been a script."""
    before = new_cell("Renamed", module("cells", "/home/ann/cells.py"))
    model = model_of(before)
    model.save(tmp_path / "model.keras")
    monkeypatch.delitem(sys.modules, "cells")
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


def test_a_model_class_of_a_task_has_to_be_registered(module):
    """Unlike layers, which `Layer` registers."""

    class Reverser(Trainable):
        __module__ = module("reversal", "/home/ann/reversal.py")

        def __init__(self):
            super().__init__()

    with pytest.raises(ValueError, match="class Reverser. Write @keras.saving.register_keras_serializable.. before it"):
        places_of_classes(Reverser())
    keras.saving.register_keras_serializable()(Reverser)
    assert places_of_classes(Reverser()) == {"Reverser": "/home/ann/reversal.py"}


def test_of_two_classes_of_one_name_none_is_taken(tmp_path, module):
    """A model must not load with the computation of another class."""
    first = new_cell("Double", module("first", "/home/ann/first.py"))
    new_cell("Double", module("second", "/home/ann/second.py"))
    path, both = tmp_path / "translator.keras", "/home/ann/first.py and /home/ann/second.py"
    with pytest.raises(ValueError, match=f"has the class 'Double', and {both} each define one. Import only"):
        find_classes(config_of(("Double", "own>elsewhere.py:Double")), path)
    saved = "own>first.py:Double"  # says which
    assert find_classes(config_of(("Double", saved)), path) == {saved: first}


def test_two_classes_whose_files_have_one_name_too_are_refused(tmp_path, module):
    """They have one name in saved models."""
    first = new_cell("Twin", module("a.cells", "/home/ann/a/cells.py"))
    config = config_of(("Twin", "own>cells.py:Twin"))
    assert find_classes(config, tmp_path) == {"own>cells.py:Twin": first}
    second = new_cell("Twin", module("b.cells", "/home/ann/b/cells.py"))
    both = "/home/ann/a/cells.py and /home/ann/b/cells.py"
    with pytest.raises(ValueError, match=f"has the class 'Twin', and {both} each define one. Import only"):
        find_classes(config, tmp_path)
    with pytest.raises(ValueError, match=f"cannot tell apart the classes Twin of {both}. Rename one"):
        places_of_classes(model_of(second))


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
