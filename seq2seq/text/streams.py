"""One long text as batches: parallel streams, cut into windows that follow each other."""

import numpy as np

from seq2seq.text.tokenizer import EOS_ID, PAD_ID

__all__ = ["Streams"]


class Streams:
    """A text divided into N streams of like length, side by side, which are read window by window.

    Row n of each batch continues row n of the batch before it, so a model can carry its state over the windows.

    Args:
        ids: int (L,), L at least 1. The text. A text begins where another ends: the id before the first one is EOS.
        num_streams: int, at least 1. Most streams; a short text has fewer, so that each has a window at least.
        window: int K, at least 1. Ids predicted in a batch, in each stream.

    Attributes:
        num_streams: int N.
        num_windows: int. Batches of an epoch.

    Example:
        >>> streams = Streams(np.array([5, 6, 7, 8, 9]), num_streams=2, window=2)
        >>> streams.batch(0).tolist()
        [[3, 5, 6], [7, 8, 9]]
        >>> streams.batch(1).tolist()  # one id is left; the second stream has ended
        [[6, 7], [9, 0]]
    """

    def __init__(self, ids: np.ndarray, *, num_streams: int, window: int):
        self.num_streams = max(1, min(num_streams, len(ids) // window))
        self.window = window
        self._length = -(-len(ids) // self.num_streams)
        self.num_windows = -(-self._length // window)
        text = np.full(self.num_streams * self._length + 1, PAD_ID, ids.dtype)
        text[0] = EOS_ID
        text[1 : 1 + len(ids)] = ids
        self._text = text

    def batch(self, number: int) -> np.ndarray:
        """Window `number`, counted over all epochs: int32 (N, K + 1), fewer columns at the end of an epoch.

        The model reads all columns but the last to predict all but the first; PAD where a stream has ended.
        """
        start = number % self.num_windows * self.window
        end = min(start + self.window, self._length) + 1
        rows = [self._text[first + start : first + end] for first in range(0, len(self._text) - 1, self._length)]
        return np.stack(rows).astype(np.int32)

    def begins(self, number: int) -> bool:
        """Whether window `number` is the first of an epoch, before which the model has read nothing."""
        return number % self.num_windows == 0
