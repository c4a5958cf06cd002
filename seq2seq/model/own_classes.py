"""Classes of a user's own in a model: where a run took them from, and how a saved model finds them again.

A class is known as soon as the module that defines it has been imported, by a recipe, `register` or `--import`. Nothing
is imported because a saved model or a run folder names it: both may come from a stranger.
"""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from seq2seq.layers.layer import Layer
from seq2seq.text.files import one_line, read_object

__all__ = ["find_classes", "places_of_classes"]


def places_of_classes(model: keras.Model) -> dict[str, str]:
    """Where the classes of a user's own in a model were defined.

    Args:
        model: the Trainable of a task, such as a Seq2Seq.

    Returns:
        Name of a class -> its file, or the name of its module if that is part of a package: what `--import` takes. A
        class of a notebook is left out.

    Raises:
        ValueError: a saved model would not find one of the classes, or could take another for it.
    """
    places, imported = {}, _imported_classes()
    for name, saved in _own_classes(keras.saving.serialize_keras_object(model)):
        parts = _saved_as(saved, imported)
        if not parts:
            raise ValueError(
                f"A saved model would not find the class {name}. Write "
                "@keras.saving.register_keras_serializable() before it."
            )
        if len(parts) > 1:
            raise ValueError(
                f"A saved model cannot tell apart the classes {name} of {_files(parts)}. Rename one of them."
            )
        place = _place(parts[0].__module__)
        if place:
            places[name] = place
    return places


def find_classes(config: Any, path: Path) -> dict[str, type]:
    """The classes of a user's own in a saved model.

    A class that is not known by its name in the saved model is found by its class name. So its file may have been
    renamed or moved since.

    Args:
        config: the configuration in the saved model.
        path: of the saved model. If it is in a run folder, run.json says where the run took its classes from.

    Returns:
        Saved name -> class, the `custom_objects` of Keras.

    Raises:
        ValueError: among the classes that have been imported there is no such class, or more than one.
    """
    found, missing, imported = {}, set(), _imported_classes()
    for name, saved in _own_classes(config):
        parts = _saved_as(saved, imported) or [one for one in imported if one.__name__ == name]
        if len(parts) > 1:
            raise ValueError(
                f"{path} has the class {name!r}, and {_files(parts)} each define one. Import only the file with which "
                "the model was trained."
            )
        if parts:
            found[saved] = parts[0]
        else:
            missing.add(name)
    if missing:
        raise ValueError(_in_words(sorted(missing), path))
    return found


def _imported_classes() -> list[type]:
    """The classes of a user's own that are known now. Of one that was defined again, as in a notebook, the last."""
    # Keras forgets a class when another file of this name registers its own: the subclasses of Layer have both.
    layers = [part for part in _subclasses(Layer) if part.__module__ in sys.modules]
    parts = [part for part in [*layers, *keras.saving.get_custom_objects().values()] if _is_own(part)]
    return list({(_file(part), part.__qualname__): part for part in parts}.values())


def _subclasses(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from _subclasses(one)


def _saved_as(saved: str, classes: list[type]) -> list[type]:
    """Those of the classes that a saved model calls by this name."""
    return [one for one in classes if keras.saving.get_registered_name(one) == saved]


def _file(part: type) -> str:
    """The file that defines a class; in a notebook its module."""
    file = getattr(sys.modules.get(part.__module__), "__file__", None)
    return str(Path(file).resolve()) if file else part.__module__


def _files(parts: list[type]) -> str:
    return " and ".join(sorted({_file(part) for part in parts}))


def _own_classes(config: Any) -> Iterator[tuple[str, str]]:
    """Name and saved name of the classes in a configuration that belong neither to Keras nor to this seq2seq."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list | tuple):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
            name, saved = value.get("class_name"), value.get("registered_name")
            is_class = isinstance(name, str) and isinstance(saved, str) and name != "function"
            if is_class and str(value.get("module")).partition(".")[0] != "keras":
                found = keras.saving.get_registered_object(saved)
                if found is None or _is_own(found):
                    yield name, saved


def _is_own(part: Any) -> bool:
    return isinstance(part, type) and not part.__module__.startswith("seq2seq.")


def _place(module: str) -> str | None:
    """What `--import` takes to import a module that is loaded now; None for a notebook."""
    loaded = sys.modules.get(module)
    spec, file = getattr(loaded, "__spec__", None), getattr(loaded, "__file__", None)
    name = spec.name if spec else module  # of a script run by `python -m`, where the module is "__main__"
    if "." in name:  # such a module may import its neighbours by relative names, which a file alone cannot
        return name
    return str(Path(file).resolve()) if file else None


def _in_words(missing: list[str], path: Path) -> str:
    """The error about classes that cannot be found; what files say is shown without control characters."""
    recorded = _recorded_places(path.parent / "run.json")
    places = sorted({recorded[name] for name in missing if name in recorded})
    classes, are, them = ("class", "is", "it") if len(missing) == 1 else ("classes", "are", "them")
    names = " and ".join(repr(one_line(name)) for name in missing)
    what = f"{path} has the {classes} {names}, which {are} not part of seq2seq"
    if not places:
        return (
            f"{what}. Name the Python file or module that defines {them}: --import my_cells.py, or in Python "
            'seq2seq.registry.register("my_cells.py").'
        )
    imports = " ".join(f"--import {shlex.quote(place)}" for place in places)
    trusted = "it" if len(places) == 1 else "them"
    return f"{what}; the run took {them} from {' and '.join(places)}. If you trust {trusted}, give {imports}"


def _recorded_places(path: Path) -> dict[str, str]:
    """Class name -> place, as a run.json says. Of a damaged one nothing is believed."""
    try:
        places = read_object(path, "classes")
    except (OSError, ValueError):
        return {}
    return {name: one_line(place) for name, place in places.items() if isinstance(place, str) and place.strip()}
