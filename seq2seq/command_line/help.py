"""The text of `--help`: a description, then the options under headings."""

import dataclasses
import inspect
import os
import re
import shutil
import sys
import textwrap
import typing
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from seq2seq.command_line.options import Option, docstring

__all__ = ["help_text"]

_WIDEST = 100  # characters: longer lines are hard to read
_STICKY = "\N{NO-BREAK SPACE}"  # textwrap does not break a line there


def help_text(kind: type, options: Sequence[Option], description: str | None, prog: str, own: str) -> str:
    """What `--help` prints.

    The options that no heading names come first, then the groups without a heading, then the headings.

    Args:
        kind: class of the options. Its HEADINGS map a heading to names of options and of groups.
        options: those of the class.
        description: text above the options, by default the docstring of the class. It is wrapped anew, except for
            indented lines and tables.
        prog: name of the program.
        own: the first heading.
    """
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    arguments = " ".join(option.value for option in options if option.positional)
    required = " ".join(f"{o.flag} {o.value}" for o in options if not o.positional and o.default is dataclasses.MISSING)
    lines = [" ".join(filter(None, ["usage:", prog, arguments, required, "[options]"])), ""]
    lines += _paragraphs(inspect.cleandoc(description or docstring(kind)), width)
    for heading, members in _sections(kind, options, own).items():
        lines.append(_bold(f"{heading}:"))
        text = re.sub(f"^{heading}: ", "", _group_text(kind, members), flags=re.IGNORECASE)
        lines += [*_wrapped(text, width, 2), ""] if text else []
        for option in members:
            lines += _entry(option, width)
        lines.append("")
    return "\n".join(lines).rstrip()


def _sections(kind: type, options: Iterable[Option], own: str) -> dict[str, list[Option]]:
    """Heading -> its options, in the order in which help shows them."""
    headings = getattr(kind, "HEADINGS", {})
    places = {name: (heading, i) for heading, names in headings.items() for i, name in enumerate(names)}
    found: dict[str, list[tuple[int, Option]]] = {own: []}
    for option in options:
        group = option.name.rpartition(".")[0]
        heading, rank = places.get(option.name) or places.get(group) or (group or own, 0)
        found.setdefault(heading, []).append((rank, option))
    order = [own, *(heading for heading in found if heading not in headings), *headings]
    ranked = {heading: sorted(found[heading], key=lambda one: one[0]) for heading in order if found.get(heading)}
    return {heading: [option for _, option in members] for heading, members in ranked.items()}


def _paragraphs(text: str, width: int) -> Iterator[str]:
    """The lines of a text wrapped anew: paragraphs and items of lists (`- `) apart; indented lines and tables stay."""
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        stays = not line or line.startswith((" ", "|"))
        if stays or line.startswith("- "):
            hanging = "  " if block and block[0].startswith("- ") else ""
            yield from textwrap.wrap(" ".join(block), width, subsequent_indent=hanging, break_on_hyphens=False)
            block = []
        if stays:
            yield line
        else:
            block.append(line)


def _wrapped(text: str, width: int, indent: int) -> list[str]:
    """The lines of a text, indented. No word is cut, for options and files have long names."""
    blank = " " * indent
    how = {"initial_indent": blank, "subsequent_indent": blank, "break_on_hyphens": False, "break_long_words": False}
    return textwrap.wrap(text, width, **how)


def _entry(option: Option, width: int) -> list[str]:
    """One option: its spellings and value on a line, its text and default below."""
    flags = option.flags if option.default is True else [option.flag]
    value = "" if option.positional else option.value
    hint = _hint(option).replace(" ", _STICKY)
    text = [line.replace(_STICKY, " ") for line in _wrapped(f"{option.text} {hint}".strip(), width, 6)]
    return [f"  {', '.join(flags)} {value}".rstrip(), *text]


def _hint(option: Option) -> str:
    """What happens without the option, in brackets."""
    if option.hint is not None:
        return option.hint
    if option.repeated:
        return "(can be repeated)"
    if option.default is dataclasses.MISSING:
        return "(required)"
    if option.default is None and option.name.startswith("max_"):
        return "(default: no limit)"
    return f"(default: {shown})" if (shown := _shown(option.default)) else ""


def _shown(value: Any) -> str:
    """A default in words; "" for none."""
    if value is None or isinstance(value, tuple | list):
        return " ".join(map(_shown, value or ()))
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return str(value)


def _group_text(kind: type, members: Sequence[Option]) -> str:
    """The first paragraph of the docstring of a group, if these are options of one group."""
    groups = {option.name.rpartition(".")[0] for option in members}
    if len(groups) != 1 or groups == {""}:
        return ""
    for name in groups.pop().split("."):
        kind = typing.get_type_hints(kind)[name]
    return " ".join(docstring(kind).partition("\n\n")[0].split())


def _bold(text: str) -> str:
    """The text in bold letters on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text
