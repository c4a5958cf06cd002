"""Texts as batches: parallel streams, cut into windows that follow each other."""

from collections.abc import Sequence

import numpy as np

from seq2seq.text.tokenizer import EOS_ID, PAD_ID

__all__ = ["Streams"]


class Streams:
    """Documents one after the other, divided into N streams side by side, which are read window by window.

    Row n of each batch continues row n of the batch before it, so a model can carry its state over the windows. A row
    that begins with EOS begins a document, or a stream in the middle of one: the model has read nothing before it.

    Args:
        documents: the ids of each, int (L,), without EOS, which is added.
        num_streams: int, at least 1. Most streams; a short text has fewer, so that each has a window at least.
        window: int K, at least 1. Most ids predicted in a batch, in each stream. A document begins with a new window.

    Attributes:
        num_streams: int N.
        num_windows: int. Batches of an epoch.
        window: int K, not more than the longest document needs.

    Example:
        >>> streams = Streams([np.array([4, 5, 6, 7, 8]), np.array([9])], num_streams=2, window=4)
        >>> streams.batch(0).tolist()  # the beginnings of both streams: of the first document, and of the second
        [[3, 4, 5, 6, 7], [3, 9, 3, 0, 0]]
        >>> streams.batch(1).tolist()  # the rest of the first document; the second stream has ended
        [[7, 8, 3, 0, 0], [0, 0, 0, 0, 0]]
    """

    def __init__(self, documents: Sequence[np.ndarray], *, num_streams: int, window: int):
        self.window = min(window, max(len(ids) + 1 for ids in documents))
        windows = np.concatenate([self._windows(ids) for ids in documents])
        self.num_streams = min(num_streams, len(windows))
        self.num_windows = -(-len(windows) // self.num_streams)
        missing = self.num_streams * self.num_windows - len(windows)
        windows = np.pad(windows, [(0, missing), (0, 0)], constant_values=PAD_ID)
        self._streams = windows.reshape(self.num_streams, self.num_windows, self.window + 1)
        self._streams[:, 0, 0] = EOS_ID

    def _windows(self, ids: np.ndarray) -> np.ndarray:
        """The windows of a document, int32 (W, K + 1): each begins with the last id of the one before it."""
        count = -(-(len(ids) + 1) // self.window)
        padded = np.full(count * self.window, PAD_ID, np.int32)
        padded[: len(ids)] = ids
        padded[len(ids)] = EOS_ID
        before = np.concatenate([[EOS_ID], padded[self.window - 1 : -1 : self.window]])
        return np.column_stack([before, padded.reshape(count, self.window)]).astype(np.int32)

    def batch(self, number: int) -> np.ndarray:
        """Window `number`, counted over all epochs: int32 (N, K + 1).

        The model reads all columns but the last to predict all but the first; PAD after the end of a document.
        """
        return self._streams[:, number % self.num_windows]
