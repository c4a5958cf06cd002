"""The parallel texts of a run: those of the recipe, or the user's own files."""

import dataclasses
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from seq2seq.tasks.options import DataOptions, ParallelFiles, TestFiles, TranslationOptions
from seq2seq.text.corpus import ParallelCorpus, has_both_sides
from seq2seq.text.files import write_text

__all__ = ["Corpora", "choose_corpora", "hold_out", "mixed", "open_corpora", "open_corpus", "open_tests"]

logger = logging.getLogger("seq2seq")

HELD_OUT = 0.1  # share of the training pairs that become a validation or test set
MOST_HELD_OUT = 1_000  # pairs of such a set

_PARTS = {"train": "training", "valid": "validation", "test": "test"}


@dataclasses.dataclass(frozen=True)
class Corpora:
    """The texts of a run: for training, validation and tests.

    Args:
        train: the training text.
        valid: the validation text: decides on the best weights, the learning rate and the end of training.
        tests: name -> corpus, translated and scored once at the end. The name is also that of its files.
        mixture: (lines, weight) of each corpus that `train` is joined from; empty for a single corpus. The weight is
            the number of passes over its pairs per epoch.
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

    @property
    def languages(self) -> tuple[str, str] | None:
        """Codes of source and target, told by the names of the files; None if no names tell them."""
        known = (corpus.languages for corpus in (self.train, self.valid, *self.tests.values()))
        return next(filter(None, known), None)

    def store(self, folder: Path) -> dict[str, list[str]]:
        """Writes validation and test text that has no files of its own to NAME.source.txt and NAME.target.txt.

        Returns:
            Name of each test set -> its files, source and target or one .tsv: full paths, but for files in `folder`
            only their names.
        """
        files = {}
        for name, corpus in {"valid": self.valid, **self.tests}.items():
            files[name] = [str(path.resolve()) for path in corpus.paths]
            if not corpus.paths:
                sides = {f"{name}.source.txt": corpus.source, f"{name}.target.txt": corpus.target}
                for file, lines in sides.items():
                    write_text(folder / file, "".join(f"{line}\n" for line in lines))
                files[name] = list(sides)
        return {name: files[name] for name in self.tests}

    def shared_pairs(self) -> dict[str, int]:
        """Name of each validation or test set -> number of its pairs that are in the training text too, if not 0."""
        held_out = {"valid": self.valid, **self.tests}
        pairs = {name: list(zip(corpus.source, corpus.target, strict=True)) for name, corpus in held_out.items()}
        wanted = set().union(*pairs.values())
        learnt = {pair for pair in zip(self.train.source, self.train.target, strict=True) if pair in wanted}
        shared = {name: sum(pair in learnt for pair in corpus) for name, corpus in pairs.items()}
        return {name: count for name, count in shared.items() if count}


def choose_corpora(
    options: TranslationOptions, own: Callable[[], Corpora] | Corpora | None, cache_dir: Path | None
) -> Corpora:
    """The corpora of a run: from the files that the options name, else the recipe's own.

    Args:
        options: TranslationOptions, which name the files.
        own: Corpora, which then are used whatever the options name; or a function that opens the recipe's own corpora,
            called only when the options name no training text; or None.
        cache_dir: folder for unpacked files.

    Raises:
        ValueError: a file is missing its partner, or there is no corpus to train or validate on.
    """
    if isinstance(own, Corpora):
        return own
    train = open_corpus("train", options.train, options.data, cache_dir)
    valid = open_corpus("valid", options.valid, options.data, cache_dir)
    tests = open_tests(options.test, options.data, cache_dir)
    if train and not valid:
        raise ValueError(
            "--train.source needs --valid.source: training is judged by text it has not seen. "
            "recipes/own_corpus.py holds some pairs out if you have no such text."
        )
    if train:
        return Corpora(train, valid, tests)
    if own is None:
        raise ValueError("there is nothing to train on: give --train.source and --train.target.")
    corpora = own()
    if valid or tests:
        logger.info("no --train.source is given: training on the recipe's own text")
    return Corpora(corpora.train, valid or corpora.valid, tests or corpora.tests)


def mixed(corpora: Corpora, others: Sequence[tuple[ParallelCorpus, float]]) -> Corpora:
    """The corpora with others joined to the training text.

    Args:
        corpora: Corpora.
        others: (corpus, weight) each. The weight is the number of passes over its pairs per epoch.
    """
    if not others:
        return corpora
    parts = [(corpora.train, 1.0), *others]
    mixture = tuple((len(corpus), weight) for corpus, weight in parts)
    return dataclasses.replace(corpora, train=ParallelCorpus.joined([corpus for corpus, _ in parts]), mixture=mixture)


def open_tests(files: TestFiles, data: DataOptions, cache_dir: Path | None) -> dict[str, ParallelCorpus]:
    """Name -> test set: "test" if there is one, else the name of each source file."""
    corpora = open_corpora("test", files.source, files.target, data, cache_dir)
    if len(corpora) == 1:
        return {"test": corpora[0]}
    names = [source.name for source in files.source]
    reserved = {"train", "valid"}.intersection(names)
    if reserved:
        raise ValueError(f"a file of --test.source is called {min(reserved)}, as another part of the data; rename it.")
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"two files of --test.source are called {min(twice)}; give files of different names.")
    return dict(zip(names, corpora, strict=True))


def open_corpora(
    group: str, sources: Sequence[Path], targets: Sequence[Path], data: DataOptions, cache_dir: Path | None
) -> list[ParallelCorpus]:
    """The corpora of --GROUP.source and --GROUP.target, each of which names several files.

    Raises:
        ValueError: not as many targets as sources, or the files are not as they should be.
    """
    if targets and len(targets) != len(sources):
        raise ValueError(
            f"--{group}.source names {len(sources)} files and --{group}.target {len(targets)}; give as many of both."
        )
    pairs = zip(sources, targets or [None] * len(sources), strict=True)
    return [
        open_corpus(group, ParallelFiles(source=source, target=target), data, cache_dir) for source, target in pairs
    ]


def open_corpus(group: str, files: ParallelFiles, data: DataOptions, cache_dir: Path | None) -> ParallelCorpus | None:
    """The corpus of --GROUP.source and --GROUP.target, or None if neither is named.

    Raises:
        ValueError: one of them is missing, or the files are not as they should be.
    """
    source, target = files.source, files.target
    if source is None and target is not None:
        raise ValueError(f"--{group}.target {target} needs --{group}.source, the text it translates.")
    if source is None:
        return None
    if target is None and not has_both_sides(source):
        raise ValueError(f"--{group}.source {source} needs --{group}.target, its translations; only a .tsv holds both.")
    return ParallelCorpus.open(
        source, target, cache_dir=cache_dir, same_file=data.same_file, max_line_bytes=data.max_line_bytes
    )


def hold_out(
    corpus: ParallelCorpus,
    seed: int,
    parts: Sequence[str] = ("valid",),
    *,
    files: str = "--{part}.source and --{part}.target",
) -> dict[str, ParallelCorpus]:
    """Divides a corpus by seed: 10 % of the pairs, at most 1,000, for each part, and the rest for training.

    Args:
        corpus: the pairs.
        seed: int. The same seed holds out the same pairs.
        parts: "valid", "test" or both. Copies of a pair go into the same part, and count.
        files: the options that name files of a part, for the message.

    Returns:
        "train" and each part -> corpus; no pair is in two of them. The text is not copied.

    Raises:
        ValueError: the corpus is too small.
    """
    count = min(MOST_HELD_OUT, int(HELD_OUT * len(corpus)))
    drawn = random.Random(seed).sample(range(len(corpus)), count * len(parts))
    copies = dict.fromkeys((corpus[line] for line in drawn), 0)
    for pair in zip(corpus.source, corpus.target, strict=True):
        if pair in copies:
            copies[pair] += 1
    part_of: dict[tuple[str, str], str] = {}
    held_out = dict.fromkeys(parts, 0)
    for place, line in enumerate(drawn):
        part, pair = parts[place // count], corpus[line]
        if held_out[part] < count and pair not in part_of:
            part_of[pair] = part
            held_out[part] += copies[pair]
    lines: dict[str, list[int]] = {part: [] for part in ("train", *parts)}
    for line, pair in enumerate(zip(corpus.source, corpus.target, strict=True)):
        lines[part_of.get(pair, "train")].append(line)  # a pair that occurs twice is held out with its copies
    if not all(lines.values()):
        pairs = len(set(zip(corpus.source, corpus.target, strict=True)))
        options = " and ".join(files.format(part=part) for part in parts)
        raise ValueError(f"{corpus.name} has {pairs} different pairs, too few to hold some out. Give {options}.")
    return {part: corpus.select(lines[part], name=f"{corpus.name} ({_PARTS[part]} part)") for part in lines}
