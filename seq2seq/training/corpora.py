"""The parallel texts of a run: those of the recipe, or the user's own files."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

from seq2seq.text.corpus import ParallelCorpus
from seq2seq.training.options import TrainingOptions

__all__ = ["Corpora", "choose_corpora"]


@dataclasses.dataclass(frozen=True)
class Corpora:
    """What a run trains on, decides by, and is tested on.

    Args:
        train: learnt from.
        valid: decides about the best weights, the learning rate and the end.
        tests: name -> corpus, translated and scored once at the end. Files are named after the name.
    """

    train: ParallelCorpus
    valid: ParallelCorpus
    tests: Mapping[str, ParallelCorpus] = dataclasses.field(default_factory=dict)

    def fingerprints(self) -> dict[str, str]:
        """Name of each corpus -> sha256 of its text."""
        named = {"train": self.train, "valid": self.valid, **self.tests}
        return {name: corpus.fingerprint for name, corpus in named.items()}


def choose_corpora(
    options: TrainingOptions, own: Callable[[TrainingOptions], Corpora] | Corpora | None, cache_dir: Path
) -> Corpora:
    """The corpora named by the options; for those not named, the recipe's own.

    Args:
        options: `train_source` and the like.
        own: the recipe's corpora, or a function of the options that gets them, called only when needed.
        cache_dir: where compressed files are unpacked to.

    Raises:
        ValueError: a file is missing its partner, or there is no corpus to train or validate on.
    """
    train, valid, test = (_open(options, role, cache_dir) for role in ("train", "valid", "test"))
    tests = {"test": test} if test else {}
    if train and not valid:
        raise ValueError("--train-source needs --valid-source: training is judged by text it has not seen.")
    if train:
        return Corpora(train, valid, tests)
    if own is None:
        raise ValueError("there is nothing to train on: give --train-source and --train-target.")
    corpora = own(options) if callable(own) else own
    return Corpora(corpora.train, valid or corpora.valid, tests or corpora.tests)


def _open(options: TrainingOptions, role: str, cache_dir: Path) -> ParallelCorpus | None:
    source, target = (getattr(options, f"{role}_{side}") for side in ("source", "target"))
    if source is None and target is not None:
        raise ValueError(f"--{role}-target {target} needs --{role}-source, the text it translates.")
    if source is None:
        return None
    return ParallelCorpus.open(source, target, cache_dir=cache_dir)
