"""What classification and tagging have in common: labelled text, batches, validation, and the test at the end."""

import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from seq2seq.model.composition import check_recurrence, compose_labels
from seq2seq.model.label_model import LabelModel
from seq2seq.model.objectives.objective import Objective
from seq2seq.tasks import vocabularies
from seq2seq.tasks.corpora import Corpora, hold_out
from seq2seq.tasks.label_options import LabelOptions
from seq2seq.tasks.label_scoring import SCORES, LabelTest, score_labels
from seq2seq.tasks.task import LARGEST_LOSS, Figures, Folder, Interrupted, Layout, Task, UselessWeights
from seq2seq.text.batches import Batch, BatchPlan
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.label_scores import label_scores
from seq2seq.text.labelled import check_labels, known_labels
from seq2seq.text.labels import Labels
from seq2seq.text.tokenizer import Tokenizer

__all__ = ["Example", "Labelling", "layout_of"]

logger = logging.getLogger("seq2seq")

_PREFETCH = 4  # batches prepared while the model computes
_NAMES = {"accuracy": "accuracy", "macro_f1": "macro F1"}


class Example(NamedTuple):
    """A labelled sentence as ids: name of each input -> int32 (n,)."""

    inputs: Mapping[str, np.ndarray]
    label_ids: np.ndarray

    @property
    def length(self) -> int:
        return len(self.inputs["source_ids"])


def layout_of(kind: str) -> Layout:
    """The files of a run of this kind of model."""
    made = (SCORES, "*.confusion.png", "*.labels.txt", "*.source.txt", "*.target.txt")
    return Layout(f"{kind}.keras", files=(f"{kind}.zip", f"{kind}.int8.zip", *made), kept=("source.model",))


