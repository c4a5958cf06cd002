"""Letter models: step functions that look up a table, so that every sequence can be counted by hand."""

import itertools
from types import SimpleNamespace

import numpy as np

from seq2seq.search import (
    Beam,
    Greedy,
    RequiredPhrases,
    Sampling,
    SpecialIds,
    Spelling,
    best_words,
    forbid_texts,
    search,
)

EOS, LETTERS = 3, (4, 5, 6)  # pad unk bos eos a b c
VOCAB_SIZE = 7
NUM_HISTORIES = 4096
SOURCE_LENGTH = 5
SPELLING = Spelling([bytes([token]) if token in LETTERS else b"" for token in range(VOCAB_SIZE)])  # each itself


class LetterEngine:
    """An engine made of a plain function: step(ids (N,), state, memory) -> (log_probs (N, V), attention, state).

    State and memory are dicts of arrays, or one array. `sizes` remembers how many rows each step had.
    """

    special_ids = SpecialIds()

    def __init__(self, step, state=None, memory=None):
        self._step, self._state, self._memory, self.sizes = step, state, memory, []

    def encode(self, source_ids, shortlist=None):
        zeros = np.zeros(len(source_ids), np.int64)
        return (value if value is not None else zeros for value in (self._memory, self._state))

    def step(self, ids, rows, state, memory, num_best):
        self.sizes.append(len(ids))
        log_probs, attention, state = self._step(ids, self.keep(state, rows), memory)
        if num_best is not None:
            log_probs = best_words(log_probs, num_best, self.special_ids)
        return log_probs, attention, state

    def keep(self, memory, sentences):
        if isinstance(memory, dict):
            return {name: self.keep(value, sentences) for name, value in memory.items()}
        return memory[sentences]


def beam_search(engine, *, max_lengths, rules=(), **options):
    return run(engine, Beam(max_lengths, **options), rules)


def greedy_search(engine, *, max_lengths, rules=(), **options):
    return run(engine, Greedy(max_lengths, **options), rules)


def sample_search(engine, *, max_lengths, rules=(), **options):
    return run(engine, Sampling(max_lengths, **options), rules)


def forbid(phrases):
    """The rule against phrases, of each sentence, in token ids."""
    return forbid_texts([list(map(bytes, some)) for some in phrases], SPELLING)


def required_search(engine, phrases, *, max_lengths, rules=(), **options):
    chooser = RequiredPhrases(max_lengths, phrases, special_ids=SpecialIds(), **options)
    return run(engine, chooser, rules)


def run(engine, chooser, rules=()):
    return search(engine, np.zeros((len(chooser.max_lengths), 1), np.int32), chooser, rules=rules)


def sequences(found, sentence=0):
    """The returned ids of a sentence without their padding; empty for a hypothesis that does not exist."""
    return [
        tuple(ids[:length].tolist()) for ids, length in zip(found.ids[sentence], found.lengths[sentence], strict=True)
    ]


def ranked(log_probs, alpha=1.0):
    """Sequences in the order of their penalised scores, counted in Python."""
    return sorted(log_probs, key=lambda ids: -log_probs[ids] / ((5 + len(ids)) / 6) ** alpha)


def count(ids, phrase):
    """How often a phrase stands in a sequence, also overlapping itself."""
    return sum(tuple(ids[start : start + len(phrase)]) == tuple(phrase) for start in range(len(ids)))


def make_letter_model(seed, *, num_sentences=1, spread=1.5, attends=True):
    """A random model of which each prefix of each sentence has its own next-token distribution.

    The prefix is kept in the state as one number (its digits in base 7), so a search that moves the rows of
    the state wrongly reads the wrong distributions. The attention of a prefix is a distribution too.
    """
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=spread, size=(num_sentences, NUM_HISTORIES, VOCAB_SIZE)).astype("float32")
    attention = rng.dirichlet(np.ones(SOURCE_LENGTH), size=(num_sentences, NUM_HISTORIES)).astype("float32")
    log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))

    def step(ids, state, memory):
        code = (state["code"] * VOCAB_SIZE + ids) % NUM_HISTORIES
        where = state["sentence"], code
        return log_probs[where], attention[where] if attends else None, {"sentence": state["sentence"], "code": code}

    def engine(sentences=range(num_sentences)):
        sentences = np.array(sentences)
        return LetterEngine(step, {"sentence": sentences, "code": np.zeros_like(sentences)})

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

    return SimpleNamespace(step=step, engine=engine, read=read, every_sequence=every_sequence)


def constant_engine(probabilities):
    """A model that always gives the same probabilities."""
    row = np.full(VOCAB_SIZE, -np.inf, "float32")
    for token, probability in probabilities.items():
        row[token] = np.log(probability)
    return LetterEngine(lambda ids, state, memory: (np.tile(row, (len(ids), 1)), None, state))


def reading_memory(make_model):
    """An engine of 16 sentences whose step reads from memory which sentence each row belongs to."""
    model = make_model(seed=3, num_sentences=16)

    def step(ids, state, memory):
        sentence = np.repeat(memory, len(ids) // len(memory))
        log_probs, _, state = model.step(ids, {"code": state, "sentence": sentence}, None)
        return log_probs, None, state["code"]

    return LetterEngine(step, state=np.zeros(16, np.int64), memory=np.arange(16))
