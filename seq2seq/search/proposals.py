"""The best words of each row of log-probabilities, exactly, ties included."""

from typing import NamedTuple

import numpy as np

from seq2seq.search.hypotheses import NEG_INF, SpecialIds

__all__ = ["Proposals", "best_words"]

_BLOCK = 64  # tokens; the largest of each block is cheap to find


class Proposals(NamedTuple):
    """The continuations of each row: its end, and its k best words (all words, for k = V).

    Log-probabilities are the model's own, normalised over the whole vocabulary before any token is ruled out. Equal
    words come in the order of their ids.
    """

    ends: np.ndarray  # float32 (N,), of the end token
    log_probs: np.ndarray  # float32 (N, k), best first; minus infinity where there are fewer words
    ids: np.ndarray  # int32 (N, k)
    words: np.ndarray | None = None  # float32 (N, V or more), by id, if the engine gave all; minus infinity for no word


def best_words(log_probs: np.ndarray, num_best: int | None, special_ids: SpecialIds) -> Proposals:
    """The end and the best words of each row.

    The k best words stand in the k blocks of the vocabulary whose largest words are the best, so that only these
    blocks are sorted.

    Args:
        log_probs: float32 (N, V), of all tokens.
        num_best: how many words; None for all of them, in the order of their ids.
        special_ids: these are no words.
    """
    num_rows, vocab_size = log_probs.shape
    words = np.full((num_rows, -(-vocab_size // _BLOCK) * _BLOCK), NEG_INF)
    words[:, :vocab_size] = log_probs
    ends = words[:, special_ids.eos].copy()
    words[:, list(special_ids)] = NEG_INF
    if num_best is None:
        ids = np.broadcast_to(np.arange(vocab_size, dtype=np.int32), log_probs.shape)
        return Proposals(ends, words[:, :vocab_size], ids, words)
    num_best = min(num_best, vocab_size)
    blocks = words.reshape(num_rows, -1, _BLOCK)
    largest = blocks.max(axis=2)
    if np.isnan(largest).any():  # NaN is no word
        np.fmax(words, NEG_INF, out=words)
        largest = blocks.max(axis=2)
    row = np.arange(num_rows)[:, np.newaxis]
    best_blocks = np.sort(np.argsort(-largest, axis=1, kind="stable")[:, :num_best], axis=1)  # in the order of ids
    best = blocks[row, best_blocks].reshape(num_rows, -1)
    order = np.argsort(-best, axis=1, kind="stable")[:, :num_best]
    ids = best_blocks[row, order // _BLOCK] * _BLOCK + order % _BLOCK
    return Proposals(ends, best[row, order], ids.astype(np.int32), words)
