"""The command line of a recipe. Reading options and printing help load no TensorFlow."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from seq2seq.training.corpora import Corpora
from seq2seq.training.options import Config, parse

__all__ = ["main"]


def main(
    config: type[Config],
    build_model: Callable[..., Any],
    description: str | None = None,
    argv: Sequence[str] | None = None,
    *,
    corpora: Callable[[Config], Corpora] | Corpora | None = None,
) -> int:
    """Read a recipe's options and train.

    What is wrong with options, files or run folder is printed as one message; SEQ2SEQ_TRACEBACK=1 shows where
    it was found.

    Args:
        config: the recipe's `Config`.
        build_model: `build_model(config, source_tokenizer, target_tokenizer)` -> `Seq2Seq`.
        description: the recipe's docstring, for `--help`.
        argv: arguments, default those of the process.
        corpora: the recipe's own corpora, see `train`.

    Returns:
        The exit status: 0, or 2 after a ValueError or OSError. SIGINT and SIGTERM while training raise
        SystemExit with 130 and 143, once a checkpoint is saved.
    """
    options = parse(config, description, argv)
    try:
        from seq2seq.training.recipe import train  # TensorFlow is loaded here, after --help has been answered

        train(options, build_model, corpora=corpora)
    except (ValueError, OSError) as error:
        if os.environ.get("SEQ2SEQ_TRACEBACK") == "1":
            raise
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before the training loop, which has its own answer
        print("interrupted", file=sys.stderr)
        return 130
    return 0
