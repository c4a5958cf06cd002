"""`seq2seq finetune`: continue training a model on a corpus of your own."""

from collections.abc import Sequence

from seq2seq.command_line import parse
from seq2seq.training.finetune import finetune
from seq2seq.training.options import FinetuneOptions

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Fine-tune a model in a new run folder and print BLEU before and after."""
    finetune(parse(FinetuneOptions, argv=argv, prog="seq2seq finetune"))
    return 0
