"""Random segmentations of text, for training: subword regularization and BPE-dropout.

SentencePiece draws them too, but its random numbers differ from process to process, even with a seed. Here they come
from a generator that the caller seeds, so that a run can be repeated.

Subword regularization: Kudo, 2018, section 3.3 (https://aclanthology.org/P18-1007). BPE-dropout: Provilkov et al.,
2020, algorithm 1 (https://aclanthology.org/2020.acl-main.170).
"""

import functools
import heapq
import itertools
import math
import random
import re
from bisect import bisect
from collections.abc import Callable
from typing import NamedTuple

from sentencepiece import sentencepiece_model_pb2

__all__ = ["subword_sampler"]

_SPACE = "\u2581"  # SentencePiece's sign for a space
_UNKNOWN_PENALTY = 10.0  # SentencePiece scores an unknown character this much below its worst piece
# Lattices are kept, because words repeat: those of this many words, of at most this many characters each (20 MB).
_CACHED_WORDS, _LONGEST_CACHED = 2**12, 32

_NORMAL, _BYTE, _USER_DEFINED = (
    getattr(sentencepiece_model_pb2.ModelProto.SentencePiece, kind) for kind in ("NORMAL", "BYTE", "USER_DEFINED")
)
_BPE = sentencepiece_model_pb2.TrainerSpec.BPE

Draw = Callable[[str, random.Random], list[int]]
"""draw(text, generator) -> the ids of one segmentation of the text."""


class _Pieces(NamedTuple):
    """The pieces of a SentencePiece model."""

    ids: dict[str, int]
    scores: dict[str, float]
    longest: int  # characters of the longest piece
    unknown_score: float
    byte_ids: tuple[int, ...]  # ids of the 256 bytes; empty if the model has no byte pieces
    unk_id: int

    def spelt(self, symbol: str) -> tuple[int, ...]:
        """The id of a piece; for a character without a piece, the ids of its bytes."""
        if symbol in self.ids:
            return (self.ids[symbol],)
        return tuple(self.byte_ids[byte] for byte in symbol.encode()) if self.byte_ids else (self.unk_id,)


class _Choice(NamedTuple):
    """The pieces that can begin at a place in a word."""

    cumulative: list[float]  # sums of probabilities, without the last one, which is 1
    pieces: list[tuple[tuple[int, ...], int]]  # (ids of a piece, place where it ends)


@functools.lru_cache(maxsize=2)  # source and target
def subword_sampler(model: bytes, alpha: float) -> Draw:
    """A function that draws segmentations of normalized text.

    Args:
        model: a SentencePiece model of type unigram or BPE.
        alpha: greater than 0. For unigram the inverse temperature: a segmentation of probability p is drawn with a
            probability proportional to p ** alpha. For BPE the probability of dropping a merge.

    Raises:
        ValueError: the model has user-defined symbols, which SentencePiece keeps whole in any context.
    """
    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    pieces = _pieces(proto)
    draw_word = (_bpe if proto.trainer_spec.model_type == _BPE else _unigram)(pieces, alpha)
    reach_across_words = any(_SPACE in piece[1:] for piece in pieces.ids)
    words = re.compile("(?s:.+)" if reach_across_words else f"{_SPACE}?[^{_SPACE}]+|{_SPACE}")

    def draw(text: str, generator: random.Random) -> list[int]:
        ids = list(itertools.chain.from_iterable(draw_word(word, generator) for word in words.findall(text)))
        return ids if pieces.byte_ids else _one_for_each_run(pieces.unk_id, ids)

    return draw


def _one_for_each_run(unk_id: int, ids: list[int]) -> list[int]:
    """The ids with each run of unknown ones replaced by a single one, as SentencePiece gives them."""
    return [id for place, id in enumerate(ids) if place == 0 or not id == ids[place - 1] == unk_id]


def _pieces(proto: sentencepiece_model_pb2.ModelProto) -> _Pieces:
    symbols = [piece.piece for piece in proto.pieces if piece.type == _USER_DEFINED]
    if symbols:
        raise ValueError(
            f"This SentencePiece model has user-defined symbols ({', '.join(symbols[:5])}), with which no "
            "segmentations can be drawn. Train without subword sampling, or learn a vocabulary by Tokenizer.train."
        )
    ids = {piece.piece: number for number, piece in enumerate(proto.pieces) if piece.type == _NORMAL}
    scores = {piece: proto.pieces[number].score for piece, number in ids.items()}
    return _Pieces(
        ids=ids,
        scores=scores,
        longest=max(map(len, ids)),
        unknown_score=min(scores.values()) - _UNKNOWN_PENALTY,
        byte_ids=tuple(number for number, piece in enumerate(proto.pieces) if piece.type == _BYTE),
        unk_id=proto.trainer_spec.unk_id,
    )


