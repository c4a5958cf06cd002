"""The parts of a model by name: cells, attentions, decoders and bridges.

A table holds strings, so that reading options and printing --help load no TensorFlow. A part is imported when it is
looked up.

    CELLS["gru"]                        # the class seq2seq.layers.cells.gru.GRU
    CELLS["my_package.cells:MyCell"]    # a class of your own, in a module ...
    CELLS["cells.py:MyCell"]            # ... or in a file
    CELLS["mgu"] = MinimalGatedUnit     # another name, for the rest of this program
"""

import contextlib
import difflib
import functools
import hashlib
import importlib
import importlib.util
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

__all__ = ["ATTENTIONS", "BRIDGES", "CELLS", "DECODERS", "Registry", "arguments", "register"]


class Registry:
    """A table of parts: name -> "module:Class", or a class.

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
            near = difflib.get_close_matches(name, self._parts, n=1)
            hint = f"did you mean {near[0]}? Known" if near else "known"
            raise ValueError(
                f"There is no {self.kind} named {name!r}; {hint} are {', '.join(self)}. Give a class of your own as "
                "package.module:Class or file.py:Class."
            )


def arguments(part: Callable[..., Any], texts: Sequence[str]) -> dict[str, Any]:
    """Arguments of a part, from texts of the form NAME=VALUE.

    A value is a number, true, false, several values separated by commas, or a word.

    Args:
        part: class of the part. Its arguments with a default value can be given.
        texts: such as ["reset=before"].

    Raises:
        ValueError: a text has another form, the part has no such argument, or one is given twice.

    Example:
        >>> arguments(CELLS["gru"], ["reset=before"])
        {'reset': 'before'}
    """
    ordinary = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(part).parameters.values()
    defaults = {one.name: one.default for one in parameters if one.kind in ordinary}
    known = [name for name, default in defaults.items() if default is not inspect.Parameter.empty]
    given = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise ValueError(
                f"{text!r} is no argument; write NAME=VALUE, such as {(known or ['name'])[0]}=..., and several values "
                "with commas, such as delays=2,8."
            )
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}? Known" if near and len(known) > 1 else "known"
            raise ValueError(
                f"{getattr(part, '__name__', part)} has no argument {name!r}; {hint} are {', '.join(known) or 'none'}."
            )
        if name in given:
            raise ValueError(f"{name} is given twice.")
        values = tuple(map(_value, value.split(",")))
        given[name] = values if "," in value else values[0]
        if isinstance(defaults[name], bool) and not isinstance(given[name], bool):
            raise ValueError(f"{name} is {value!r}; it has to be true or false.")
    return given


def _value(text: str) -> bool | int | float | str:
    """The number, truth value or word that a text spells."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return kind(text)
    return text


def _imported(path: str) -> Any:
    """The object that "module:Class" or "file.py:Class" names."""
    place, _, name = path.rpartition(":")
    module = _module(place)
    if not hasattr(module, name):
        raise ValueError(f"{place} has no {name!r}, which {path} names.")
    return getattr(module, name)


def _module(place: str) -> types.ModuleType:
    """The module of this name, or that of a Python file."""
    return _module_of_file(Path(place).resolve()) if place.endswith(".py") else _module_of_name(place)


def _module_of_name(name: str) -> types.ModuleType:
    if not all(part.isidentifier() for part in name.split(".")):  # such as "./cells" without its .py
        raise ValueError(f"There is no module {name!r}. Give a Python file as path/to/file.py.")
    if name in sys.modules or name.startswith("seq2seq."):
        return importlib.import_module(name)
    is_installed = importlib.util.find_spec(name.partition(".")[0])
    try:
        with _plain_errors(name), contextlib.nullcontext() if is_installed else _searching(Path.cwd()):
            return importlib.import_module(name)
    except ValueError as error:
        missing = getattr(error.__cause__, "name", None) if isinstance(error.__cause__, ModuleNotFoundError) else None
        if missing is None or not f"{name}.".startswith(f"{missing}."):
            raise
        raise ValueError(f"There is no module {name!r}. Give a Python file as path/to/file.py.") from error


@functools.cache
def _module_of_file(path: Path) -> types.ModuleType:
    """A Python file as a module. It is imported once, so its classes stay the same."""
    if not path.is_file():
        raise ValueError(f"There is no file {path}.")
    name = f"{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"  # unlike the name of any other module
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        with _plain_errors(path), _searching(path.parent):
            spec.loader.exec_module(module)
    except ValueError:
        del sys.modules[name]
        raise
    return module


@contextlib.contextmanager
def _plain_errors(place: object) -> Iterator[None]:
    """A block that imports code of a user's own: an error in it, or its end, is one sentence, and its output no result.

    Raises:
        ValueError: whatever the code raised.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):  # standard output is for translations
            yield
    except (Exception, SystemExit) as error:
        raise ValueError(
            f"{place} cannot be imported: {type(error).__name__}: {error}. SEQ2SEQ_TRACEBACK=1 shows where."
        ) from error


@contextlib.contextmanager
def _searching(folder: Path) -> Iterator[None]:
    """A block whose imports search this folder first, as `python FILE` and `python -m MODULE` do."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # what was imported may have changed the list
            sys.path.remove(str(folder))


CELLS = Registry(
    "cell",
    "seq2seq.layers.cells.cell:Cell",
    {
        "elman": "seq2seq.layers.cells.elman:Elman",
        "jordan": "seq2seq.layers.cells.jordan:Jordan",
        "lstm": "seq2seq.layers.cells.lstm:LSTM",
        "peephole_lstm": "seq2seq.layers.cells.peephole_lstm:PeepholeLSTM",
        "gru": "seq2seq.layers.cells.gru:GRU",
        "simple_gru": "seq2seq.layers.cells.simple_gru:SimpleGRU",
        "leaky": "seq2seq.layers.cells.leaky:Leaky",
        "delayed": "seq2seq.layers.cells.delayed:Delayed",
        "clockwork": "seq2seq.layers.cells.clockwork:Clockwork",
        "deep": "seq2seq.layers.cells.deep:Deep",
        "layer_norm_lstm": "seq2seq.layers.cells.layer_norm_lstm:LayerNormLSTM",
        "layer_norm_gru": "seq2seq.layers.cells.layer_norm_gru:LayerNormGRU",
        "min_gru": "seq2seq.layers.cells.min_gru:MinGRU",
        "min_lstm": "seq2seq.layers.cells.min_lstm:MinLSTM",
        "ssru": "seq2seq.layers.cells.ssru:SSRU",
        "rg_lru": "seq2seq.layers.cells.rg_lru:RGLRU",
        "hgrn": "seq2seq.layers.cells.hgrn:HGRN",
        "slstm": "seq2seq.layers.cells.slstm:SLSTM",
    },
)
"""Called with (units), and with arguments of the cell's own by name. In the order of docs/recurrences.md."""

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


def register(*places: str) -> None:
    """Imports Python files or modules, so that saved models with classes of your own can be loaded.

    All cells, attentions, decoders and bridges that they define, or import, are known from then on.

    Args:
        places: each a file, such as "leaky.py", or the name of a module, such as "my_package.cells". Modules are also
            searched for in the current folder. The file runs as part of this program.

    Raises:
        ValueError: there is no such file or module, or it cannot be imported.

    Example:
        >>> register("leaky.py")  # doctest: +SKIP
        >>> load_model("runs/leaky")  # doctest: +SKIP
    """
    if places:  # start TensorFlow without its notices, before a file may do so
        _imported("seq2seq.model:Seq2Seq")
    for place in places:
        _module(place)
