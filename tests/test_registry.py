"""The parts of a model by their names, and classes of one's own."""

import importlib
import shutil
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from seq2seq import registry
from seq2seq.layers import GRU, AdditiveAttention, MultiplicativeAttention, Recurrent
from seq2seq.registry import ATTENTIONS, BRIDGES, CELLS, DECODERS, Registry, arguments, register

PARTS = Path(__file__).parent / "support" / "parts.py"
OWN_CELL = """
from seq2seq.layers import Elman

class Own(Elman):
    pass
"""


@pytest.fixture
def own_cell(tmp_path):
    """A class that is not registered with Keras, in a file: the name by which it is looked up."""
    file = tmp_path / "own_cells.py"
    file.write_text(OWN_CELL, encoding="utf-8")
    return f"{file}:Own"


def test_every_short_name_gives_a_part_of_its_kind():
    made = {name: ATTENTIONS[name](4) for name in ATTENTIONS}
    assert made["none"] is None
    assert isinstance(made["additive"], AdditiveAttention) and made["additive"].units == 4
    for score in ("dot", "general", "scaled"):
        assert isinstance(made[score], MultiplicativeAttention) and made[score].score == score
    for table in (CELLS, DECODERS, BRIDGES):
        base = registry._imported(table._base)
        assert all(issubclass(table[name], base) for name in table)


def test_a_class_of_a_module_or_of_a_file():
    assert CELLS["parts:SlowUnits"] is importlib.import_module("parts").SlowUnits
    assert CELLS["seq2seq.layers:GRU"] is GRU
    in_file = CELLS[f"{PARTS}:SlowUnits"]
    assert in_file.__name__ == "SlowUnits" and in_file is CELLS[f"{PARTS}:SlowUnits"]  # imported once
    assert ATTENTIONS[f"{PARTS}:CoverageAttention"](3).units == 3


def test_another_name_for_the_rest_of_the_program():
    table = Registry("cell", "seq2seq.layers.cells.cell:Cell", {"gru": "seq2seq.layers.cells.gru:GRU"})
    table["mine"] = GRU
    assert table["mine"] is GRU and list(table) == ["gru", "mine"]
    with pytest.raises(ValueError, match="The name 'a:b' contains a colon"):
        table["a:b"] = GRU


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "gru2",
            "'gru2'; did you mean gru. Known are .*elman, .*package.module:Class or file.py:Class",
        ),
        ("wave", "There is no cell named 'wave'; known are .*elman, "),
        (":GRU", "There is no cell named ':GRU'"),
        ("seq2seq.layers:", "There is no cell named 'seq2seq.layers:'"),
        ("seq2seq.layers:Gru", "seq2seq.layers has no 'Gru'"),
        ("no_such_module.cells:Cell", "There is no module 'no_such_module.cells'.*path/to/file.py"),
        ("./cells:Cell", "There is no module './cells'"),
        ("no_such_file.py:Cell", "There is no file .*no_such_file.py"),
        (
            "seq2seq.layers:AdditiveAttention",
            "cannot be used as cell: the class has to derive from seq2seq.layers.cells.cell:Cell",
        ),
        ("seq2seq.layers.scan:scan", "seq2seq.layers.scan:scan is a function, not the class of a cell"),
    ],
)
def test_what_is_no_part_is_refused(name, message):
    with pytest.raises(ValueError, match=message):
        CELLS[name]


def test_names_are_checked_without_an_import():
    CELLS.check_name("no_such_module:Cell")
    with pytest.raises(ValueError, match="There is no cell named 'gru2'"):
        CELLS.check_name("gru2")


def test_a_saved_layer_finds_a_class_of_ones_own(own_cell, tmp_path):
    """Also where the file has moved: its class is registered by the name of the file, without the folder."""
    cell = CELLS[own_cell]
    assert keras.saving.get_registered_name(cell) == "own>own_cells.py:Own"
    source = keras.Input((4, 2))
    model = keras.Model(source, Recurrent(cell(3))(source)[0])
    model.save(tmp_path / "model.keras")
    (tmp_path / "moved").mkdir()
    moved = shutil.copy(tmp_path / "own_cells.py", tmp_path / "moved")

    register(str(moved))
    loaded = keras.saving.load_model(tmp_path / "model.keras")

    assert type(loaded.layers[-1].cell) is CELLS[f"{moved}:Own"] is not cell
    x = np.random.default_rng(0).normal(size=(2, 4, 2)).astype("float32")
    np.testing.assert_array_equal(loaded(x), model(x))


def test_a_file_or_module_finds_its_neighbours(own_cell, tmp_path, monkeypatch):
    """As with `python FILE` and `python -m MODULE`: beside the file, and in the current folder."""
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "neighbour.py").write_text("from own_cells import Own\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    with pytest.raises(ValueError, match="neighbour.py cannot be imported: ModuleNotFoundError.*own_cells"):
        register("near/neighbour.py")
    register("near.neighbour")
    assert sys.modules["near.neighbour"].Own is sys.modules["own_cells"].Own
    Path("recipe.py").write_text("import own_cells\n", encoding="utf-8")
    register("recipe.py")
    assert sys.path == before
    for name in ("near.neighbour", "near", "own_cells"):
        del sys.modules[name]


def test_a_class_that_is_registered_keeps_its_name():
    assert keras.saving.get_registered_name(CELLS["seq2seq.layers:GRU"]) == "seq2seq>GRU"


@pytest.mark.parametrize(
    "code, reason",
    [
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit", "SystemExit"),
        ("(", "SyntaxError"),
        ("import no_such_package", "ModuleNotFoundError"),
    ],
)
@pytest.mark.parametrize("place", ["broken", "broken.py"])
def test_a_file_that_cannot_be_imported_is_one_sentence(tmp_path, monkeypatch, code, reason, place):
    (tmp_path / "broken.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=f"broken.* cannot be imported: {reason}.*SEQ2SEQ_TRACEBACK"):
        register(place)
    assert "broken" not in sys.modules


def test_what_a_file_prints_is_no_result(tmp_path, capsys):
    (tmp_path / "talkative.py").write_text("print('hello')")
    register(str(tmp_path / "talkative.py"))
    assert capsys.readouterr() == ("", "hello\n")


def test_arguments_of_a_part_are_read_from_text():
    def part(units, share=0.5, steps=(1,), skip=False, kind="a", **kwargs): ...

    texts = ["share=0.25", "steps=1,2,4", "skip=true", "kind=b"]
    assert arguments(part, texts) == {"share": 0.25, "steps": (1, 2, 4), "skip": True, "kind": "b"}
    with pytest.raises(
        ValueError, match="no argument 'shares'; did you mean share[?] Known are share, steps, skip, kind"
    ):
        arguments(part, ["shares=1"])
    with pytest.raises(ValueError, match="'share' is no argument; write NAME=VALUE, such as share="):
        arguments(part, ["share"])
    with pytest.raises(ValueError, match="share is given twice"):
        arguments(part, ["share=1", "share=2"])
    with pytest.raises(ValueError, match="skip is 'no'; it has to be true or false"):
        arguments(part, ["skip=no"])
