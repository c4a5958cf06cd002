"""Few sizes of batch: TensorFlow's fast products keep something for each shape they meet, a megabyte and more.

Four sizes between a power of two and the next: 1 .. 8, 10, 12, 14, 16, 20, 24, 28, 32, 40 ... No TensorFlow is needed.
"""

import bisect

SIZES = (1, 2, 3, *(quarters << power for power in range(17) for quarters in (4, 5, 6, 7)))
"""Numbers of sentences in a batch, and of tokens in them, ascending."""


def size_above(least: int) -> int:
    """The smallest of the sizes that is at least `least`."""
    return SIZES[bisect.bisect_left(SIZES, least)]


def size_within(most: int) -> int:
    """The largest of the sizes that is at most `most`, which is 1 or more."""
    return SIZES[bisect.bisect_right(SIZES, most) - 1]
