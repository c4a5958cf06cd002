"""Classification as a task: labelled lines, a `Classifier`, validation by accuracy and macro F1."""

from typing import ClassVar

import numpy as np
import tensorflow as tf

from seq2seq.tasks.labelling import Example, Labelling, layout_of
from seq2seq.text.corpus import ParallelCorpus, has_both_sides
from seq2seq.text.labelled import open_labelled
from seq2seq.text.labels import Labels
from seq2seq.text.tokenizer import EOS_ID, Tokenizer

__all__ = ["Classification"]


class Classification(Labelling):
    """Learning to choose a label for a sentence. Arguments: as for `Labelling`, with ClassificationOptions."""

    layout = layout_of("classifier")
    signature: ClassVar[dict] = {
        "source_ids": tf.TensorSpec((None, None), tf.int32),
        "label_ids": tf.TensorSpec((None,), tf.int32),
    }
    files = "--{part}.text and --{part}.labels"

    def open_corpus(self, part: str) -> ParallelCorpus | None:
        files = getattr(self.options, part)
        if files.text is None and files.labels is not None:
            raise ValueError(f"--{part}.labels {files.labels} needs --{part}.text, the sentences.")
        if files.text is None:
            return None
        if files.labels is None and not has_both_sides(files.text):
            raise ValueError(f"--{part}.text {files.text} needs --{part}.labels, its labels; only a .tsv holds both.")
        return open_labelled(files.text, files.labels, max_line_bytes=self.options.data.max_line_bytes)

    def encode(self, tokenizer: Tokenizer, labels: Labels, corpus: ParallelCorpus) -> list[Example]:
        rows = zip(tokenizer.encode(list(corpus.source)), corpus.target, strict=True)
        return [
            Example({"source_ids": np.array([*ids, EOS_ID], np.int32)}, np.array([labels.id(label)], np.int32))
            for ids, label in rows
        ]
