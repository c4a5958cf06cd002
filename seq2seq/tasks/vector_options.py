"""Options of the task "vector to sequence". Imports no TensorFlow."""

import dataclasses
from pathlib import Path
from typing import ClassVar

from seq2seq.groups import OptionGroup
from seq2seq.search.options import BEAM_SIZES

__all__ = ["VectorFiles", "VectorTests"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class VectorFiles:
    """Vectors and the text that describes each of them."""

    vectors: Path | None = None
    """Array of NumPy (.npy), one row for each vector; or text, with one vector of numbers on each line."""
    target: Path | None = None
    """Text, one line for each vector."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class VectorTests(OptionGroup):
    """A test set, described and scored once, by the best weights."""

    GROUP: ClassVar[str] = "test"
    RANGES: ClassVar[dict] = {"beam_size": BEAM_SIZES}

    vectors: Path | None = None
    """Vectors, as for training."""
    target: Path | None = None
    """Text, one line for each vector."""
    beam_size: int = 5
    """Beam size of the search."""
