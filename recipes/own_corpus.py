"""Your own text: a translator for any two languages, trained on a parallel corpus of your own.

    python recipes/own_corpus.py --train.source train.en --train.target train.it --run-dir runs/mine

Data: two files with one sentence per line; line n of one is the translation of line n of the other. 10 % of the pairs,
at most 1 000, become the validation set, and as many the test set, unless --valid.source, --valid.target and
--test.source, --test.target name files. The run folder keeps the text held out.

Model: bidirectional GRU encoder, conditional GRU decoder with additive attention inside the recurrence (Sennrich et
al., 2017). The word vectors of the target are also the output layer.

The recipe looks at the corpus and chooses sizes, dropout, batches, warm-up and validation for it, after Sennrich &
Zhang (2019), "Revisiting low-resource neural machine translation", and our own measurements. It prints each choice with
its reason. An option that you give overrides the choice; the defaults that --help shows are those for 5 000 pairs.

Expected result on the first pairs of Multi30k, English to German, with two cores: see README.md. 5 000 pairs reach 25.5
BLEU on test_2016_flickr in ten minutes.
"""

import dataclasses
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from seq2seq.cli import run
from seq2seq.cli.programs import as_typed, seq2seq_program, show_commands
from seq2seq.command_line import parse
from seq2seq.groups import as_json, replaced
from seq2seq.model.options import ModelOptions
from seq2seq.tasks.options import DataOptions, TranslationValidation, VocabularyOptions
from seq2seq.training import TrainingOptions
from seq2seq.training.options import OptimizerOptions

if TYPE_CHECKING:  # these modules load TensorFlow
    from seq2seq.tasks import Corpora
    from seq2seq.text.statistics import CorpusStatistics

FEW_PAIRS = 500  # below which the recipe says that nothing much can be learnt
POSITIONS = {"char": 7.0, "word": 1.2}  # in place of those of `Size`, which are for unigram and bpe
BYTES_AND_LETTERS = 500  # pieces that every vocabulary has beside those of words


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingOptions):
    """Options of a run on a corpus of your own."""


DEFAULTS = Config(
    run_dir=Path("runs/own"),
    max_updates=2500,
    vocab=VocabularyOptions(size=4000, joint=True),
    data=DataOptions(batch_tokens=1000),
    optimizer=OptimizerOptions(learning_rate=0.002, warmup_updates=200, schedule="inverse_sqrt", average_decay=0.99),
    validation=TranslationValidation(every=200, patience=5),
    model=ModelOptions(
        cell="gru",
        units=256,
        embedding_dim=256,
        attention="additive",
        decoder="conditional",
        dropout=0.3,
        word_dropout=0.1,
        label_smoothing=0.1,
        tied_output=True,
    ),
)
TINY = dataclasses.replace(
    DEFAULTS,
    run_dir=Path("tiny"),
    max_updates=4,
    vocab=VocabularyOptions(size=300, joint=True),
    validation=TranslationValidation(every=2),
    model=dataclasses.replace(DEFAULTS.model, units=8, embedding_dim=8),
)


class Choice(NamedTuple):
    """An option chosen for a corpus."""

    option: str
    value: Any
    reason: str


class Size(NamedTuple):
    """Settings for corpora up to a size."""

    words: float
    """Most words of the larger side."""
    vocab: int
    positions: float
    """Positions in the batches of an epoch for each word: its pieces, and padding."""
    units: int
    layers: int
    dropout: float
    word_dropout: float
    batch_tokens: int
    epochs: int
    """After which training ends, unless validation ends it earlier."""


# The first three rows are measured, see benchmarks/README.md; the others follow the habits of the field.
SIZES = (
    #    words up to  vocab positions units layers dropout word_dropout batch_tokens epochs
    Size(25_000, 2_000, 2.0, 256, 1, 0.3, 0.1, 500, 40),
    Size(150_000, 4_000, 1.7, 256, 1, 0.3, 0.1, 1_000, 25),
    Size(1_000_000, 5_000, 1.6, 256, 1, 0.3, 0.1, 2_000, 20),
    Size(10_000_000, 8_000, 1.5, 512, 1, 0.2, 0.1, 4_000, 20),
    Size(math.inf, 16_000, 1.4, 512, 2, 0.1, 0.0, 8_000, 10),
)


def choose_sizes(corpus: "CorpusStatistics") -> list[Choice]:
    """Vocabulary, model and batches that suit a training corpus."""
    size = size_of(corpus)
    joint = corpus.shared_letters > 0.5
    distinct = corpus.source.distinct_words, corpus.target.distinct_words
    pieces = (sum(distinct) if joint else max(distinct)) + BYTES_AND_LETTERS
    enough = (
        "room for every word" if pieces < size.vocab else f"each piece has to occur often in {corpus.words:,} words"
    )
    return [
        Choice("vocab.size", min(size.vocab, pieces), enough),
        Choice(
            "vocab.joint", joint, f"{100 * corpus.shared_letters:.0f} % of the target's letters occur in the source too"
        ),
        Choice("model.units", size.units, "a larger model is slower and memorises small text"),
        Choice("model.layers", size.layers, "more layers need more text"),
        Choice("model.dropout", size.dropout, "the less text, the more dropout"),
        Choice("model.word_dropout", size.word_dropout, "share of whole words dropped, for the same reason"),
        Choice("data.batch_tokens", size.batch_tokens, "small batches make more updates of little text"),
    ]


