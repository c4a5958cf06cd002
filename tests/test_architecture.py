"""The map of rooms in ARCHITECTURE.md, held against the import statements of the whole project."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import seq2seq

ROOT = Path(__file__).parents[1]
# Packages that the recipes import by their bare names, because a script's folder is on its path.
BESIDE_RECIPES = {file.parent.name for file in (ROOT / "recipes").glob("*/__init__.py")}


class Import(NamedTuple):
    """One imported module, as an import statement names it."""

    where: str  # file:line
    room: str  # the room the statement stands in
    module: str
    inside_function: bool


def floors():
    """Floor number of each room, from the drawing; the ground is 0."""
    drawing = re.search(r"```rooms\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.S).group(1)
    return {room: floor for floor, line in enumerate(reversed(drawing.splitlines())) for room in line.split()}


def room_of(module):
    """`seq2seq.text.corpus` -> `text`; a module of somebody else -> None; `seq2seq` itself has no room."""
    parts = module.split(".")
    if parts[0] in BESIDE_RECIPES:
        return "recipes"
    if parts[0] == "seq2seq":
        # A name of the lazy package, as in `from seq2seq import Translator`, stands for its home.
        parts = seq2seq._HOMES.get(".".join(parts[1:]), module).split(".")[1:]
    return parts[0] if parts and parts[0] in floors() else None


def files(root):
    """The project's Python files, tests apart."""
    return [file for top in ("seq2seq", "recipes", "scripts") for file in sorted((root / top).rglob("*.py"))]


def imports(root):
    """Every import of every file below `root`."""
    for file in files(root):
        path = file.relative_to(root)
        tree = ast.parse(file.read_text("utf-8"), str(file))
        package = list(path.parts[:-1])
        room = room_of(".".join(path.with_suffix("").parts))
        functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        inside = {id(node) for function in functions for node in ast.walk(function)}
        for node in ast.walk(tree):
            for module in _modules(node, package):
                yield Import(f"{path}:{getattr(node, 'lineno', 0)}", room, module, id(node) in inside)


def _modules(node, package):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*base, *([node.module] if node.module else [])])
        return [f"{base}.{alias.name}" for alias in node.names]
    return []


def upward(root):
    """The imports that break the map, each as `file:line room -> room`."""
    floor = floors()
    for item in imports(root):
        target = room_of(item.module)
        if item.room and target and target != item.room and floor[target] >= floor[item.room]:
            yield f"{item.where} {item.room} -> {target}"


def below(module, *packages):
    return any(module == package or module.startswith(package + ".") for package in packages)


def test_imports_run_only_downwards():
    assert list(upward(ROOT)) == []


@pytest.mark.parametrize(
    ("path", "line", "breach"),
    [
        ("seq2seq/text/a.py", "from seq2seq.model.decoders import Decoder", "text -> model"),
        ("seq2seq/layers/cells/a.py", "from seq2seq import text", "layers -> text"),
        ("seq2seq/search/a.py", "from ..layers import attention", "search -> layers"),
        ("seq2seq/model/a.py", "from seq2seq import Translator", "model -> translator"),
        ("seq2seq/translator.py", "def f():\n    import seq2seq.training.trainer", "translator -> training"),
        ("scripts/a.py", "import recipes.quickstart", "scripts -> recipes"),
        ("seq2seq/text/a.py", "from grammar import corpus", "text -> recipes"),
    ],
)
def test_an_upward_import_is_found(tmp_path, path, line, breach):
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(line + "\n", encoding="utf-8")
    (found,) = upward(tmp_path)
    assert found.startswith(path) and found.endswith(breach)


def test_the_drawing_names_every_room():
    rooms = {"recipes", "scripts"} | {module.name for module in pkgutil.iter_modules(seq2seq.__path__)}
    assert rooms == set(floors())


def test_every_folder_of_the_package_is_a_package():
    """The wheel leaves out a folder without __init__.py, while an import from the checkout works."""
    folders = {file.parent for file in files(ROOT) if file.is_relative_to(ROOT / "seq2seq")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_nothing_is_imported_from_keras_internals():
    assert [item for item in imports(ROOT) if below(item.module, "keras.src")] == []


def test_text_imports_no_tensorflow():
    heavy = [item for item in imports(ROOT) if below(item.module, "tensorflow", "keras")]
    assert [item for item in heavy if item.room == "text"] == []


def test_only_pictures_imports_matplotlib_and_only_calls_that_draw_import_pictures():
    drawn = [item for item in imports(ROOT) if below(item.module, "matplotlib")]
    assert {item.room for item in drawn} <= {"pictures"}
    pictures = [item for item in imports(ROOT) if below(item.module, "seq2seq.pictures")]
    assert [item for item in pictures if not item.inside_function] == []


@pytest.mark.parametrize("room", ["text", "cli"])
def test_importing_a_room_loads_nothing_heavy(room):
    """Import every module of the room in a fresh process and look at what came with them.

    Keras itself loads matplotlib where it finds it, so other rooms are held to their own statements above.
    """
    names = [name for name in module_names() if room_of(name) == room]
    code = f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert loaded.returncode == 0, loaded.stderr
    assert {"tensorflow", "keras", "matplotlib"}.isdisjoint(loaded.stdout.split())


def module_names():
    """All modules of the package, by dotted name."""
    paths = [file.relative_to(ROOT).with_suffix("") for file in files(ROOT) if file.is_relative_to(ROOT / "seq2seq")]
    return [".".join(path.parts).removesuffix(".__init__") for path in paths]


@pytest.mark.parametrize("name", module_names())
def test_all_is_honest(name):
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", None)
    if listed is None:
        assert not hasattr(module, "__path__"), f"{name}/__init__.py lists no public names in __all__"
        return
    assert len(listed) == len(set(listed))
    assert [public for public in listed if not hasattr(module, public)] == []


def test_lazy_names_come_from_their_homes():
    for name, home in seq2seq._HOMES.items():
        assert getattr(seq2seq, name) is getattr(importlib.import_module(home), name)
        assert name in dir(seq2seq)
    with pytest.raises(AttributeError, match="no attribute 'Transformer'"):
        seq2seq.Transformer  # noqa: B018
