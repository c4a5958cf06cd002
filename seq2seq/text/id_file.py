"""The file that holds the ids of an encoded corpus.

Layout, all numbers little-endian::

    ids             int32   source 0, target 0, source 1, target 1, ... each ending in EOS
    zeros           up to a multiple of 8 bytes
    lines           int64 (pairs,)
    source_lengths  int32 (pairs,)
    target_lengths  int32 (pairs,)
    footer          JSON: key, number of ids and of pairs, counts
    size, crc32     uint64 each: bytes of the footer, checksum of all bytes before `size`
"""

import json
import logging
import mmap
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seq2seq.text.files import written_beside

FORMAT = 1  # raised when the layout, or the encoding of a line, changes
_TRAILER = struct.Struct("<QQ")

_logger = logging.getLogger("seq2seq")


class Window(NamedTuple):
    """Consecutive pairs; see the layout above."""

    ids: np.ndarray
    source_lengths: np.ndarray
    target_lengths: np.ndarray
    lines: np.ndarray


class StoredIds(NamedTuple):
    """The contents of a file; the arrays are views of the mapped file."""

    ids: np.ndarray
    source_lengths: np.ndarray
    target_lengths: np.ndarray
    lines: np.ndarray
    counts: dict


def write(path: Path, key: str, windows: Iterable[Window], counts: dict) -> None:
    """Writes windows one by one. `counts` is read after the last one."""
    with written_beside(path) as beside, open(beside, "wb") as file:
        crc, num_ids, lengths = 0, 0, []

        def put(values: bytes) -> None:
            nonlocal crc
            crc = zlib.crc32(values, crc)
            file.write(values)

        for window in windows:
            put(window.ids.astype("<i4").tobytes())
            num_ids += len(window.ids)
            lengths.append((window.lines, window.source_lengths, window.target_lengths))
        put(bytes(-4 * num_ids % 8))
        for column, dtype in zip(zip(*lengths, strict=True), ("<i8", "<i4", "<i4"), strict=True):
            for part in column:  # not joined: a column is as long as the corpus
                put(part.astype(dtype).tobytes())
        num_pairs = sum(len(lines) for lines, _, _ in lengths)
        footer = {"key": key, "num_ids": num_ids, "num_pairs": num_pairs, "counts": counts}
        footer = json.dumps(footer).encode()
        put(footer)
        file.write(_TRAILER.pack(len(footer), crc))


def read(path: Path, key: str) -> StoredIds | None:
    """Maps a file; None, with a warning, if it is damaged or belongs to another key."""
    try:
        with open(path, "rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        size, crc = _TRAILER.unpack(data[-_TRAILER.size :])
        end = len(data) - _TRAILER.size
        if crc != _crc32(data, end):
            raise ValueError("its checksum differs")
        footer = json.loads(data[end - size : end])
        if footer["key"] != key:
            raise ValueError("it belongs to another corpus")
        num_ids, num_pairs = footer["num_ids"], footer["num_pairs"]
        start = 4 * num_ids + -4 * num_ids % 8
        return StoredIds(
            ids=np.frombuffer(data, "<i4", num_ids),
            lines=np.frombuffer(data, "<i8", num_pairs, start),
            source_lengths=np.frombuffer(data, "<i4", num_pairs, start + 8 * num_pairs),
            target_lengths=np.frombuffer(data, "<i4", num_pairs, start + 12 * num_pairs),
            counts=footer["counts"],
        )
    except (ValueError, struct.error) as error:  # mmap raises ValueError for an empty file
        _logger.warning("The id cache %s is damaged (%s); the corpus is encoded anew.", path, error)
        return None


def _crc32(data: mmap.mmap, end: int, block: int = 1 << 24) -> int:
    crc = 0
    for start in range(0, end, block):
        crc = zlib.crc32(data[start : min(start + block, end)], crc)
    return crc
