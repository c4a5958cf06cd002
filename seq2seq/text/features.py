"""Vectors as the source of a text: the names of their numbers, and lines of numbers separated by blanks."""

import difflib
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from seq2seq.text.files import one_line

__all__ = ["Features", "npy_lines"]

_MOST = 1_000_000  # numbers of a vector


class Features:
    """The numbers of a vector by name: what a tokenizer is to text.

    Args:
        names: of the numbers, in their order.

    Raises:
        ValueError: there is none, or a name is no text.
    """

    def __init__(self, names: Sequence[str]):
        self.names = tuple(names)
        if not 1 <= len(self.names) <= _MOST or not all(isinstance(name, str) for name in self.names):
            raise ValueError(f"a vector has 1 to {_MOST:,} numbers, each with a name; got {len(self.names):,} names.")
        self._places = {name: place for place, name in enumerate(self.names)}

    @classmethod
    def from_json(cls, data: bytes) -> "Features":
        """Reads what `model` gave.

        Raises:
            ValueError: it is damaged.
        """
        try:
            names = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"the names of its features are no JSON: {error}") from error
        if not isinstance(names, list):
            raise ValueError("the names of its features are no list.")
        return cls(names)

    @property
    def model(self) -> bytes:
        """The names as a file."""
        return json.dumps(self.names, ensure_ascii=False).encode()

    @property
    def fingerprint(self) -> str:
        """Checksum of the names."""
        return hashlib.sha256(self.model).hexdigest()

    @property
    def vocab_size(self) -> int:
        """How many numbers a vector has."""
        return len(self.names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Features) and self.names == other.names

    def __hash__(self) -> int:
        return hash(self.names)

    def read(self, lines: Sequence[str], name: str = "") -> np.ndarray:
        """The vectors of some lines, float32 (lines, numbers).

        Args:
            lines: all numbers of a vector, separated by blanks; or the names of those that are not 0, as `describe`
                writes them.
            name: of the text, for messages, which then count its lines from 1.

        Raises:
            ValueError: a line has not as many numbers, an unknown name, or a number that is not finite.
        """
        vectors = np.zeros((len(lines), len(self.names)), np.float32)
        for row, line in enumerate(lines):
            where = f"{name}:{row + 1}" if name else "A line"
            items = line.split()
            if items and not any(map(_is_number, items)):
                self._fill(vectors[row], items, where)
            else:
                self._read_numbers(vectors[row], items, where)
            if not np.isfinite(vectors[row]).all():
                raise ValueError(f"{where} holds a number that is not finite, or too large for float32: {line[:40]!r}.")
        return vectors

    def _read_numbers(self, vector: np.ndarray, items: Sequence[str], where: str) -> None:
        shown = " ".join(items)[:40]
        if len(items) != len(self.names):
            raise ValueError(
                f"{where} has {len(items):,} numbers ({shown!r}); the model reads vectors of "
                f"{len(self.names):,} numbers, separated by blanks."
            )
        try:
            with np.errstate(over="ignore"):  # refused by `read`
                vector[:] = items
        except ValueError:
            raise ValueError(f"{where} holds something else than numbers: {shown!r}.") from None

    def _fill(self, vector: np.ndarray, items: Sequence[str], where: str) -> None:
        """Sets the numbers that are named: NAME stands for 1, and NAME=VALUE for another number."""
        for item in items:
            name, _, value = (item, "", "1") if item in self._places else item.rpartition("=")
            if name not in self._places or not _is_number(value):
                near = difflib.get_close_matches(item, self.names, n=1)
                hint = f"did you mean {near[0]}?" if near else f"Names are {', '.join(self.names[:5])}, ..."
                raise ValueError(f"{where} names {item[:40]!r}, which the model's vectors do not have; {hint}")
            with np.errstate(over="ignore"):
                vector[self._places[name]] = value

    def pieces(self, vector: np.ndarray) -> list[str]:
        """The names of the numbers that are not 0."""
        return [self.names[place] for place in np.flatnonzero(vector)]

    def describe(self, line: str) -> str:
        """A line of numbers as names: those that are 1 by their names alone."""
        (vector,) = self.read([line])
        found = [(self.names[place], vector[place]) for place in np.flatnonzero(vector)]
        return " ".join(name if value == 1 else f"{name}={value:g}" for name, value in found)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def npy_lines(path: Path) -> Iterator[str]:
    """The vectors of a .npy file, each as a line of numbers that gives the same float32 again.

    Raises:
        ValueError: it is no file of NumPy with an array (vectors, numbers).
    """
    try:
        with np.errstate(over="ignore"):
            array = np.lib.format.open_memmap(path, mode="r")
    except OSError:
        raise
    except Exception as error:  # NumPy's errors of a damaged header have no common base class
        raise ValueError(f"{path} is no .npy file, or a damaged one: {one_line(error)}") from error
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        raise ValueError(
            f"{path} holds an array of shape {array.shape} and type {array.dtype}; expected numbers of shape "
            "(vectors, numbers of a vector)."
        )
    for vector in array:
        with np.errstate(over="ignore"):  # too large for float32 becomes "inf", which `Features.read` refuses
            numbers = vector.astype(np.float32).tolist()
        yield " ".join(f"{number:.9g}" for number in numbers)
