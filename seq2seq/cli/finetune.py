"""`seq2seq finetune`: continue training a model on a corpus of your own."""

from collections.abc import Sequence

from seq2seq.startup import start_tensorflow
from seq2seq.training.options import FinetuneOptions, parse

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Fine-tune a model in a new run folder and print BLEU before and after."""
    options = parse(FinetuneOptions, argv=argv)
    start_tensorflow()  # here, after --help has been answered
    from seq2seq.training.finetune import finetune

    finetune(options)
    return 0
