"""Language modeling as a task: one text, a `LanguageModel`, validation by bits a character, samples."""

import logging
import math
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seq2seq.model.composition import check_language_model, compose_language_model
from seq2seq.model.language_model import LanguageModel
from seq2seq.model.objectives.next_token import NextToken
from seq2seq.model.objectives.objective import Objective
from seq2seq.search import SearchOptions
from seq2seq.tasks.language_options import LanguageModelingOptions
from seq2seq.tasks.task import LARGEST_LOSS, Figures, Folder, Interrupted, Layout, Task, UselessWeights
from seq2seq.text import documents
from seq2seq.text.characters import CharacterTokenizer
from seq2seq.text.streams import Streams
from seq2seq.text.tokenizer import UNK_ID
from seq2seq.translator.archive import ExportError
from seq2seq.translator.continuation import continue_texts
from seq2seq.translator.opening import exported
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

__all__ = ["LanguageModeling"]

logger = logging.getLogger("seq2seq")

_LONG_STREAM = 5000  # characters; the few at the beginning of each, which lack what was before them, then hardly count
_WINDOW = 250  # characters of each stream that validation reads at once
_KNOWN_SHARE = 0.999  # of the characters, below which a larger vocabulary is proposed


class LanguageModeling(Task):
    """Learning to continue a text.

    Args:
        options: LanguageModelingOptions.
        seed: int. Of initial weights and samples.
        accumulate: int. Windows per update.
    """

    layout = Layout(model="language_model.keras", files=("language_model.zip", "language_model.int8.zip"))
    signature = {"target_ids": tf.TensorSpec((None, None), tf.int32)}

    def __init__(self, options: LanguageModelingOptions, *, seed: int, accumulate: int = 1):
        self.options = options
        self.seed = seed
        self.accumulate = accumulate

    def read(self, cache: Path) -> dict[str, str]:
        check_language_model(self.options.model)
        self.train, self.valid = read_text(self.options)
        return {"train": documents.fingerprint(self.train), "valid": documents.fingerprint(self.valid)}

    def prepare(self, folder: Folder, precision: str) -> tuple[LanguageModel, Objective]:
        tokenizer = CharacterTokenizer.train(self.train, vocab_size=self.options.vocab.size)
        keras.utils.set_random_seed(self.seed)  # for the initial weights; nothing later draws from it
        self.model = compose_language_model(self.options.model, tokenizer)
        self._engine = TensorFlowEngine(self.model, precision)
        train_ids, valid_ids = ([tokenizer.ids(one) for one in text] for text in (self.train, self.valid))
        _report(tokenizer, train_ids)
        data = self.options.data
        self._streams = Streams(train_ids, num_streams=data.streams, window=data.window)
        self.batches_per_epoch = self._streams.num_windows
        num_streams = max(1, min(data.streams, sum(map(len, valid_ids)) // _LONG_STREAM))
        self._valid_streams = Streams(valid_ids, num_streams=num_streams, window=_WINDOW)
        state = tf.nest.map_structure(
            lambda leaf: tf.TensorSpec((None, *leaf.shape[1:]), leaf.dtype), self.model.start(1)
        )
        signature = [self.signature["target_ids"], state]
        self._evaluate = tf.function(self.model.evaluate_window, input_signature=signature, autograph=False)
        return self.model, NextToken(self.model, self._streams.num_streams)

    def batches(self, start: int) -> Iterator[Mapping[str, Any]]:
        while True:
            yield {"target_ids": self._streams.batch(start)}
            start += 1

    def validate(self, interrupted: Callable[[], bool] = lambda: False) -> Figures:
        """The figures are "loss", in nats a character; "perplexity", e to the power of it; "bits", a character."""
        loss = self._loss(interrupted)
        if not loss <= LARGEST_LOSS:
            raise UselessWeights(f"the validation loss is {loss:g}")
        perplexity, bits = math.exp(loss), loss / math.log(2)
        return Figures(
            values={"loss": loss, "perplexity": perplexity, "bits": bits},
            rank=(-loss,),
            decision=f"loss {loss:.4g}",
            summary=f"valid loss {loss:.3f}  perplexity {perplexity:.2f}  {bits:.3f} bits a character",
            samples=tuple(self._samples(interrupted)),
        )

    def _loss(self, interrupted: Callable[[], bool]) -> float:
        """Nats a character of the validation text, read once from its beginning."""
        streams = self._valid_streams
        state, nll_sum, tokens = self.model.start(streams.num_streams), 0.0, 0
        for number in range(streams.num_windows):
            if interrupted():
                raise Interrupted
            sums, state = self._evaluate(streams.batch(number), state)
            nll_sum += float(sums["nll_sum"])
            tokens += int(sums["tokens"])
        return nll_sum / tokens

    def _samples(self, interrupted: Callable[[], bool]) -> Iterator[str]:
        """What the model writes from the beginning of a text, at each temperature."""
        epochs = int(self.model.optimizer.iterations) * self.accumulate / self.batches_per_epoch
        for temperature in self.options.validation.temperatures:
            if interrupted():
                raise Interrupted
            options = SearchOptions(search="sample", temperature=temperature, seed=self.seed)
            length = self.options.validation.sample_length
            [[sample]] = continue_texts(self._engine, [""], length=length, options=options)
            heading = f"  after {epochs:.2f} epochs, temperature {temperature:g}:"
            yield f"{heading}\n{textwrap.indent(sample.text, '    ')}"

    def finish(self, folder: Folder, best_update: int) -> None:
        try:
            exported(folder.path, "float32", "language_model")  # the best weights, for use without TensorFlow
        except ExportError as error:
            logger.warning(f"there is no language_model.zip: {error}")

    def describe(self) -> list[str]:
        streams = self._streams
        windows = "1 window" if streams.num_windows == 1 else f"{streams.num_windows:,} windows"
        lines = [f"an epoch has {windows} of up to {streams.num_streams:,} x {streams.window:,} characters"]
        if self.valid is not self.train:
            bits = documents.baselines(self.train, self.valid)
            known = f"by the frequencies of characters alone {bits['characters']:.2f}, by zlib {bits['zlib']:.2f}"
            lines.append(f"bits a character of the validation text: {known}")
        return lines


def read_text(options: LanguageModelingOptions) -> tuple[list[str], list[str]]:
    """Training and validation text of the options, as documents.

    Raises:
        ValueError: a file is empty or no text.
    """
    if options.text:
        train = documents.read_documents(options.text)
    else:
        train = ["hello"] if options.builtin == "hello" else documents.python_sources()
    if options.megabytes is not None:
        train = documents.limited(train, options.megabytes)
    if options.valid:
        return train, documents.read_documents(options.valid)
    train, valid = documents.hold_out(train)
    if not valid:
        logger.warning("the text is too short to hold a part out, so validation uses the training text itself")
    return train, valid or train


def _report(tokenizer: CharacterTokenizer, texts: Sequence[np.ndarray]) -> None:
    size = sum(map(len, texts))
    known = 1 - sum(np.count_nonzero(ids == UNK_ID) for ids in texts) / size
    count = "1 document" if len(texts) == 1 else f"{len(texts):,} documents"
    distinct = f"{len(tokenizer.characters):,} different ones are known, {known:.2%} of the text"
    logger.info(f"{size:,} characters of training text in {count}; {distinct}")
    if known < _KNOWN_SHARE:
        logger.warning(f"{1 - known:.1%} of the training text are unknown characters. Give a larger --vocab.size.")
