"""Quickstart: English to German in three minutes, nothing to download.

    python recipes/quickstart.py

Data: sentence pairs of the grammar in the folder `grammar`: 30 000 for training, 500 for validation and 500 for the
test. No test sentence occurs in training.

Model: bidirectional GRU encoder, GRU decoder with additive attention outside the recurrence (Bahdanau et al., 2015;
Luong et al., 2015). In teacher forcing, attention is then a few products over the whole sequence. Both languages share
one vocabulary.

Expected result: at least 90 BLEU on the test sentences, after one to three minutes of training on 2 cores.

Variations:
- another model: --model.cell lstm, --model.layers 2, --model.decoder conditional, --model.attention general
- scheduled sampling, where the decoder reads some of its own tokens: --max-updates 8000 --sampling.way parallel
- a curriculum, which starts with easy pairs: --max-updates 8000 --curriculum.by length

`seq2seq finetune RUN` continues a finished run: on another corpus, or by minimum risk training (--risk.metric bleu).

For your own text, in any two languages, use recipes/own_corpus.py: it chooses the sizes that fit the text. With the
sizes of this recipe instead:

    python recipes/quickstart.py --run-dir runs/mine --train.source train.en --train.target train.it \
        --valid.source valid.en --valid.target valid.it

Give more --max-updates for more text. With --test.source F --test.target F a test set is translated and scored at the
end.
"""

import dataclasses
import random
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from seq2seq.cli import run
from seq2seq.cli.programs import as_typed, python_program, seq2seq_program, show_commands
from seq2seq.command_line import parse
from seq2seq.model.options import ModelOptions
from seq2seq.tasks.options import DataOptions, TranslationValidation, VocabularyOptions
from seq2seq.training import TrainingOptions
from seq2seq.training.options import OptimizerOptions

if TYPE_CHECKING:  # these modules load TensorFlow
    from seq2seq.tasks import Corpora
    from seq2seq.tasks.scoring import TestScore
    from seq2seq.training import FinishedRun


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(TrainingOptions):
    """Options of the quickstart."""

    train_pairs: int = 30_000
    """Training pairs drawn from the grammar, unless --train.source is given."""


DEFAULTS = Config(
    run_dir=Path("runs/quickstart"),
    max_updates=700,
    vocab=VocabularyOptions(size=2000, joint=True),
    data=DataOptions(batch_tokens=2000),
    optimizer=OptimizerOptions(learning_rate=0.004, warmup_updates=100, average_decay=0.99),
    validation=TranslationValidation(every=350),
    model=ModelOptions(
        cell="gru", units=192, embedding_dim=128, attention="additive", decoder="rnn", dropout=0.1, tied_output=True
    ),
)
TINY = dataclasses.replace(
    DEFAULTS,
    run_dir=Path("tiny"),
    max_updates=4,
    train_pairs=300,
    vocab=VocabularyOptions(size=300),
    validation=TranslationValidation(every=2),
    model=dataclasses.replace(DEFAULTS.model, units=8, embedding_dim=8),
)


def corpora(config: Config) -> "Corpora":
    """Sentences of the grammar. Those of validation and test do not occur in training."""
    import grammar  # the folder beside this file
    from seq2seq.tasks import Corpora
    from seq2seq.text.corpus import ParallelCorpus

    splits = grammar.corpus(seed=config.seed, train=config.train_pairs, valid=500, test=500)
    named = {
        name: ParallelCorpus.from_lines(*split, name=f"grammar {name}", languages=("en", "de"))
        for name, split in splits.items()
    }
    return Corpora(named["train"], named["valid"], {"test": named["test"]})


def run_recipe(config: Config) -> "FinishedRun":
    """Trains in `config.run_dir`, or continues the training found there, and shows what the model can do."""
    from seq2seq.training import train

    finished = train(config, corpora=corpora)
    first = None
    for name, test in finished.results.items():
        examples = draw_examples(test, config.seed)
        show(name, test, examples)
        translated = [example for example in examples if example.hypothesis]
        exact = [example for example in translated if example.hypothesis == example.reference]
        first = first or next(iter(exact + translated), None)
    if first and (picture := draw_attention(finished.path, first.source, config.test.beam_size)):
        print(f"\nThe attention map of {first.source!r} is in {as_typed(picture)}")
    show_commands(next_commands(config, finished, first and first.source))
    return finished


class Example(NamedTuple):
    """A line of a test set and its translation."""

    source: str
    reference: str
    hypothesis: str


def draw_examples(test: "TestScore", seed: int, count: int = 5) -> list[Example]:
    """A random sample of the translations."""
    examples = [Example(*lines) for lines in zip(test.sources, test.references, test.hypotheses, strict=True)]
    return random.Random(seed).sample(examples, min(count, len(examples)))


def show(name: str, test: "TestScore", examples: Sequence[Example]) -> None:
    """Prints the share of exact matches, and examples. The log has the scores."""
    exact = sum(map(str.__eq__, test.references, test.hypotheses))
    print(f"\n{name}: {exact} of {len(test.sources)} translations are exactly the reference")
    for source, reference, hypothesis in examples:
        print(f"\n  source      {source}\n  reference   {reference}\n  hypothesis  {hypothesis}")


def draw_attention(run: Path, source: str, beam_size: int) -> Path | None:
    """Draws which source pieces the model attends to for each target piece; None if it has no attention."""
    from seq2seq.pictures import attention_map
    from seq2seq.translator import Translator

    translator = Translator.load(run)
    if not translator.attends:
        return None
    [[translation]] = translator.search([source], alignments=True, beam_size=beam_size)
    return attention_map(translation, run / "attention.png")


def next_commands(config: Config, finished: "FinishedRun", source: str | None) -> dict[str, str]:
    """Purpose -> a command that works from the current folder."""
    run_dir, seq2seq = as_typed(config.run_dir), seq2seq_program()
    commands = {"translate what you type": f"{seq2seq} translate {run_dir}"}
    if source:
        commands["translate a sentence"] = f"echo {shlex.quote(source)} | {seq2seq} translate {run_dir}"
    if finished.results:
        commands["score the test set, with intervals"] = f"{seq2seq} evaluate {run_dir}"
    if config.train.source is None:
        recipe = as_typed(Path(__file__).with_name("own_corpus.py"))
        options = "--train.source train.en --train.target train.it --run-dir runs/mine"
        commands["learn from your own text: two files, line by line"] = f"{python_program()} {recipe} {options}"
    return commands


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the recipe with the options in `argv`, by default those of the process; returns the exit status."""
    run_recipe(parse(DEFAULTS, __doc__, argv))
    return 0


if __name__ == "__main__":
    sys.exit(run(main, ignores_lost_output=True))