def choose_schedule(corpus: "CorpusStatistics", config: Config) -> list[Choice]:
    """Longest pair, warm-up, validation and end of a training with these batches and this vocabulary."""
    size = size_of(corpus)
    positions = POSITIONS.get(config.vocab.kind, size.positions)
    long_line = max(corpus.source.long_line, corpus.target.long_line)
    epoch = max(1.0, corpus.words * positions / (config.data.batch_tokens * config.accumulate))  # updates
    warmup = rounded(2 * epoch, least=200, most=1000)
    every = rounded(2 * epoch, least=100, most=1000)
    last = rounded(size.epochs * epoch, least=2000, most=10**6)
    average = 0.99 if every < 500 else 0.999
    return [
        Choice(
            "data.max_length",
            rounded(2 * positions * long_line, least=100, most=500),
            f"in pieces; 99 of 100 lines have at most {long_line} words",
        ),
        Choice("optimizer.warmup_updates", warmup, f"{warmup / epoch:.1f} epochs of about {epoch:,.0f} updates"),
        Choice("validation.every", every, f"{every / epoch:.1f} epochs"),
        Choice("optimizer.average_decay", average, f"mean of the weights over about {1 / (1 - average):.0f} updates"),
        Choice("max_updates", last, f"{last / epoch:.0f} epochs"),
    ]


def size_of(corpus: "CorpusStatistics") -> Size:
    """The settings for a corpus of this size."""
    return next(size for size in SIZES if corpus.words <= size.words)


def rounded(number: float, *, least: int, most: int) -> int:
    """A number of updates or tokens in whole hundreds, from `least` to `most`."""
    return min(most, max(least, 100 * round(number / 100)))


def open_corpora(config: Config) -> "Corpora":
    """The corpora that the options name; where validation or test text is missing, pairs are held out."""
    from seq2seq.tasks.corpora import Corpora, hold_out, open_corpus, open_tests

    train = open_corpus("train", config.train, config.data, cache_dir=None)
    if train is None:
        raise ValueError("give your text: --train.source FILE --train.target FILE, or one .tsv file as source.")
    valid = open_corpus("valid", config.valid, config.data, cache_dir=None)
    tests = open_tests(config.test, config.data, cache_dir=None)
    missing = [name for name, given in (("valid", valid), ("test", tests)) if not given]
    parts = hold_out(train, config.seed, missing) if missing else {"train": train}
    return Corpora(parts["train"], valid or parts["valid"], tests or {"test": parts["test"]})


def show(corpora: "Corpora", corpus: "CorpusStatistics", choices: Sequence[Choice], config: Config) -> None:
    """Prints what the corpus is like, and each choice with its reason."""
    source, target = corpus.source, corpus.target
    print(f"{corpora.train.name}: {corpus.pairs:,} pairs to train on", end=", ")
    print(f"{source.words / corpus.pairs:.1f} and {target.words / corpus.pairs:.1f} words a line", end=", ")
    print(f"{source.distinct_words:,} and {target.distinct_words:,} distinct words")
    for name, held_out in {"validation": corpora.valid, **corpora.tests}.items():
        kept = "" if held_out.paths else ", held out from your text; the run folder keeps them"
        print(f"{name}: {len(held_out):,} pairs{kept}")
    if corpus.pairs < FEW_PAIRS:
        print(f"So few pairs teach a model next to nothing; collect {FEW_PAIRS} at least.")
    print("\nChosen for this corpus; an option that you give overrides the choice:")
    values = as_json(config)
    for option, choice, reason in choices:
        note = reason if values[option] == choice else f"yours; {typed(option, choice)} would be chosen: {reason}"
        print(f"  {typed(option, values[option]):<34}{note}")
    print(flush=True)


def typed(option: str, value: Any) -> str:
    """An option as one types it: --vocab.size 2000, --vocab.no-joint."""
    flag = "--" + option.replace("_", "-")
    if isinstance(value, bool):
        return flag if value else flag.replace(".", ".no-")
    return f"{flag} {value}"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the recipe with the options in `argv`, by default those of the process; returns the exit status."""
    from seq2seq.text.statistics import corpus_statistics
    from seq2seq.training import train

    corpora = open_corpora(parse(DEFAULTS, __doc__, argv))
    corpus = corpus_statistics(corpora.train)
    # The choices become the defaults of the command line, so that options given there override them.
    choices = choose_sizes(corpus)
    config = parse(with_choices(choices), __doc__, argv)
    choices += choose_schedule(corpus, config)
    config = parse(with_choices(choices), __doc__, argv)
    show(corpora, corpus, choices, config)
    train(config, corpora=corpora)
    run_dir, seq2seq = as_typed(config.run_dir), seq2seq_program()
    show_commands(
        {
            "translate what you type": f"{seq2seq} translate {run_dir}",
            "translate a file": f"{seq2seq} translate {run_dir} --input FILE --output FILE",
            "score the test set, with intervals": f"{seq2seq} evaluate {run_dir}",
        }
    )
    return 0


def with_choices(choices: Sequence[Choice]) -> Config:
    """The defaults with these choices in their places."""
    return replaced(DEFAULTS, {choice.option: choice.value for choice in choices})


if __name__ == "__main__":
    sys.exit(run(main, ignores_lost_output=True))
