"""The one loop of every search: it asks an engine for log-probabilities, and a chooser picks tokens.

The loop knows a model only as an engine. It runs on the host, in NumPy.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from seq2seq.search.engine import Engine
from seq2seq.search.hypotheses import LOG_ZERO, NEG_INF, Hypotheses, SpecialIds
from seq2seq.search.proposals import Proposals, best_words

__all__ = ["Chooser", "Chosen", "Rule", "search"]

_DROP_ONE_IN = 8  # dropping sentences copies the memory, so it waits until one in so many has finished


Rule = Callable[[np.ndarray, np.ndarray, np.ndarray], None]
"""rule(allowed bool (N, V), prefixes int32 (N, t), sentences int (N,)) sets False where a token may not come next.

A rule that forces a token sets it True and all others False, so the last rule wins.
"""


class Chosen(NamedTuple):
    """The tokens that a chooser picks at one position for the R sentences in the batch."""

    ids: np.ndarray  # int32 (R, K), the next token of each hypothesis
    parents: np.ndarray  # int32 (R, K), which row of the sentence it continues
    live: np.ndarray  # bool (R,), whether a hypothesis of the sentence goes on


class Chooser(Protocol):
    """Picks tokens and keeps the hypotheses that have ended. A chooser serves one search."""

    max_lengths: np.ndarray  # int (B,), most tokens for each sentence, end token included
    num_best: int | None  # how many words of each row it wants to see; None for all
    rules: Sequence[Rule]  # its own, applied after those of the caller

    def choose(self, length: int, sentences: np.ndarray, proposals: Proposals) -> Chosen:
        """Picks the token at position `length`, counted from 1.

        Args:
            length: tokens of a hypothesis that ends now.
            sentences: int (R,). Which sentences are in the batch, ascending.
            proposals: of N = R * L rows, L = 1 at the first position and K after it.
        """

    def ended(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(scores, log_probs, lengths, rows), each (B, n), best first; `rows`: which row of its sentence ended."""


def search(
    engine: Engine,
    source_ids: np.ndarray,
    chooser: Chooser,
    *,
    rules: Sequence[Rule] = (),
    shortlist: np.ndarray | None = None,
    alignments: bool = True,
) -> Hypotheses:
    """Finds target sequences of a batch of sentences. Finished sentences leave the batch.

    Args:
        engine: the model.
        source_ids: int32 (B, S), right-padded.
        chooser: `Greedy`, `Beam`, `RequiredPhrases` or `Sampling`, made for these B sentences.
        rules: which tokens are allowed. They need the log-probabilities of all tokens, which takes longer.
        shortlist: int32 (v,). The target ids to choose from, rising, special ids first; None for all.
        alignments: keep attention for the hypotheses.

    Returns:
        `Hypotheses`, in the order of the chooser.
    """
    memory, state = engine.encode(source_ids, shortlist)
    sentences = np.arange(len(source_ids))
    ids = np.full(len(sentences), engine.special_ids.bos, np.int32)
    rows = np.arange(len(sentences), dtype=np.int32)
    prefixes = np.zeros((len(sentences), 0), np.int32)
    rules = [*rules, *chooser.rules]
    num_best = None if rules else chooser.num_best
    history: list[_Position] = []
    for length in range(1, int(chooser.max_lengths.max(initial=1)) + 1):
        found, attention, state = engine.step(ids, rows, state, memory, num_best)
        num_rows = len(ids) // len(sentences)  # of a sentence, at this position
        if rules:
            prefixes = np.column_stack([prefixes[rows], ids]) if length > 1 else prefixes
            found = _allowed(found, prefixes, np.repeat(sentences, num_rows), rules, engine.special_ids)
        if num_best is None:
            found = best_words(found, chooser.num_best, engine.special_ids)
        chosen = chooser.choose(length, sentences, found)
        history.append(_Position(sentences, chosen.ids, chosen.parents, attention if alignments else None))
        if not chosen.live.any():
            break
        staying = np.arange(len(sentences))
        if np.count_nonzero(~chosen.live) * _DROP_ONE_IN >= len(sentences):
            staying = np.flatnonzero(chosen.live)
            sentences, memory = sentences[staying], engine.keep(memory, staying)
        ids = chosen.ids[staying].ravel()
        rows = (staying[:, np.newaxis] * num_rows + chosen.parents[staying]).ravel().astype(np.int32)
    return _read_back(history, *chooser.ended(), engine.special_ids)


def _allowed(
    log_probs: np.ndarray, prefixes: np.ndarray, sentences: np.ndarray, rules: Sequence[Rule], special_ids: SpecialIds
) -> np.ndarray:
    """The log-probabilities, with minus infinity for tokens that the rules do not allow.

    A token always remains: the end, where the rules allow nothing. Where the model gives no allowed token any
    probability, each of them gets `LOG_ZERO`.
    """
    allowed = np.ones(log_probs.shape, bool)
    allowed[:, [special_ids.pad, special_ids.unk, special_ids.bos]] = False
    for rule in rules:
        rule(allowed, prefixes, sentences)
    allowed[~allowed.any(axis=1), special_ids.eos] = True
    log_probs = np.where(allowed, log_probs, NEG_INF)
    impossible = log_probs.max(axis=1) == NEG_INF
    log_probs[impossible] = np.where(allowed[impossible], LOG_ZERO, NEG_INF)
    return log_probs


class _Position(NamedTuple):
    """The picks at one position."""

    sentences: np.ndarray  # int (R,), those in the batch, ascending
    ids: np.ndarray  # int32 (R, K)
    parents: np.ndarray  # int32 (R, K)
    attention: np.ndarray | None  # float32 (N, S), of the rows that picked


def _read_back(
    history: Sequence[_Position],
    scores: np.ndarray,
    log_probs: np.ndarray,
    lengths: np.ndarray,
    rows: np.ndarray,
    special_ids: SpecialIds,
) -> Hypotheses:
    """Reads the ended hypotheses from the history, from their ends back to their first tokens."""
    longest = max(int(lengths.max(initial=0)), 1)  # 1 if nothing ended, because the numbers were not finite
    ids = np.full((*lengths.shape, longest), special_ids.pad, np.int32)
    attention = None
    if history[0].attention is not None:
        attention = np.zeros((*ids.shape, history[0].attention.shape[-1]), np.float32)
    rows = rows.copy()
    for position in reversed(range(longest)):
        at = history[position]
        sentence, rank = np.nonzero(lengths > position)
        place = np.searchsorted(at.sentences, sentence)
        is_end = lengths[sentence, rank] == position + 1
        row = rows[sentence, rank]
        parent = np.where(is_end, row, at.parents[place, row])  # the row that picked its token here
        ids[sentence, rank, position] = np.where(is_end, special_ids.eos, at.ids[place, row])
        rows[sentence, rank] = parent
        if attention is not None:
            num_rows = len(at.attention) // len(at.sentences)
            attention[sentence, rank, position] = at.attention[place * num_rows + parent]
    return Hypotheses(ids, lengths, scores, log_probs, attention)
