"""A recipe on twelve words: which number is it in German? `python tiny_recipe.py --run-dir RUN`."""

import random
from pathlib import Path

from seq2seq.cli import run
from seq2seq.command_line import parse
from seq2seq.model.options import ModelOptions
from seq2seq.tasks import Corpora
from seq2seq.tasks.options import DataOptions, TestFiles, TranslationValidation, VocabularyOptions
from seq2seq.text import ParallelCorpus
from seq2seq.training import TrainingOptions, train
from seq2seq.training.options import CheckpointOptions, OptimizerOptions

ENGLISH = "one two three four five six seven eight nine ten eleven twelve".split()
GERMAN = "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf".split()

DEFAULTS = TrainingOptions(
    run_dir=Path("tiny"),
    max_updates=40,
    precision="float32",
    vocab=VocabularyOptions(kind="word", size=16),
    data=DataOptions(batch_tokens=300),
    optimizer=OptimizerOptions(learning_rate=0.02),
    validation=TranslationValidation(every=10),
    checkpoints=CheckpointOptions(every=4),
    test=TestFiles(beam_size=2),
    model=ModelOptions(cell="lstm", decoder="rnn", units=16, embedding_dim=16, dropout=0.1, tied_output=False),
)


def pairs(seed, number):
    """Corpus of `number` rows of one to six numbers."""
    draw = random.Random(seed)
    rows = [[draw.randrange(12) for _ in range(draw.randint(1, 6))] for _ in range(number)]
    source, target = ([" ".join(words[i] for i in row) for row in rows] for words in (ENGLISH, GERMAN))
    return ParallelCorpus.from_lines(source, target, name=f"numbers {seed}")


def corpora(config):
    return Corpora(pairs(1, 300), pairs(2, 20), {"test": pairs(3, 20)})


def main(argv=None):
    train(parse(DEFAULTS, __doc__, argv), corpora=corpora)
    return 0


if __name__ == "__main__":
    raise SystemExit(run(main, ignores_lost_output=True))
