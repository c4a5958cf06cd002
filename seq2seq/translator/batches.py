"""Batches of sentences of like length, and threads that translate several batches at once."""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from seq2seq.search.sizes import count_within, length_above
from seq2seq.text.tokenizer import PAD_ID

__all__ = ["BATCH_TOKENS", "make_batches", "pad_sources", "side_by_side"]

BATCH_TOKENS = 2048
"""Most source tokens of a batch, padding included."""

_MIN_TOKENS = 256  # a text is shared out among the workers in batches of at least so many tokens
_MIN_LENGTH = 8  # sources are padded to at least so many tokens: fewer shapes for products to prepare for
_MIN_SIZE = 16  # a sentence counts as at least so many tokens, because its logits are as large as any other's

Item, Result = TypeVar("Item"), TypeVar("Result")


def make_batches(lengths: Sequence[int], batch_tokens: int, num_workers: int) -> list[list[int]]:
    """The places of the sentences of each batch.

    The longest sentences come first, so that no worker is left with them at the end.

    Args:
        lengths: tokens of each sentence.
        batch_tokens: most tokens of a batch, padding included; a batch has at least one sentence.
        num_workers: a text too short to fill a batch for each of them is divided among them.
    """
    sizes = [max(_padded_length(length), _MIN_SIZE) for length in lengths]
    budget = min(batch_tokens, max(_MIN_TOKENS, math.ceil(sum(sizes) / num_workers)))
    batches, longest_first, start = [], sorted(range(len(lengths)), key=lambda index: -lengths[index]), 0
    while start < len(longest_first):
        room = budget // sizes[longest_first[start]]
        count = count_within(max(1, min(room, len(longest_first) - start)))
        batches.append(longest_first[start : start + count])
        start += count
    return batches


def pad_sources(sources: Sequence[Sequence[int] | np.ndarray]) -> np.ndarray:
    """Sentences as an array int32 (B, S), padded on the right; vectors as float32 (B, F)."""
    if isinstance(sources[0], np.ndarray):
        return np.stack(sources)
    padded = np.full((len(sources), _padded_length(max(map(len, sources)))), PAD_ID, np.int32)
    for row, ids in zip(padded, sources, strict=True):
        row[: len(ids)] = ids
    return padded


def side_by_side(
    function: Callable[[Item], Result], items: Sequence[Item], num_workers: int
) -> Iterator[tuple[Item, Result]]:
    """Pairs (item, function(item)) in the order of the items, computed in `num_workers` threads."""
    pool = ThreadPoolExecutor(num_workers)
    try:
        yield from zip(items, pool.map(function, items), strict=True)
    finally:  # also when the caller stops early
        pool.shutdown(cancel_futures=True)


def _padded_length(length: int) -> int:
    return length_above(max(length, _MIN_LENGTH))
