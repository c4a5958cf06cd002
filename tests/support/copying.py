"""An engine whose translations are known: it copies its source."""

import numpy as np

from seq2seq.search import SpecialIds, best_words
from seq2seq.translator.engine import TextEngine


class CopyEngine(TextEngine):
    """Is nearly sure to copy its source, and attends to the token that it copies.

    `batches` remembers the shape of each batch.
    """

    special_ids = SpecialIds()
    num_workers = 2
    name = "copy.zip"
    precision = "float32"

    def __init__(self, tokenizer, *, max_source_length=100, attends=True, broken=False):
        self.source_tokenizer = self.target_tokenizer = tokenizer
        self.max_source_length = max_source_length
        self.attends = attends
        self.broken = broken
        self.batches = []

    def encode(self, source_ids, shortlist=None):
        self.batches.append(source_ids.shape)
        return source_ids, np.zeros(len(source_ids), np.int64)

    def step(self, ids, rows, state, memory, num_best):
        source_ids = np.repeat(memory, len(ids) // len(memory), axis=0)
        position = state[rows]
        logits = np.zeros((len(ids), self.target_tokenizer.vocab_size), np.float32)
        logits[np.arange(len(ids)), source_ids[np.arange(len(ids)), position]] = np.nan if self.broken else 12.0
        log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        attention = np.eye(memory.shape[1], dtype=np.float32)[position] if self.attends else None
        found = log_probs if num_best is None else best_words(log_probs, num_best, self.special_ids)
        return found, attention, np.minimum(position + 1, memory.shape[1] - 1)

    def keep(self, memory, sentences):
        return memory[sentences]
