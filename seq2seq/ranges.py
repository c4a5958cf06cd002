"""The check of options against their ranges, made before anything is read or allocated."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["THREADS", "check_ranges"]

Range = tuple[float, float]

THREADS: Range = (0, 1024)
"""Processor threads; 0 is one for each processor."""


def check_ranges(options: Any, ranges: Mapping[str, Range], *, shown: Callable[[str], str] = str) -> None:
    """Refuses numbers outside their ranges.

    Args:
        options: an object with an attribute for each name.
        ranges: name -> (least, most), both included. None, the value of an option that is not given, always passes.
        shown: spells a name for messages.

    Raises:
        ValueError: a number is outside its range, or NaN.

    Example:
        >>> import types
        >>> check_ranges(types.SimpleNamespace(beam_size=0), {"beam_size": (1, 1000)})
        Traceback (most recent call last):
        ValueError: beam_size is 0; it has to be between 1 and 1,000.
    """
    for name, (least, most) in ranges.items():
        value = getattr(options, name)
        if value is not None and not least <= value <= most:
            raise ValueError(f"{shown(name)} is {value}; it has to be between {least:,} and {most:,}.")
