"""Letter models: step functions that look up a table, so that every sequence can be counted by hand."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

EOS, LETTERS = 3, (4, 5, 6)  # pad unk bos eos a b c
VOCAB_SIZE = 7
NUM_HISTORIES = 4096
SOURCE_LENGTH = 5


def make_letter_model(seed, *, num_sentences=1, spread=1.5, attends=True):
    """A random model of which each prefix of each sentence has its own next-token distribution.

    The prefix is kept in the state as one number (its digits in base 7), so a search that moves the rows of
    the state wrongly reads the wrong distributions. The attention of a prefix is a distribution too.
    """
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=spread, size=(num_sentences, NUM_HISTORIES, VOCAB_SIZE)).astype("float32")
    attention = rng.dirichlet(np.ones(SOURCE_LENGTH), size=(num_sentences, NUM_HISTORIES)).astype("float32")
    log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))

    def step(ids, state, memory=()):
        code = (state["code"] * VOCAB_SIZE + ids) % NUM_HISTORIES
        where = tf.stack([state["sentence"], code], axis=1)
        weights = tf.gather_nd(attention, where) if attends else None
        return tf.gather_nd(logits, where), weights, {"sentence": state["sentence"], "code": code}

    def start(sentences=range(num_sentences)):
        sentences = tf.constant(list(sentences), tf.int32)
        return {"sentence": sentences, "code": tf.zeros_like(sentences)}

    def read(ids, sentence=0):
        """The log-probability of ids (end token included) and its attention, token by token."""
        code, total, weights = 0, 0.0, []
        for before, token in zip([2, *ids[:-1]], ids, strict=True):
            code = (code * VOCAB_SIZE + before) % NUM_HISTORIES
            total += float(log_probs[sentence, code, token])
            weights.append(attention[sentence, code])
        return total, np.array(weights)

    def every_sequence(max_length, sentence=0, min_length=1):
        """All sequences of min_length to max_length tokens with their log-probabilities."""
        return {
            (*letters, EOS): read([*letters, EOS], sentence)[0]
            for length in range(min_length - 1, max_length)
            for letters in itertools.product(LETTERS, repeat=length)
        }

    return SimpleNamespace(step=step, start=start, read=read, every_sequence=every_sequence)


@pytest.fixture
def letter_model():
    return make_letter_model


@pytest.fixture
def constant_model():
    """A model that always gives the same probabilities: `constant_model({EOS: 0.6, A: 0.4})`."""

    def make(probabilities):
        row = np.full(VOCAB_SIZE, -np.inf, "float32")
        for token, probability in probabilities.items():
            row[token] = np.log(probability)

        def step(ids, state, memory=()):
            return tf.tile(tf.constant(row)[tf.newaxis], [tf.shape(ids)[0], 1]), None, state

        return step

    return make
