"""Groups of options: frozen dataclasses that check themselves, and that the command line shows as `--group.option`.

A group is the very object that the library's class takes, so a default and its check are written once.
"""

import dataclasses
import math
import typing
from collections.abc import Mapping
from typing import Any, ClassVar

from seq2seq.ranges import Range, check_ranges

__all__ = ["OptionGroup"]

_MOST = 10**6  # of temperatures and other scales


@dataclasses.dataclass(frozen=True, kw_only=True)
class OptionGroup:
    """Base of the groups. A subclass names itself and the ranges of its numbers; `check` adds what is left.

    Class attributes:
        GROUP: name of the group on the command line; "" for options without a prefix.
        RANGES: option -> least and most value, both included.
        POSITIVE: options that have to be greater than 0.
        BELOW_1: options that are at least 0 and less than 1.
        SWITCH: an option of which "none" switches the whole group off.

    Raises:
        ValueError: an option is not one of its choices, is outside its range, or is given while the group is off.

    Example:
        >>> @dataclasses.dataclass(frozen=True, kw_only=True)
        ... class Noise(OptionGroup):
        ...     GROUP: ClassVar[str] = "noise"
        ...     RANGES: ClassVar[dict] = {"share": (0, 1)}
        ...     share: float = 0.1
        >>> Noise(share=2)
        Traceback (most recent call last):
        ValueError: --noise.share is 2; it has to be between 0 and 1.
    """

    GROUP: ClassVar[str] = ""
    RANGES: ClassVar[Mapping[str, Range]] = {}
    POSITIVE: ClassVar[tuple[str, ...]] = ()
    BELOW_1: ClassVar[tuple[str, ...]] = ()
    SWITCH: ClassVar[str] = ""

    def __post_init__(self) -> None:
        types = typing.get_type_hints(type(self))
        fields = dataclasses.fields(self)
        for field in fields:
            self._check_choice(field.name, types[field.name])
        names = {field.name for field in fields}
        check_ranges(self, {name: of for name, of in self.RANGES.items() if name in names}, shown=self.flag)
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
        """Whether the switch of the group, if it has one, is not "none"."""
        return not self.SWITCH or getattr(self, self.SWITCH) != "none"

    @classmethod
    def flag(cls, name: str) -> str:
        """How the command line spells an option."""
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
                    f"{self.flag(field.name)} is of no use without {self.flag(self.SWITCH)}. "
                    "Give that too, or leave it out."
                )
