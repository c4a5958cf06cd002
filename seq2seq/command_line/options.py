"""The options that a dataclass declares, one record each, for `--help` and for messages."""

import ast
import dataclasses
import inspect
import itertools
import textwrap
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

__all__ = ["Imports", "Option", "docstring", "read_options"]

_IMPORT_HELP = "Python file or module with classes of your own in the model; it runs as part of this program."
Imports = tyro.conf.UseAppendAction[
    Annotated[tuple[str, ...], tyro.conf.arg(name="import", metavar="FILE|MODULE", help=_IMPORT_HELP)]
]
"""Type of the option `--import` of several commands: what `seq2seq.registry.register` takes."""


@dataclasses.dataclass(frozen=True)
class Option:
    """One option of a command.

    Attributes:
        name: full name, such as "sampling.position_scale".
        kind: its type, without annotations and without None.
        default: `dataclasses.MISSING` if it must be given.
        text: what it does: the string below its field.
        value: how help names its value, such as "NUMBER"; "" for a switch.
        positional: whether it is given without its name.
        repeated: whether giving it again adds a value.
        hint: text in place of the default.
        spelling: name on the command line, if it is another: `import` cannot be the name of a field.
    """

    name: str
    kind: Any
    default: Any
    text: str
    value: str
    positional: bool = False
    repeated: bool = False
    hint: str | None = None
    spelling: str | None = None

    @property
    def flag(self) -> str:
        """The option as the command line spells it; for one without a name, its value."""
        return self.value if self.positional else "--" + (self.spelling or self.name).replace("_", "-")

    @property
    def flags(self) -> tuple[str, ...]:
        """All its spellings: a switch also has one that turns it off."""
        if self.kind is not bool:
            return () if self.positional else (self.flag,)
        group, dot, last = self.flag.removeprefix("--").rpartition(".")
        return self.flag, f"--{group}{dot}no-{last}"


def read_options(kind: type, default: Any = None, prefix: str = "") -> Iterator[Option]:
    """The options of a dataclass and of the groups in it, in the order of their fields.

    Args:
        kind: the dataclass. Its PARTS map an option to the names it knows; they replace `{names}` in the option's text.
        default: an instance with the defaults; by default those of the class.
        prefix: put before each name.
    """
    types_, texts = typing.get_type_hints(kind, include_extras=True), _field_texts(kind)
    for field in dataclasses.fields(kind):
        plain, *extras = _unpacked(types_[field.name])
        value = _default(field) if default is None else getattr(default, field.name)
        if dataclasses.is_dataclass(plain):
            yield from read_options(plain, None if value is dataclasses.MISSING else value, f"{prefix}{field.name}.")
        elif tyro.conf.Suppress not in extras:
            names = ", ".join(getattr(kind, "PARTS", {}).get(field.name, ()))
            text = texts.get(field.name, "").replace("{names}", names)
            yield _option(prefix + field.name, plain, value, text, extras)


def _option(name: str, kind: Any, default: Any, text: str, extras: list[Any]) -> Option:
    given = next((extra for extra in extras if isinstance(extra, type(tyro.conf.arg()))), tyro.conf.arg())
    positional, repeated = tyro.conf.Positional in extras, tyro.conf.UseAppendAction in extras
    value = given.metavar or (name.upper() if positional else _value(name, kind, given.help or text))
    return Option(
        name, kind, default, given.help or text, value, positional, repeated, given.help_behavior_hint, given.name
    )


def _unpacked(kind: Any) -> list[Any]:
    """A type without `Annotated` and without None, and what it was annotated with."""
    extras = []
    if typing.get_origin(kind) is typing.Annotated:
        extras = list(kind.__metadata__)
        kind = kind.__origin__
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        others = [one for one in typing.get_args(kind) if one is not types.NoneType]
        kind = others[0] if len(others) == 1 else kind
    return [kind, *extras]


def _default(field: dataclasses.Field) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _value(name: str, kind: Any, text: str) -> str:
    """How help names a value of this type, in words."""
    if typing.get_origin(kind) is tuple:
        return f"{_value(name, typing.get_args(kind)[0], text)} ..."
    if typing.get_origin(kind) is Literal:
        return "|".join(map(str, typing.get_args(kind)))
    if kind is Path:
        return "FOLDER" if name.endswith("dir") or text.startswith("Folder") else "FILE"
    if kind is str:
        return "NAME=VALUE" if "NAME=VALUE" in text else "NAME"
    return {bool: "", int: "NUMBER", float: "NUMBER"}.get(kind, "VALUE")


def _field_texts(kind: type) -> dict[str, str]:
    """Field -> the string below it, for the fields of a class and of its bases."""
    texts = {}
    for base in reversed(kind.__mro__):
        if not dataclasses.is_dataclass(base):
            continue
        try:
            source = textwrap.dedent(inspect.getsource(base))
        except (OSError, TypeError):  # a class made while the program runs has no source, so its fields have no text
            continue
        for field, below in itertools.pairwise(ast.parse(source).body[0].body):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    texts[name] = " ".join(text.split())
    return texts


def docstring(kind: type) -> str:
    """The docstring of a dataclass; "" for the signature that stands in place of a missing one."""
    text = inspect.cleandoc(kind.__doc__ or "")
    return "" if text.startswith(f"{kind.__name__}(") else text
