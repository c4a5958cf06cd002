"""One to many: a vector becomes text (lecture 2, "Modeling Sequences Conditioned on Context with RNNs").

It is translation whose source is a line of numbers. So corpora, vocabulary of the target, validation, test scores and
the run folder are those of `Translation`; the model reads the numbers themselves.
"""

import dataclasses
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf

from seq2seq.tasks import vocabularies
from seq2seq.tasks.corpora import Corpora
from seq2seq.tasks.pipeline import batch_signature, training_dataset
from seq2seq.tasks.task import Figures, Folder
from seq2seq.tasks.translation import Translation
from seq2seq.tasks.validation import Validation
from seq2seq.tasks.vector_options import VectorFiles, VectorTests
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.encoding import EncodedCorpus, encode_corpus
from seq2seq.text.features import Features, npy_lines
from seq2seq.text.lines import text_lines
from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator import Translator

__all__ = ["VectorToSequence", "corpora_of", "exact_match", "open_vectors"]

logger = logging.getLogger("seq2seq")

_FOR_WORDS = {  # group -> options that act on a source of words
    "model": ("bidirectional", "merge", "layer_norm"),
    "vocab": ("joint",),
    "data": ("same_file", "subword_sampling"),
}


class VectorToSequence(Translation):
    """Learning to describe vectors. Arguments: as for `Translation`, and

    Args:
        corpora: the sources are lines of numbers.
        names: of the numbers of a vector; x1, x2, ... by default.
    """

    def __init__(self, options: Any, *, names: Callable[[], Sequence[str]] | None = None, **arguments: Any):
        _check_for_words(options)
        super().__init__(options, **arguments)
        self._names = names

    def _tokenizers(self, folder: Folder) -> tuple[Features, Tokenizer]:
        train = self.corpora.train
        width = len(train.source[0].split())
        features = Features(self._names() if self._names else [f"x{number}" for number in range(1, width + 1)])
        self._vectors = {name: features.read(corpus.source, corpus.name) for name, corpus in self._held().items()}
        self.signature = batch_signature(self._vectors["train"])
        options = dataclasses.replace(self.options.vocab, joint=True)  # of the target alone
        return features, vocabularies.run_tokenizers(folder, options, _targets(train))[1]

    def _held(self) -> dict[str, ParallelCorpus]:
        return {"train": self.corpora.train, "valid": self.corpora.valid}

    def _encoded(self, folder: Folder, corpus: ParallelCorpus, tokenizers: tuple[Any, Tokenizer]) -> EncodedCorpus:
        """The ids of the targets. They stand on both sides, so that batches hold texts of like length."""
        target = tokenizers[1]
        encoded = encode_corpus(_targets(corpus), target, target, max_length=self._max_length(), cache_dir=folder.cache)
        report = encoded.report
        logger.info(
            f"{corpus.name}: {report.pairs:,} of {report.lines:,} vectors have a text of at most {report.max_length} "
            f"pieces; {report.mean_target_length:.1f} pieces a text (at most {report.max_target_length})."
        )
        return encoded

    def _validate_by(self, translator: Translator, valid_ids: EncodedCorpus) -> Validation:
        limits = {"batch_tokens": self.options.data.batch_tokens, "seed": self.seed}
        limits |= {"vectors": self._vectors["valid"]}
        return _Validation(self.model, translator, self.corpora.valid, valid_ids, self.options.validation, **limits)

    def batches(self, start: int) -> tf.data.Dataset:
        return training_dataset(self._train_ids, self._plan, start=start, vectors=self._vectors["train"])

    def validate(self, interrupted: Callable[[], bool] = lambda: False) -> Figures:
        figures = super().validate(interrupted)
        return dataclasses.replace(figures, summary=f"{figures.summary}  exact {figures.values['exact']:.1%}")


def _check_for_words(options: Any) -> None:
    """Refuses options that would have no effect on vectors."""
    for group, names in _FOR_WORDS.items():
        given = getattr(options, group)
        for name in names:
            if getattr(given, name) != getattr(type(given)(), name):
                raise ValueError(f"{given.flag(name)} is for a source of words, but a vector has none. Leave it out.")


class _Validation(Validation):
    """Validation with the share of texts that are exactly the reference; samples show the names of features."""

    def more_figures(self, hypotheses: Sequence[str], references: Sequence[str]) -> dict[str, float]:
        return {"exact": exact_match(hypotheses, references)}

    def shown_source(self, line: str) -> str:
        return self.translator.engine.source_tokenizer.describe(line)


def exact_match(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Share of the hypotheses that are exactly their references."""
    return sum(map(str.__eq__, hypotheses, references)) / len(references)


def open_vectors(group: str, files: VectorFiles | VectorTests) -> ParallelCorpus | None:
    """The corpus of --GROUP.vectors and --GROUP.target, or None if neither is named. Its sources are lines of numbers.

    Raises:
        ValueError: one of them is missing, or they have different numbers of lines.
    """
    if files.vectors is None and files.target is None:
        return None
    if files.vectors is None or files.target is None:
        missing = "vectors" if files.vectors is None else "target"
        raise ValueError(f"--{group}.{missing} is missing: vectors and their texts come as two files.")
    path = Path(files.vectors)
    vectors, texts = list(npy_lines(path)) if path.suffix == ".npy" else _read_lines(path), _read_lines(files.target)
    if len(vectors) != len(texts):
        raise ValueError(f"{path} has {len(vectors):,} vectors, but {files.target} has {len(texts):,} lines.")
    return ParallelCorpus.from_lines(vectors, texts, name=str(path))


def _read_lines(path: Path) -> list[str]:
    with open(path, "rb") as file:
        return [line for lines in text_lines(file, path) for line in lines]


def corpora_of(options: Any, own: Callable[[], Corpora] | None) -> tuple[Corpora, bool]:
    """The corpora that the options name, or the recipe's own.

    Returns:
        (Corpora, whether they are the recipe's own).

    Raises:
        ValueError: there is text to train on, but none for validation.
    """
    found = {group: open_vectors(group, getattr(options, group)) for group in ("train", "valid", "test")}
    if found["train"] is None:
        if found["valid"] or found["test"]:
            raise ValueError("--valid.vectors and --test.vectors need --train.vectors.")
        if own is None:
            raise ValueError("there is nothing to train on: give --train.vectors and --train.target.")
        return own(), True
    if found["valid"] is None:
        raise ValueError("--train.vectors needs --valid.vectors: training is judged by vectors it has not seen.")
    tests = {"test": found["test"]} if found["test"] else {}
    return Corpora(found["train"], found["valid"], tests), False


def _targets(corpus: ParallelCorpus) -> ParallelCorpus:
    """The targets on both sides."""
    return ParallelCorpus.from_lines(corpus.target, corpus.target, name=corpus.name)
