"""Reads options from the command line with tyro. Help and messages are our own."""

import contextlib
import re
import sys
import typing
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import tyro

from seq2seq.command_line.help import help_text
from seq2seq.command_line.hints import unknown_option
from seq2seq.command_line.options import Option, read_options

# Private in tyro 1.0.17. Without it tyro draws a box around each error, and all else stays as it is. Remove the `try`
# once tyro offers such a hook publicly.
try:
    from tyro._errors import on_parse_error
except ImportError:
    on_parse_error = None

__all__ = ["parse"]

Options = TypeVar("Options")

_MEANINGS = {int: "a whole number", float: "a number"}


def parse(
    options: Options | type[Options],
    description: str | None = None,
    argv: Sequence[str] | None = None,
    *,
    prog: str | None = None,
) -> Options:
    """Reads options from the command line. `--help` prints them under headings and ends the process.

    Args:
        options: an instance with the defaults, such as a recipe's; or the class, a dataclass. The strings below its
            fields explain them. Its HEADINGS, if it has them, map headings to the names of options and of groups.
        description: what `--help` prints first, usually the recipe's docstring; by default that of the class.
        argv: arguments, default those of the process.
        prog: how the command is called, such as "seq2seq translate"; by default it is a recipe, called as a script.

    Returns:
        The options.

    Raises:
        ValueError: an option is unknown, missing or wrong. The message names the nearest option, or the one that does
            what an option of this name does in another toolkit.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    kind, default = (options, None) if isinstance(options, type) else (type(options), options)
    known = list(read_options(kind, default))
    flags, program = list(_flags(argv)), prog or f"python {sys.argv[0]}"
    if {"-h", "--help"} & set(flags):
        own = "this recipe" if prog is None else "options"
        print(help_text(kind, known, description, program, own))
        raise SystemExit(0)
    spellings = {flag for option in known for flag in option.flags}
    for flag in flags:
        if flag.replace("_", "-") not in spellings:  # tyro takes either
            raise ValueError(unknown_option(flag, known, program))
    with _plain_errors(known, argv):
        given = {} if default is None else {"default": default}
        return tyro.cli(kind, args=argv, prog=prog, add_help=False, **given)


def _flags(argv: Sequence[str]) -> Iterator[str]:
    """The arguments that are names of options, without values after `=`."""
    for argument in argv:
        if argument == "--":
            return
        if re.match("--?[A-Za-z]", argument):
            yield argument.partition("=")[0]


@contextlib.contextmanager
def _plain_errors(known: Sequence[Option], argv: Sequence[str]) -> Iterator[None]:
    """Turns the errors of tyro into one sentence each."""

    def refuse(event: Any) -> None:
        message = _message(event, {option.name: option for option in known}, argv)
        if message:
            raise ValueError(message)

    with on_parse_error(refuse) if on_parse_error else contextlib.nullcontext():
        yield


def _message(event: Any, known: dict[str, Option], argv: Sequence[str]) -> str | None:
    """What is wrong, in one sentence; None for an event that is not known here."""
    match type(event).__name__:
        case "MissingArgs":
            missing = [_option(one.arg, known) for one in event.missing_arguments]
            return f"give {' and '.join(_usage(option) for option in missing)}; --help explains the options."
        case "UnrecognizedArgs":
            return f"{event.tokens[0]!r} is one argument too many; --help explains the options."
        case "BadValue":
            return f"{_usage(_option(event.argument, known))}: the value is missing."
        case "InvalidChoice":
            flag, choices = _option(event.argument, known).flag, ", ".join(event.choices)
            return f"{flag} is {event.value!r}; it has to be one of {choices}."
        case "InstantiationFailure" if event.argument is None:
            return event.message
        case "InstantiationFailure":
            option = _option(event.argument, known)
            if option.kind in _MEANINGS:
                return f"{option.flag} is {_value(option, argv)!r}; it has to be {_MEANINGS[option.kind]}."
            if meaning := _MEANINGS.get(next(iter(typing.get_args(option.kind)), None)):
                return f"{option.flag}: each value has to be {meaning}."
            return f"{option.flag}: {event.message}"
    return None


def _option(argument: Any, known: dict[str, Option]) -> Option:
    """Our record of an argument of tyro."""
    return known[".".join(filter(None, [argument.intern_prefix, argument.field.intern_name]))]


def _usage(option: Option) -> str:
    return option.value if option.positional else f"{option.flag} {option.value}"


def _value(option: Option, argv: Sequence[str]) -> str:
    """The last value that was given to an option."""
    value = ""
    for argument, following in zip(argv, [*argv[1:], ""], strict=True):
        flag, equals, text = argument.partition("=")
        if flag.replace("_", "-") == option.flag:
            value = text if equals else following
    return value
