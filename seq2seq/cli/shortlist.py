"""`seq2seq shortlist`: learn from a corpus which target pieces a source sentence may need."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from seq2seq.command_line import parse
from seq2seq.ranges import check_ranges
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.encoding import encode_corpus
from seq2seq.text.files import check_output
from seq2seq.text.lines import LINE_BYTES, MAX_LINE_BYTES
from seq2seq.text.shortlist import Shortlist, check_numbers
from seq2seq.translator.opening import model_file, read_tokenizers

__all__ = ["Options", "main"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """Learn a lexical shortlist, with which `seq2seq translate --shortlist` chooses among fewer target pieces.

    A shortlist names the likeliest target pieces of each source piece under IBM Model 1, and the most frequent target
    pieces, which every sentence may use. Learn it from the text that the model was trained on.
    """

    run: tyro.conf.Positional[Annotated[Path, tyro.conf.arg(metavar="RUN")]]
    """Run folder, translator.zip or .keras file of the model that will translate."""
    source: Path
    """Source text, plain or packed (gzip, bzip2, xz, zip), or a .tsv with both sides."""
    target: Path | None = None
    """Target text, line by line the translation of the source."""
    output: Path
    """File for the shortlist, .npz."""
    translations: int = 50
    """Most target pieces for each source piece."""
    frequent: int = 100
    """How many of the most frequent target pieces every sentence may use. One of the two numbers may be 0."""
    same_file: bool = False
    """Allow source and target to be the same file, for a model that learnt to copy."""
    max_line_bytes: int = MAX_LINE_BYTES
    """Longer lines are cut there, with a warning."""

    def __post_init__(self) -> None:
        check_ranges(self, {"max_line_bytes": LINE_BYTES})
        check_numbers(self, shown=lambda name: f"--{name}")


def main(argv: Sequence[str] | None = None) -> int:
    """Learn, save, report the mean number of target pieces for a sentence."""
    options = parse(Options, argv=argv, prog="seq2seq shortlist")
    archive = model_file(options.run)
    how = {"same_file": options.same_file, "max_line_bytes": options.max_line_bytes}
    corpus = ParallelCorpus.open(options.source, options.target, **how)
    check_output(
        "--output", options.output, {"the model": archive, "--source": options.source, "--target": options.target}
    )
    source, target = read_tokenizers(options.run)
    encoded = encode_corpus(corpus, source, target, max_length=100)
    numbers = {"translations": options.translations, "frequent": options.frequent}
    shortlist = Shortlist.learn(encoded, source, target, **numbers)
    shortlist.save(options.output)
    named = sum(len(shortlist([ids.tolist()])) for ids in map(encoded.source, range(min(1000, len(encoded)))))
    mean = named / min(1000, len(encoded))
    print(f"{options.output}: {mean:.0f} of {target.vocab_size:,} target pieces for a sentence, on average")
    return 0
