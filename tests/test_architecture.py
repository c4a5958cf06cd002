"""The map of rooms in ARCHITECTURE.md, held against the import statements of the whole project; and the rules of style
that a program can check."""

import ast
import functools
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import seq2seq

ROOT = Path(__file__).parents[1]
# Packages that the recipes import by their bare names, because a script's folder is on its path.
BESIDE_RECIPES = {file.parent.name for file in (ROOT / "recipes").glob("*/__init__.py")}
MAX_FILE, MAX_FUNCTION = 300, 50  # lines


class Import(NamedTuple):
    """One imported module, as an import statement names it."""

    where: str  # file:line
    room: str  # the room the statement stands in
    module: str
    inside_function: bool


def floors(root):
    """Floor number of each room, from the drawing; the ground is 0."""
    drawing = re.search(r"```rooms\n(.*?)```", (root / "ARCHITECTURE.md").read_text("utf-8"), re.S).group(1)
    return {room: floor for floor, line in enumerate(reversed(drawing.splitlines())) for room in line.split()}


def room_of(module):
    """`seq2seq.text.corpus` -> `text`; `recipes.quickstart` -> `recipes`; None for a module of somebody else."""
    first, *others = module.split(".")
    if first in BESIDE_RECIPES:
        return "recipes"
    if first != "seq2seq":
        return first if first in ("recipes", "scripts") else None
    # A name of the lazy package, as in `from seq2seq import Translator`, stands for its home.
    others = seq2seq._HOMES.get(".".join(others), module).split(".")[1:]
    return others[0] if others else "__init__"


@functools.cache
def trees(root):
    """The syntax tree of each Python file of the project, tests apart, by its path below `root`."""
    files = [file for top in ("seq2seq", "recipes", "scripts") for file in sorted((root / top).rglob("*.py"))]
    return {file.relative_to(root): ast.parse(file.read_text("utf-8"), str(file)) for file in files}


def module_of(path):
    return ".".join(path.with_suffix("").parts)


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def imports(root):
    """Every import of every file below `root`."""
    for path, tree in trees(root).items():
        inside = {id(node) for function in functions(tree) for node in ast.walk(function)}
        for node in ast.walk(tree):
            for module in imported(node):
                yield Import(f"{path}:{node.lineno}", room_of(module_of(path)), module, id(node) in inside)


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):  # relative imports are refused by the linter
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def upward(root):
    """The imports that break the map, each as `file:line room -> room`."""
    floor = floors(root)
    for item in imports(root):
        target = room_of(item.module)
        if item.room != target and item.room in floor and target in floor and floor[target] >= floor[item.room]:
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
        ("seq2seq/text/a.py", "from grammar import corpus", "text -> recipes"),
        ("seq2seq/model/a.py", "from seq2seq import Translator", "model -> translator"),
        ("seq2seq/translator.py", "def f():\n    import seq2seq.tasks.task", "translator -> tasks"),
        ("seq2seq/training/a.py", "from seq2seq.tasks import Task", None),
        ("scripts/a.py", "import recipes.quickstart", "scripts -> recipes"),
    ],
)
def test_an_upward_import_is_found(tmp_path, path, line, breach):
    """In a house with one more room than ours may have, and a file in it."""
    drawing = "```rooms\nrecipes scripts\ntraining\ntasks\ntranslator\nmodel\ntext layers\n```\n"
    (tmp_path / "ARCHITECTURE.md").write_text(drawing)
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(line + "\n", encoding="utf-8")
    found = list(upward(tmp_path))
    assert len(found) == (breach is not None)
    assert all(one.startswith(path) and one.endswith(breach) for one in found)


def test_the_drawing_and_the_lazy_package_name_every_room():
    rooms = {module.name for module in pkgutil.iter_modules(seq2seq.__path__)}
    assert {"recipes", "scripts", *rooms} == set(floors(ROOT))
    assert {*seq2seq._ROOMS, "__main__"} == rooms


def test_every_folder_of_the_package_is_a_package():
    """The wheel leaves out a folder without __init__.py, while an import from the checkout works."""
    folders = {path.parent for path in trees(ROOT) if path.parts[0] == "seq2seq"}
    assert [folder for folder in folders if folder / "__init__.py" not in trees(ROOT)] == []


def test_heavy_packages_are_imported_where_they_belong():
    items = list(imports(ROOT))
    assert [item for item in items if below(item.module, "keras.src")] == []
    heavy = [item for item in items if below(item.module, "tensorflow", "keras")]
    light = ("text", "search", "cli", "command_line", "pictures", "ranges")
    assert [item for item in heavy if item.room in light] == []
    drawing = [item for item in items if below(item.module, "matplotlib")]
    assert [item for item in drawing if item.room != "pictures"] == []
    pictures = [item for item in items if below(item.module, "seq2seq.pictures") and item.room != "pictures"]
    assert [item for item in pictures if not item.inside_function] == []


def test_all_is_honest():
    """`__all__` names each thing once, and only what is there; a package has one."""
    wrong = []
    for path in trees(ROOT):
        if path.parts[0] != "seq2seq":
            continue
        name = module_of(path).removesuffix(".__init__")
        module = importlib.import_module(name)
        listed = getattr(module, "__all__", [] if not hasattr(module, "__path__") else None)
        if listed is None:
            wrong.append(f"{name} has no __all__")
            continue
        wrong += [f"{name} has no {public}" for public in listed if not hasattr(module, public)]
        wrong += [f"{name} names {public} twice" for public in set(listed) if listed.count(public) > 1]
    assert wrong == []


def test_lazy_names_come_from_their_homes():
    for name, home in seq2seq._HOMES.items():
        assert getattr(seq2seq, name) is getattr(importlib.import_module(home), name)
        assert name in dir(seq2seq)
    with pytest.raises(AttributeError, match="no attribute 'Transformer'"):
        seq2seq.Transformer  # noqa: B018


def checked() -> Iterator[tuple[Path, ast.Module]]:
    return trees(ROOT).items()


def test_files_can_be_read_in_one_sitting():
    lengths = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path, _ in checked()}
    assert [f"{path} has {length} lines" for path, length in lengths.items() if length > MAX_FILE] == []


def test_functions_are_one_step_of_an_explanation():
    places = [(f"{path}:{node.lineno} {node.name}", node) for path, tree in checked() for node in functions(tree)]
    lengths = {where: node.end_lineno - node.lineno + 1 for where, node in places}
    assert [f"{where} has {length} lines" for where, length in lengths.items() if length > MAX_FUNCTION] == []


def test_functions_are_annotated():
    """Every argument and every result, but for `self` and `cls`, and for what `__init__` returns."""
    missing = []
    for path, tree in checked():
        for node in functions(tree):
            given = node.args
            arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, [given.vararg, given.kwarg])]
            bare = [one.arg for one in arguments if one.annotation is None and one.arg not in ("self", "cls")]
            bare += ["its result"] if node.returns is None and node.name != "__init__" else []
            missing += [f"{path}:{node.lineno} {node.name}: {', '.join(bare)}"] if bare else []
    assert missing == []
