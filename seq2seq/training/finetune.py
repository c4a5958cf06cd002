"""Fine-tuning: a finished model goes on learning from another corpus, in a run folder of its own."""

import dataclasses
import json
import logging
import random

from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.evaluation import Score, bleu
from seq2seq.training.corpora import Corpora, open_tests
from seq2seq.training.options import FinetuneOptions
from seq2seq.training.recipe import TrainedRun, train
from seq2seq.training.run_folder import write_text
from seq2seq.translator import Translator

__all__ = ["FinetunedRun", "finetune"]

logger = logging.getLogger("seq2seq")

HELD_OUT = 0.1  # share of the training pairs held out for validation when no other is given,
MOST_HELD_OUT = 500  # and at most so many of them


@dataclasses.dataclass(frozen=True)
class FinetunedRun:
    """The outcome of fine-tuning: that of the training, and BLEU of each test set before it."""

    trained: TrainedRun
    before: dict[str, Score]


def finetune(options: FinetuneOptions) -> FinetunedRun:
    """Fine-tune `options.parent` in `options.run_dir`, or go on with the fine-tuning found there.

    Returns:
        The outcome, also printed and written to finetune.json in the run folder.

    Raises:
        FileNotFoundError: there is no finished model at `options.parent`.
        ValueError: no training text, or a corpus or folder that is not as it should be.
    """
    if options.train_source is None:
        raise ValueError("there is nothing to fine-tune on: give --train-source and --train-target.")
    if options.parent.resolve() == options.run_dir.resolve():
        raise ValueError(f"--run-dir {options.run_dir} is the parent's own folder; give a new one.")
    parent = Translator.load(options.parent)
    model = parent.model
    options = dataclasses.replace(options, max_length=model.max_source_length)
    corpora = _corpora(options)
    before = {name: _score(parent, corpus, options.test_beam_size) for name, corpus in corpora.tests.items()}
    trained = train(
        options,
        lambda *_: model,
        corpora=corpora,
        tokenizers=(model.source_tokenizer, model.target_tokenizer),
    )
    _report(trained, before)
    return FinetunedRun(trained, before)


def _corpora(options: FinetuneOptions) -> Corpora:
    """The user's corpora; validation pairs are held out of the training pairs when none are given."""
    train_corpus = ParallelCorpus.open(options.train_source, options.train_target)
    tests = open_tests(options, cache_dir=None)
    if options.valid_source is not None:
        return Corpora(train_corpus, ParallelCorpus.open(options.valid_source, options.valid_target), tests)
    kept, held_out = _hold_out(train_corpus, options.seed)
    return Corpora(kept, held_out, tests)


def _hold_out(corpus: ParallelCorpus, seed: int) -> tuple[ParallelCorpus, ParallelCorpus]:
    """Divide a corpus by seed into what is learnt from and what judges."""
    count = min(MOST_HELD_OUT, int(HELD_OUT * len(corpus)))
    if count < 1:
        raise ValueError(
            f"{corpus.name} has {len(corpus)} pairs, too few to hold some out for validation. "
            f"Give --valid-source and --valid-target."
        )
    judges = set(random.Random(seed).sample(range(len(corpus)), count))
    pairs = [corpus[i] for i in range(len(corpus))]

    def part(name, chosen):
        source, target = zip(*(pairs[i] for i in range(len(pairs)) if (i in judges) == chosen), strict=True)
        return ParallelCorpus.from_lines(list(source), list(target), name=f"{corpus.name} ({name})")

    return part("training", False), part("held out", True)


def _score(translator: Translator, corpus: ParallelCorpus, beam_size: int) -> Score:
    return bleu(translator.translate(list(corpus.source), beam_size=beam_size), list(corpus.target))


def _report(trained: TrainedRun, before: dict[str, Score]) -> None:
    rows = {}
    for name, score in before.items():
        after = trained.tests[name].bleu
        print(f"{name}: BLEU {score.value:.2f} before, {after.value:.2f} after ({after.value - score.value:+.2f})")
        rows[name] = {"before": dataclasses.asdict(score), "after": dataclasses.asdict(after)}
    if not rows:
        print("no test set was given, so there is no BLEU before and after: --test-source F --test-target F")
    write_text(trained.path / "finetune.json", json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
