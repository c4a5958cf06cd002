"""The parallel texts of a run: those of the recipe, or the user's own files."""

import dataclasses
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from seq2seq.text.corpus import ParallelCorpus, has_both_sides
from seq2seq.training.options import FinetuneOptions, RunOptions

__all__ = ["Corpora", "choose_corpora", "mixed", "open_corpus", "open_others", "open_tests"]

logger = logging.getLogger("seq2seq")


@dataclasses.dataclass(frozen=True)
class Corpora:
    """The texts of a run: for training, validation and tests.

    Args:
        train: the training text.
        valid: the validation text, which decides about the best weights, the learning rate and the end.
        tests: name -> corpus, translated and scored once at the end. The name is also that of its files.
        mixture: (lines, weight) of each corpus that `train` is joined from; empty if it is a single one. The weight is
            the number of passes over its pairs in an epoch.
    """

    train: ParallelCorpus
    valid: ParallelCorpus
    tests: Mapping[str, ParallelCorpus] = dataclasses.field(default_factory=dict)
    mixture: Sequence[tuple[int, float]] = ()

    def pair_weights(self, lines: np.ndarray) -> np.ndarray | None:
        """Weights of the pairs on these lines of `train`: float (pairs,), or None when all are alike."""
        if not self.mixture:
            return None
        sizes, weights = zip(*self.mixture, strict=True)
        return np.repeat(weights, sizes)[lines]

    def fingerprints(self) -> dict[str, str]:
        """Name of each corpus -> sha256 of its text."""
        named = {"train": self.train, "valid": self.valid, **self.tests}
        return {name: corpus.fingerprint for name, corpus in named.items()}

    def test_files(self) -> dict[str, list[str]]:
        """Name of each test set -> the files it was read from, source and target or one .tsv."""
        return {name: [str(path.resolve()) for path in corpus.paths] for name, corpus in self.tests.items()}

    def shared_pairs(self) -> dict[str, int]:
        """Name of each validation or test set -> number of its pairs that are in the training text too, if not 0."""
        judging = {"valid": self.valid, **self.tests}
        pairs = {name: list(zip(corpus.source, corpus.target, strict=True)) for name, corpus in judging.items()}
        wanted = set().union(*pairs.values())
        learnt = {pair for pair in zip(self.train.source, self.train.target, strict=True) if pair in wanted}
        shared = {name: sum(pair in learnt for pair in corpus) for name, corpus in pairs.items()}
        return {name: count for name, count in shared.items() if count}


def choose_corpora(
    options: RunOptions, own: Callable[[RunOptions], Corpora] | Corpora | None, cache_dir: Path | None
) -> Corpora:
    """The corpora of a run: those given, or those named by the options, or for those not named the recipe's own.

    Args:
        options: `train_source` and the like.
        own: Corpora, taken as they are; or a function of the options, called only when they name no training text.
        cache_dir: where compressed files are unpacked to.

    Raises:
        ValueError: a file is missing its partner, or there is no corpus to train or validate on.
    """
    if isinstance(own, Corpora):
        return own
    train = open_corpus("train", options.train_source, options.train_target, options, cache_dir)
    valid = open_corpus("valid", options.valid_source, options.valid_target, options, cache_dir)
    tests = open_tests(options, cache_dir)
    if train and not valid:
        raise ValueError("--train-source needs --valid-source: training is judged by text it has not seen.")
    if train:
        return Corpora(train, valid, tests)
    if own is None:
        raise ValueError("there is nothing to train on: give --train-source and --train-target.")
    corpora = own(options)
    if valid or tests:
        logger.info("no --train-source is given: training on the recipe's own text")
    return Corpora(corpora.train, valid or corpora.valid, tests or corpora.tests)


def open_others(options: FinetuneOptions, cache_dir: Path | None) -> list[tuple[ParallelCorpus, float]]:
    """The corpora of `options.mix_source`, each with its weight.

    Raises:
        ValueError: not as many files or weights of one kind as of the other.
    """
    pairs, weights = _paired("mix", options.mix_source, options.mix_target), options.mix_weight
    if len(weights) == 1:
        weights = weights * len(pairs)
    if len(weights) != len(pairs):
        raise ValueError(f"--mix-weight has {len(weights)} numbers for {len(pairs)} corpora; give one, or one each.")
    return [
        (open_corpus("mix", *pair, options, cache_dir), weight) for pair, weight in zip(pairs, weights, strict=True)
    ]


def mixed(corpora: Corpora, others: Sequence[tuple[ParallelCorpus, float]]) -> Corpora:
    """The corpora with others added to the training text, each by its weight."""
    if not others:
        return corpora
    parts = [(corpora.train, 1.0), *others]
    mixture = tuple((len(corpus), weight) for corpus, weight in parts)
    return dataclasses.replace(corpora, train=ParallelCorpus.joined([corpus for corpus, _ in parts]), mixture=mixture)


def open_tests(options: RunOptions, cache_dir: Path | None) -> dict[str, ParallelCorpus]:
    """The test sets named by the options: "test" if there is one, else each under the name of its source file."""
    pairs = _paired("test", options.test_source, options.test_target)
    if len(pairs) == 1:
        names = ["test"]
    else:
        names = [source.name for source, _ in pairs]
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise ValueError(f"two files of --test-source are called {min(twice)}; give files of different names.")
    return {name: open_corpus("test", *pair, options, cache_dir) for name, pair in zip(names, pairs, strict=True)}


def _paired(role: str, sources: Sequence[Path], targets: Sequence[Path]) -> list[tuple[Path, Path | None]]:
    """Each source file with its target; with None if no targets are named, for a file that has both sides."""
    if targets and len(targets) != len(sources):
        raise ValueError(
            f"--{role}-source names {len(sources)} files and --{role}-target {len(targets)}; give as many of both."
        )
    return list(zip(sources, targets or [None] * len(sources), strict=True))


def open_corpus(
    role: str, source: Path | None, target: Path | None, options: RunOptions, cache_dir: Path | None
) -> ParallelCorpus | None:
    """The corpus of `--ROLE-source` and `--ROLE-target`, or None if neither is named; `options` say how it is read.

    Raises:
        ValueError: one of them is missing, or the files are not as they should be.
    """
    if source is None and target is not None:
        raise ValueError(f"--{role}-target {target} needs --{role}-source, the text it translates.")
    if source is None:
        return None
    if target is None and not has_both_sides(source):
        raise ValueError(f"--{role}-source {source} needs --{role}-target, its translations; only a .tsv holds both.")
    how = {"same_file": options.same_file, "max_line_bytes": options.max_line_bytes}
    return ParallelCorpus.open(source, target, cache_dir=cache_dir, **how)
