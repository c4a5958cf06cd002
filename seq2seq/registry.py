"""The parts of a model by name: cells, attentions, decoders and bridges.

A table holds strings, so that reading options and printing --help load no TensorFlow. A part is imported when it is
looked up.

    CELLS["gru"]                        # the class seq2seq.layers.cells.gru.GRU
    CELLS["my_package.cells:MyCell"]    # a class of your own, in a module ...
    CELLS["cells.py:MyCell"]            # ... or in a file
    CELLS["mgu"] = MinimalGatedUnit     # another name, for the rest of this program
"""

import functools
import hashlib
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["ATTENTIONS", "BRIDGES", "CELLS", "DECODERS", "Registry", "register"]


class Registry:
    """A table of parts: name -> "module:Class", or a class.

    Looking a class up also registers it with Keras, unless it is registered already. So a saved model with a class of
    your own can be loaded after the same class has been looked up by the same name.

    Args:
        kind: name of the kind of parts, such as "cell", for messages.
        base: "module:Class" of which every class in the table has to be a subclass.
        parts: name -> "module:Class". Instead of a class there may be a function with the same arguments.
    """

    def __init__(self, kind: str, base: str, parts: dict[str, str]) -> None:
        self.kind = kind
        self._base = base
        self._parts: dict[str, Any] = dict(parts)

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __setitem__(self, name: str, part: Any) -> None:
        if ":" in name:
            raise ValueError(
                f"The name {name!r} contains a colon, which is reserved for module:Class. Choose another name."
            )
        self._parts[name] = part

    def __getitem__(self, name: str) -> Callable[..., Any]:
        """The class of this name, or named by "module:Class".

        Raises:
            ValueError: there is no such class, or it is not of this kind.
        """
        self.check_name(name)
        part = self._parts.get(name, name)
        part = _imported(part) if isinstance(part, str) else part
        if isinstance(part, type):
            if not self.holds(part):
                raise ValueError(f"{name} cannot be used as {self.kind}: the class has to derive from {self._base}.")
            _register_with_keras(part, self.kind, name)
        elif ":" in name:
            raise ValueError(f"{name} is a {type(part).__name__}, not the class of a {self.kind}.")
        return part

    def holds(self, part: Any) -> bool:
        """Whether `part` is a class of this kind."""
        return isinstance(part, type) and issubclass(part, _imported(self._base))

    def check_name(self, name: str) -> None:
        """Checks a name without importing anything.

        Raises:
            ValueError: it is neither in the table nor of the form "module:Class".
        """
        if name not in self._parts and not all(name.partition(":")):
            raise ValueError(
                f"There is no {self.kind} named {name!r}; known are {', '.join(self)}. Give a class of your own as "
                "package.module:Class or file.py:Class."
            )


def _imported(path: str) -> Any:
    """The object that "module:Class" or "file.py:Class" names."""
    place, _, name = path.rpartition(":")
    module = _module_of_file(Path(place).resolve()) if place.endswith(".py") else _module(place)
    if not hasattr(module, name):
        raise ValueError(f"{place} has no {name!r}, which {path} names.")
    return getattr(module, name)


def _module(name: str) -> types.ModuleType:
    try:
        if name.startswith("."):  # such as "./cells" without its .py, which importlib would refuse by a TypeError
            raise ModuleNotFoundError(name=name)
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise ValueError(f"There is no module {name!r}. Give a class in a file as path/to/file.py:Class.") from error


@functools.cache
def _module_of_file(path: Path) -> types.ModuleType:
    """A Python file as a module. It is imported once, so its classes stay the same."""
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    name = f"{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"  # unlike the name of any other module
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ValueError(
            f"{path} cannot be imported: {type(error).__name__}: {error}. SEQ2SEQ_TRACEBACK=1 shows where."
        ) from error
    return module


def _register_with_keras(part: type, kind: str, name: str) -> None:
    """Lets saved models name the class as it was looked up: a file by its name without folder."""
    import keras

    if keras.saving.get_registered_name(part) == part.__name__:
        place, _, class_name = name.rpartition(":")
        place = Path(place).name if place.endswith(".py") else place
        name = f"{place}:{class_name}" if place else name
        keras.saving.register_keras_serializable(package=f"seq2seq {kind}", name=name)(part)


CELLS = Registry(
    "cell",
    "seq2seq.layers.cells.cell:Cell",
    {
        "elman": "seq2seq.layers.cells.elman:Elman",
        "gru": "seq2seq.layers.cells.gru:GRU",
        "lstm": "seq2seq.layers.cells.lstm:LSTM",
    },
)
"""Called with (units)."""

ATTENTIONS = Registry(
    "attention",
    "seq2seq.layers.attention.attention:Attention",
    {
        "none": "seq2seq.layers.attention.attention:none",
        "additive": "seq2seq.layers.attention.additive:AdditiveAttention",
        "dot": "seq2seq.layers.attention.multiplicative:dot",
        "general": "seq2seq.layers.attention.multiplicative:general",
        "scaled": "seq2seq.layers.attention.multiplicative:scaled",
    },
)
"""Called with (units)."""

DECODERS = Registry(
    "decoder",
    "seq2seq.model.decoders.decoder:Decoder",
    {
        "rnn": "seq2seq.model.decoders.rnn:RNNDecoder",
        "input_feeding": "seq2seq.model.decoders.input_feeding:InputFeedingDecoder",
        "conditional": "seq2seq.model.decoders.conditional:ConditionalDecoder",
    },
)
"""Called with the arguments of `Decoder`."""

BRIDGES = Registry(
    "bridge",
    "seq2seq.layers.bridges:Bridge",
    {
        "zero": "seq2seq.layers.bridges:ZeroBridge",
        "copy": "seq2seq.layers.bridges:CopyBridge",
        "dense": "seq2seq.layers.bridges:DenseBridge",
    },
)
"""Called without arguments."""


def register(name: str) -> None:
    """Imports a part of your own, whatever its kind, so that a saved model with it can be loaded.

    Args:
        name: "module:Class" or "file.py:Class", as it was given when the model was made.

    Raises:
        ValueError: there is no such class, or it is neither a cell, an attention, a decoder nor a bridge.
    """
    part = _imported(name) if ":" in name else None
    for registry in (CELLS, ATTENTIONS, DECODERS, BRIDGES):
        if registry.holds(part):
            registry[name]
            return
    raise ValueError(
        f"{name} is not the class of a cell, attention, decoder or bridge. Give it as package.module:Class."
    )
