"""Options from the command line: read by tyro, with hints for those that moved into a group."""

import re
import sys
from collections.abc import Sequence
from typing import TypeVar

import tyro

from seq2seq.groups import as_json, defaults
from seq2seq.training.options import RunOptions

__all__ = ["parse"]

Options = TypeVar("Options", bound=RunOptions)

_MOVED = {  # former spellings whose words changed
    "--attention": "model.decoder",
    "--checkpoint-every": "checkpoints.every",
    "--curriculum": "curriculum.by",
    "--keep-last": "checkpoints.keep_last",
    "--pull": "map_l2",
    "--risk": "risk.metric",
    "--sampling": "sampling.way",
    "--tokenizer": "vocab.kind",
    "--validate-every": "validation.every",
}


def parse(
    options: Options | type[Options],
    description: str | None = None,
    argv: Sequence[str] | None = None,
    *,
    prog: str | None = None,
) -> Options:
    """Reads options from the command line.

    Args:
        options: an instance with the defaults, such as a recipe's; or the class.
        description: what `--help` prints first, usually the recipe's docstring.
        argv: arguments, default those of the process.
        prog: name of the program in messages.

    Returns:
        The options. An unknown or wrong option ends the process with status 2 and a message that names the nearest one.

    Raises:
        ValueError: an option moved into a group; the message has its new name.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    kind, default = (options, {}) if isinstance(options, type) else (type(options), {"default": options})
    names = list(as_json(options) if default else defaults(kind))
    for argument in argv:
        hint = _moved(argument.partition("=")[0], names)
        if hint:
            raise ValueError(f"there is no option {argument.partition('=')[0]}; it is {hint} now.")
    return tyro.cli(kind, description=description, args=argv, prog=prog, **default)


def _moved(flag: str, names: Sequence[str]) -> str | None:
    """The new spelling of an option that a former version spelt without its group, as `--sampling-floor`."""
    flag = flag.replace("_", "-")  # tyro takes either
    if not flag.startswith("--") or flag in map(_flag, names):
        return None
    moved = _MOVED.get(flag)
    if moved in names:
        return _flag(moved)
    words = _words(flag.removeprefix("--"))
    grouped = [name for name in names if "." in name]
    same = [
        name for name in grouped if _words(name.partition(".")[2]) == words or sorted(_words(name)) == sorted(words)
    ]
    return " or ".join(map(_flag, same)) or None


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _words(name: str) -> list[str]:
    return re.split("[-._]", name)