class Labelling(Task):
    """Base of the tasks that choose labels. A subclass gives `open_corpora`, `encode`, `signature` and `layout`.

    Args:
        options: LabelOptions, with the group `model`.
        seed: int. Of initial weights, batches and the text held out.
        corpora: the corpora of the run; or a function that opens those used where `options` names no training text.
    """

    per_word: ClassVar[bool] = False
    """Whether each word has a label."""
    files: ClassVar[str] = ""
    """The options that name the files of a part of the data, for messages."""

    def __init__(
        self, options: LabelOptions, *, seed: int, corpora: Corpora | Callable[[], Corpora] | None = None
    ) -> None:
        self.options, self.seed, self.corpora = options, seed, corpora

    def open_corpus(self, part: str) -> ParallelCorpus | None:
        """The text that the options of "train", "valid" or "test" name; None if they name none."""
        raise NotImplementedError(f"{type(self).__name__} has no open_corpus.")

    def encode(self, tokenizer: Tokenizer, labels: Labels, corpus: ParallelCorpus) -> list[Example]:
        """The ids of a corpus."""
        raise NotImplementedError(f"{type(self).__name__} has no encode.")

    def read(self, cache: Path) -> dict[str, str]:
        check_recurrence(self.options.model)  # before any text is read
        if not isinstance(self.corpora, Corpora):
            self.corpora = self._own_corpora()
        parts = [self.corpora.train, self.corpora.valid, *self.corpora.tests.values()]
        self.labels = known_labels(parts, per_word=self.per_word)
        trained = known_labels(parts[:1], per_word=self.per_word)
        for corpus in parts:
            check_labels(corpus, trained, per_word=self.per_word)
        return self.corpora.fingerprints()

    def _own_corpora(self) -> Corpora:
        """The text that the options name, of which some is held out if need be; else that of the recipe."""
        found = {part: self.open_corpus(part) for part in ("train", "valid", "test")}
        if found["train"] is None:
            given = [part for part in ("valid", "test") if found[part] is not None]
            if given or self.corpora is None:
                raise ValueError(f"there is nothing to train on: give {self.files.format(part='train')}.")
            return self.corpora()
        missing = [part for part in ("valid", "test") if found[part] is None]
        if missing:
            found |= hold_out(found["train"], self.seed, missing, files=self.files)
        return Corpora(found["train"], found["valid"], {"test": found["test"]})

    def prepare(self, folder: Folder, precision: str) -> tuple[LabelModel, Objective]:
        folder.add_to_record({"tests": self.corpora.store(folder.path)})
        texts = {"source.model": (self.corpora.train.source,)}
        (tokenizer,) = vocabularies.learn_or_read(folder, self.options.vocab, texts)
        limit = self.options.data.max_length
        examples = self.encode(tokenizer, self.labels, self.corpora.train)
        self._train = [example for example in examples if example.length <= limit]
        if not self._train:
            raise ValueError(f"no training sentence has at most {limit} pieces. Give a larger --data.max-length.")
        self._valid = self.encode(tokenizer, self.labels, self.corpora.valid)
        self._plan = self._batches_of(self._train)
        self.batches_per_epoch = self._plan.batches_per_epoch
        batches = "batch" if self.batches_per_epoch == 1 else "batches"
        logger.info(
            f"{len(self._train):,} of {len(examples):,} training sentences ({len(examples) - len(self._train):,} over "
            f"{limit} pieces), {len(self._valid):,} for validation; {len(self.labels)} labels; "
            f"{tokenizer.vocab_size:,} pieces; {self.batches_per_epoch:,} {batches} an epoch"
        )
        keras.utils.set_random_seed(self.seed)  # for the initial weights; nothing later draws from it
        self.model = compose_labels(self.options.model, tokenizer, tuple(self.labels), max_source_length=limit)
        self._evaluate = tf.function(self.model.evaluate_labels, input_signature=[self.signature], autograph=False)
        lines = range(len(self._valid))
        self._shown = sorted(random.Random(self.seed).sample(lines, min(self.options.validation.samples, len(lines))))
        return self.model, self.model.objective()

    def _batches_of(self, examples: Sequence[Example]) -> BatchPlan:
        lengths, labels = ([of(one) for one in examples] for of in (lambda x: x.length, lambda x: len(x.label_ids)))
        return BatchPlan(lengths, labels, batch_tokens=self.options.data.batch_tokens, seed=self.seed)

    def batches(self, start: int) -> tf.data.Dataset:
        def made() -> Iterator[dict[str, np.ndarray]]:
            for _, _, batch in self._plan.batches(start):
                yield self._padded(self._train, batch)

        return tf.data.Dataset.from_generator(made, output_signature=self.signature).prefetch(_PREFETCH)

    def _padded(self, examples: Sequence[Example], batch: Batch) -> dict[str, np.ndarray]:
        """One batch as padded arrays, int32."""
        chosen = [examples[int(place)] for place in batch.indices]
        arrays = {name: _rows([one.inputs[name] for one in chosen], 0) for name in chosen[0].inputs}
        arrays["source_ids"] = _rows([one.inputs["source_ids"] for one in chosen], 0, batch.source_length)
        label_ids = _rows([one.label_ids for one in chosen], -1)
        return {**arrays, "label_ids": label_ids if self.per_word else label_ids[:, 0]}

    def validate(self, interrupted: Callable[[], bool] = lambda: False) -> Figures:
        """Loss in nats per label, accuracy and macro F1 in percent."""
        sums = {"loss_sum": 0.0, "nll_sum": 0.0, "tokens": 0}
        chosen: list[np.ndarray] = [np.zeros(0)] * len(self._valid)
        for batch in self._batches_of(self._valid).epoch(0):
            if interrupted():
                raise Interrupted
            found, labels = self._evaluate(self._padded(self._valid, batch))
            sums = {name: value + float(found[name]) for name, value in sums.items()}
            for place, row in zip(batch.indices.tolist(), labels.numpy().reshape(len(batch.indices), -1), strict=True):
                chosen[place] = row[: len(self._valid[place].label_ids)]
        loss = sums["nll_sum"] / sums["tokens"]
        if not loss <= LARGEST_LOSS:
            raise UselessWeights(f"the validation loss is {loss:g}")
        right = np.concatenate([one.label_ids for one in self._valid])
        scores = label_scores(np.concatenate(chosen), right, len(self.labels))
        values = {"loss": loss, "smoothed_loss": sums["loss_sum"] / sums["tokens"]}
        values |= {"accuracy": 100 * scores.accuracy, "macro_f1": 100 * scores.macro_f1}
        return _figures(values, self.options.validation.stop_on, tuple(self._sample(i, chosen[i]) for i in self._shown))

    def _sample(self, line: int, chosen: np.ndarray) -> str:
        names = " ".join(self.labels[int(number)] for number in chosen)
        text, right = self.corpora.valid[line]
        return f"  text    {text}\n  right   {right}\n  chosen  {names}"

    def finish(self, folder: Folder, best_update: int) -> dict[str, LabelTest]:
        """Labels and scores the test sets. Returns name -> LabelTest."""
        return score_labels(folder, self.model.kind, self.corpora, best_update=best_update, per_word=self.per_word)


def _figures(values: Mapping[str, float], stop_on: str, samples: tuple[str, ...]) -> Figures:
    loss = values["loss"]
    is_loss = stop_on == "loss"
    return Figures(
        values=values,
        rank=(-loss,) if is_loss else (values[stop_on], -loss),
        decision=f"loss {loss:.4g}" if is_loss else f"{_NAMES[stop_on]} {values[stop_on]:.2f} % with loss {loss:.4g}",
        summary=f"valid loss {loss:.3f}  accuracy {values['accuracy']:.2f} %  macro F1 {values['macro_f1']:.2f} %",
        samples=samples,
    )


def _rows(rows: Sequence[np.ndarray], filler: int, length: int = 0) -> np.ndarray:
    """Rows as an array int32 (B, n), padded on the right."""
    padded = np.full((len(rows), max(length, *map(len, rows))), filler, np.int32)
    for target, row in zip(padded, rows, strict=True):
        target[: len(row)] = row
    return padded
