"""Tagging as a task: sentences with a label for each word, a `Tagger`, validation by accuracy and macro F1."""

from typing import ClassVar

import numpy as np
import tensorflow as tf

from seq2seq.tasks.labelling import Example, Labelling, layout_of
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.labelled import open_tagged
from seq2seq.text.labels import Labels, pieces_of_words, word_ends
from seq2seq.text.tokenizer import Tokenizer

__all__ = ["Tagging"]


class Tagging(Labelling):
    """Learning to choose a label for each word. Arguments: as for `Labelling`, with TaggingOptions."""

    layout = layout_of("tagger")
    signature: ClassVar[dict] = {
        name: tf.TensorSpec((None, None), tf.int32) for name in ("source_ids", "word_ends", "label_ids")
    }
    per_word = True
    files = "--{part}"

    def open_corpus(self, part: str) -> ParallelCorpus | None:
        path = getattr(self.options, part)
        if path is None:
            return None
        return open_tagged(path, self.options.column, max_line_bytes=self.options.data.max_line_bytes)

    def encode(self, tokenizer: Tokenizer, labels: Labels, corpus: ParallelCorpus) -> list[Example]:
        examples = []
        for text, tags in zip(corpus.source, corpus.target, strict=True):
            words = pieces_of_words(tokenizer, text.split())
            inputs = {"source_ids": [token for word in words for token in word], "word_ends": word_ends(words)}
            arrays = {name: np.array(ids, np.int32) for name, ids in inputs.items()}
            examples.append(Example(arrays, np.array([labels.id(tag) for tag in tags.split()], np.int32)))
        return examples
