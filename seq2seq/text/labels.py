"""Names of labels and their ids; and words as the pieces that a tagger reads."""

import itertools
import json
from collections.abc import Iterable, Sequence

from seq2seq.text.files import one_line
from seq2seq.text.tokenizer import UNK_ID, Tokenizer

__all__ = ["Labels", "parts_of_sentence", "pieces_of_words", "word_ends"]

_MOST = 10_000  # labels
_LONGEST = 200  # characters of a label


class Labels(Sequence[str]):
    """The labels of a model. The id of a label is its place, from 0.

    Args:
        names: the labels, all different: at least two, at most 10,000.

    Raises:
        ValueError: too few or too many labels, one that is empty, too long or of several lines, or one twice.

    Example:
        >>> labels = Labels(["past", "present"])
        >>> labels.id("present"), labels[0]
        (1, 'past')
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        for name in self.names:
            if not isinstance(name, str) or not name.strip() or len(name) > _LONGEST or one_line(name) != name:
                raise ValueError(
                    f"The label {one_line(str(name))[:40]!r} is not one line of 1 to {_LONGEST} characters."
                )
        self._ids = {name: number for number, name in enumerate(self.names)}
        if not 2 <= len(self.names) <= _MOST or len(self._ids) < len(self.names):
            raise ValueError(
                f"Got {len(self.names)} labels, {len(self._ids)} different; expected 2 to {_MOST:,}, all different."
            )

    @classmethod
    def from_json(cls, data: bytes) -> "Labels":
        """Reads what `to_json` wrote, also from a stranger.

        Raises:
            ValueError: it is no list of labels.
        """
        try:
            names = json.loads(data)
        except RecursionError as error:
            raise ValueError("labels.json is nested too deeply.") from error
        if not isinstance(names, list):
            raise ValueError(f"labels.json holds a value of type {type(names).__name__}; expected a list of names.")
        return cls(names)

    def to_json(self) -> bytes:
        return json.dumps(self.names, ensure_ascii=False).encode()

    def id(self, name: str) -> int | None:
        """The id of a label, or None if there is no such label."""
        return self._ids.get(name)

    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        return self.names[index]

    def __len__(self) -> int:
        return len(self.names)


def pieces_of_words(tokenizer: Tokenizer, words: Sequence[str], limit: int | None = None) -> list[list[int]]:
    """The pieces of each word, at least one.

    Args:
        tokenizer: Tokenizer.
        words: without blanks.
        limit: most pieces of a word; further ones are left out at its beginning, because endings tell more.
    """
    found = [ids or [UNK_ID] for ids in tokenizer.encode(words)]  # of invisible characters alone there are none
    return [ids[-limit:] for ids in found] if limit else found


def parts_of_sentence(words: Sequence[list[int]], limit: int) -> list[list[list[int]]]:
    """Words as parts of at most `limit` pieces each."""
    parts: list[list[list[int]]] = []
    room = 0
    for word in words:
        if len(word) > room:
            parts.append([])
            room = limit
        parts[-1].append(word)
        room -= len(word)
    return parts


def word_ends(words: Sequence[list[int]]) -> list[int]:
    """The position of each word's last piece."""
    return [end - 1 for end in itertools.accumulate(map(len, words))]
