"""Groups of options: frozen dataclasses that check themselves. The command line shows them as `--group.option`.

The library's classes take the groups themselves, so each default and its check are written once.
"""

import dataclasses
import math
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

from seq2seq.ranges import Range, check_ranges

__all__ = ["OptionGroup", "as_json", "changeable", "defaults", "may_change", "replaced"]

_MOST = 10**6  # upper bound of the options in POSITIVE


@dataclasses.dataclass(frozen=True, kw_only=True)
class OptionGroup:
    """Base of the groups of options. A subclass declares ranges; `check` holds its other rules.

    Class attributes:
        GROUP: name of the group on the command line; "" for options without a prefix.
        RANGES: option -> least and most value, both included.
        POSITIVE: options that have to be greater than 0.
        BELOW_1: options that are at least 0 and less than 1.
        SWITCH: option that turns the whole group off when it is "none".
        SHARES: options in updates. A value up to 1 is a share of the planned updates.

    Raises:
        ValueError: an option is not one of its choices, is outside its range, or is given while the group is off.

    Example:
        >>> @dataclasses.dataclass(frozen=True, kw_only=True)
        ... class DropoutOptions(OptionGroup):
        ...     GROUP: ClassVar[str] = "dropout"
        ...     RANGES: ClassVar[dict] = {"rate": (0, 1)}
        ...     rate: float = 0.1
        >>> DropoutOptions(rate=2)
        Traceback (most recent call last):
        ValueError: --dropout.rate is 2; it has to be between 0 and 1.
    """

    GROUP: ClassVar[str] = ""
    RANGES: ClassVar[Mapping[str, Range]] = {}
    POSITIVE: ClassVar[tuple[str, ...]] = ()
    BELOW_1: ClassVar[tuple[str, ...]] = ()
    SWITCH: ClassVar[str] = ""
    SHARES: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        types = typing.get_type_hints(type(self))
        fields = dataclasses.fields(self)
        for field in fields:
            self._check_choice(field.name, types[field.name])
        names = {field.name for field in fields}
        check_ranges(self, {name: limits for name, limits in self.RANGES.items() if name in names}, shown=self.flag)
        for name in names.intersection(self.POSITIVE):
            value = getattr(self, name)
            if value is not None and not 0 < value <= _MOST:
                raise ValueError(f"{self.flag(name)} is {value}; it has to be greater than 0 and at most {_MOST:,}.")
        for name in names.intersection(self.BELOW_1):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{self.flag(name)} is {getattr(self, name)}; it has to be at least 0 and below 1.")
        for name in names:
            value = getattr(self, name)
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{self.flag(name)} is {value}; it has to be a finite number.")
        if self.SWITCH and not self.is_on:
            self._check_unused(fields)
        self.check()

    def check(self) -> None:
        """Refuses combinations that make no sense. Subclasses override it."""

    @property
    def is_on(self) -> bool:
        """False if the switch of the group is "none"; True for a group without a switch."""
        return not self.SWITCH or getattr(self, self.SWITCH) != "none"

    def shares(self) -> dict[str, float]:
        """Name -> value of the options given as shares of the planned updates; empty for a group that is off."""
        return {name: getattr(self, name) for name in self.SHARES if self.is_on and 0 < getattr(self, name) <= 1}

    def with_plan(self, planned_updates: int | None) -> Self:
        """A copy in which shares of `planned_updates` are numbers of updates, in the nested groups as well."""
        changes = {name: share * planned_updates for name, share in self.shares().items()}
        changes |= {name: group.with_plan(planned_updates) for name, group in self.groups().items()}
        return dataclasses.replace(self, **changes)

    def groups(self) -> dict[str, "OptionGroup"]:
        """Name -> group, of the nested groups."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, OptionGroup)}

    @classmethod
    def flag(cls, name: str) -> str:
        """The option as the command line spells it, such as "--sampling.position-scale"."""
        return "--" + ".".join(filter(None, [cls.GROUP, name])).replace("_", "-")

    def _check_choice(self, name: str, kind: Any) -> None:
        value = getattr(self, name)
        if typing.get_origin(kind) is typing.Literal and value not in typing.get_args(kind):
            known = ", ".join(map(str, typing.get_args(kind)))
            raise ValueError(f"{self.flag(name)} is {value!r}; it has to be one of {known}.")

    def _check_unused(self, fields: tuple[dataclasses.Field, ...]) -> None:
        """Refuses options of a group that is switched off."""
        for field in fields:
            if field.name != self.SWITCH and getattr(self, field.name) != field.default:
                raise ValueError(
                    f"{self.flag(field.name)} has no effect while {self.flag(self.SWITCH)} is none. "
                    f"Give {self.flag(self.SWITCH)} too, or leave {self.flag(field.name)} out."
                )


def may_change(default: Any) -> Any:
    """Declares an option that may differ when a run is continued; for a group, all its options may.

    Such options are limits, display, and files, which a run recognises by their content.
    """
    return dataclasses.field(default=default, metadata={"may_change": True})


def as_json(options: Any) -> dict[str, Any]:
    """All options by their full name, such as "sampling.floor", as JSON values: paths as text, tuples as lists."""
    return {name: _json_value(value) for name, value in _leaves(options)}


def replaced(options: Any, values: Mapping[str, Any]) -> Any:
    """A copy of the options with other values, by full name, such as {"vocab.size": 2000}."""
    changes: dict[str, Any] = {}
    groups: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        group, _, option = name.rpartition(".")
        (groups.setdefault(group, {}) if group else changes)[option] = value
    changes |= {group: replaced(getattr(options, group), inner) for group, inner in groups.items()}
    return dataclasses.replace(options, **changes)


def defaults(kind: type) -> dict[str, Any]:
    """The defaults of a class of options, in the form of `as_json`, without the options that must be given."""
    known = {field.name: field.default for field in dataclasses.fields(kind)}
    return {
        name: _json_value(leaf)
        for field, value in known.items()
        if value is not dataclasses.MISSING
        for name, leaf in _leaves_of(field, value)
    }


def changeable(kind: type) -> set[str]:
    """Full names of the options that may differ when a run is continued, and of their groups."""
    names = set()
    types = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        if field.metadata.get("may_change"):
            names.add(field.name)
        elif dataclasses.is_dataclass(types[field.name]):
            names |= {f"{field.name}.{name}" for name in changeable(types[field.name])}
    return names


def _leaves(options: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for field in dataclasses.fields(options):
        yield from _leaves_of(prefix + field.name, getattr(options, field.name))


def _leaves_of(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if dataclasses.is_dataclass(value):
        yield from _leaves(value, f"{name}.")
    else:
        yield name, value


def _json_value(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, list | tuple):
        return [_json_value(item) for item in value]
    return value