def _unigram(pieces: _Pieces, alpha: float) -> Draw:
    """Draws from the distribution over all segmentations of a word, piece by piece from left to right."""

    def choices(word: str) -> list[_Choice]:
        return _lattice([_candidates(word, start, pieces) for start in range(len(word))], alpha)

    cached = functools.lru_cache(maxsize=_CACHED_WORDS)(choices)

    def draw(word: str, generator: random.Random) -> list[int]:
        lattice = cached(word) if len(word) <= _LONGEST_CACHED else choices(word)
        ids, place = [], 0
        while place < len(word):
            more, place = lattice[place].pieces[bisect(lattice[place].cumulative, generator.random())]
            ids += more
        return ids

    return draw


def _candidates(word: str, start: int, pieces: _Pieces) -> list[tuple[tuple[int, ...], int, float]]:
    """The pieces that can begin at a place in a word: (ids, place where it ends, score)."""
    found = []
    for end in range(start + 1, min(start + pieces.longest, len(word)) + 1):
        symbol = word[start:end]
        if symbol in pieces.ids or end == start + 1:
            found.append((pieces.spelt(symbol), end, pieces.scores.get(symbol, pieces.unknown_score)))
    return found


def _lattice(candidates: list[list[tuple[tuple[int, ...], int, float]]], alpha: float) -> list[_Choice]:
    """The choice at each place in a word: forward filtering and backward sampling, with the directions exchanged.

    rest[i] is the logarithm of the sum of probability ** alpha over all segmentations of the word from place i on.
    """
    choices, rest = [None] * len(candidates), [0.0] * (len(candidates) + 1)
    for start in reversed(range(len(candidates))):
        logs = [alpha * score + rest[end] for _, end, score in candidates[start]]
        top = max(logs)
        sums = list(itertools.accumulate(math.exp(log - top) for log in logs))
        rest[start] = top + math.log(sums[-1])
        pieces = [(ids, end) for ids, end, _ in candidates[start]]
        choices[start] = _Choice([part / sums[-1] for part in sums[:-1]], pieces)
    return choices


def _bpe(pieces: _Pieces, alpha: float) -> Draw:
    """Merges neighbouring symbols as BPE does, but drops merges at random."""

    def draw(word: str, generator: random.Random) -> list[int]:
        symbols = _merged(word, pieces, alpha, generator)
        return [id for symbol in symbols for id in pieces.spelt(symbol)]

    return draw


def _merged(word: str, pieces: _Pieces, alpha: float, generator: random.Random) -> list[str]:
    """The symbols into which the characters of a word are merged."""
    symbols = list(word)  # a merged symbol stands at its first place, and "" at its other places
    before, after = list(range(-1, len(word) - 1)), list(range(1, len(word) + 1))
    heap = []  # possible merges, best first: (negative score, place of the left symbol, merged symbol)

    def propose(left: int) -> None:
        if left >= 0 and after[left] < len(word):
            merged = symbols[left] + symbols[after[left]]
            if merged in pieces.ids:
                heapq.heappush(heap, (-pieces.scores[merged], left, merged))

    def is_possible(left: int, merged: str) -> bool:  # False once one of the two symbols was merged with another
        right = after[left]
        return symbols[left] != "" and right < len(word) and symbols[left] + symbols[right] == merged

    for left in range(len(word)):
        propose(left)
    while choice := _kept(heap, is_possible, alpha, generator):
        _, left, merged = choice
        right = after[left]
        symbols[left], symbols[right] = merged, ""
        after[left] = after[right]
        if after[left] < len(word):
            before[after[left]] = left
        propose(before[left])
        propose(left)
    return [symbol for symbol in symbols if symbol]


def _kept(heap: list[tuple], is_possible: Callable, alpha: float, generator: random.Random) -> tuple | None:
    """Takes the best merge that is not dropped in this step; dropped merges come back in the next step."""
    dropped, choice = [], None
    while heap and choice is None:
        merge = heapq.heappop(heap)
        if is_possible(*merge[1:]):
            if generator.random() < alpha:
                dropped.append(merge)
            else:
                choice = merge
    for merge in dropped:
        heapq.heappush(heap, merge)
    return choice
