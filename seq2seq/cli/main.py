"""`seq2seq COMMAND ...`: the commands of this package under one name.

Only the chosen command's module is imported, so `seq2seq --help` answers at once.
"""

import difflib
import importlib
import sys
from collections.abc import Sequence

from seq2seq import __version__
from seq2seq.cli import run

__all__ = ["console", "main"]

COMMANDS = {
    "translate": "translate text with a trained model",
    "score": "score translations against references: BLEU, chrF, TER",
    "evaluate": "translate a test set and score the result",
    "classify": "choose a label for each line of text with a trained classifier",
    "tag": "tag the words of sentences with a trained tagger",
    "finetune": "continue training a model on a corpus of your own",
    "export": "write a model to one file that can be used without TensorFlow",
    "sample": "let a language model continue prompts, or write from the beginning of a text",
    "gradients": "draw how far gradients reach back in time",
    "shortlist": "learn which target pieces a source needs, to translate faster",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that the first argument names, with the arguments after it.

    Args:
        argv: arguments, default those of the process.

    Returns:
        The exit status of the command.

    Raises:
        ValueError: there is no such command.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    if not argv or argv[0] in ("-h", "--help"):
        print(_help())
        return 0 if argv else 2
    if argv[0] == "--version":
        print(f"seq2seq {__version__}")
        return 0
    name, *arguments = argv
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"Did you mean `{near[0]}`?" if near else f"The commands are {', '.join(COMMANDS)}."
        if name == "train":
            hint = "To train, run a recipe, such as python recipes/quickstart.py."
        raise ValueError(f"there is no command `{name}`. {hint}")
    return importlib.import_module(f"seq2seq.cli.{name}").main(arguments)


def console() -> int:
    """Entry point of the installed `seq2seq`."""
    return run(main, ignores_lost_output=sys.argv[1:2] == ["finetune"])


def _help() -> str:
    commands = "\n".join(f"  {name:<10} {purpose}" for name, purpose in COMMANDS.items())
    return (
        "usage: seq2seq COMMAND [arguments]\n\n"
        f"Recurrent encoder-decoder translation on Keras 3.\n\n{commands}\n\n"
        "`seq2seq COMMAND --help` explains a command; `seq2seq --version` prints the version."
    )
