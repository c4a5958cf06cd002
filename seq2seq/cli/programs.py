"""Programs and files as the user types them, for the commands that a program proposes to its user."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

__all__ = ["as_typed", "python_program", "seq2seq_program", "show_commands"]


def python_program() -> str:
    """How to call this Python: "python" if that is the one that a shell finds, else its path."""
    return _program(Path(sys.executable))


def seq2seq_program() -> str:
    """How to call the command `seq2seq` of this Python, which a shell may not find: see `python_program`."""
    script = Path(sys.executable).with_name("seq2seq")
    return _program(script) if script.is_file() else f"{python_program()} -m seq2seq"


def as_typed(path: str | os.PathLike) -> str:
    """A path for a shell: relative if it lies below the current folder, else absolute."""
    return shlex.quote(_from_here(path))


def show_commands(commands: Mapping[str, str]) -> None:
    """Prints what the user can do next: purpose -> command."""
    print("\nWhat you can do next:")
    for purpose, command in commands.items():
        print(f"\n  # {purpose}\n  {command}")


def _from_here(path: str | os.PathLike) -> str:
    """A path below the current folder without that folder; any other as it is, absolute."""
    absolute = Path(os.path.abspath(path))
    return str(absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else absolute)


def _program(path: Path) -> str:
    found = shutil.which(path.name)
    if found and os.path.abspath(found) == str(path):
        return path.name
    typed = _from_here(path)
    # A shell looks for a bare name elsewhere than in the current folder.
    return shlex.quote(typed if os.path.dirname(typed) else os.path.join(os.curdir, typed))
