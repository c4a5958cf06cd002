"""Text to ids and back, character by character: nothing is cleaned, so newlines and indentation stay."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from seq2seq.text.cleaning import is_text
from seq2seq.text.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID

__all__ = ["CharacterTokenizer"]

_SPECIAL = ("<pad>", "<unk>", "<s>", "</s>")  # as SentencePiece names the ids 0 to 3
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_MOST_CHARACTERS = 200_000  # Unicode 16 has 154,998
_MOST_BYTES = 4 << 20


class CharacterTokenizer:
    """Turns texts into the ids of their characters, and ids into texts. It has the methods of `Tokenizer`.

    Ids are 0 padding, 1 unknown, 2 begin, 3 end of text, then the characters.

    Args:
        model: bytes of a JSON object {"characters": "..."}: every known character once, in the order of the ids.
            `CharacterTokenizer.train` makes one.

    Raises:
        ValueError: the bytes are no such object.

    Example:
        >>> tokenizer = CharacterTokenizer.train(["hello"])
        >>> tokenizer.encode(["hell"])
        [[6, 5, 4, 4]]
        >>> tokenizer.decode([[6, 5, 4, 4, 3]])
        ['hell']
    """

    kind = "character"

    def __init__(self, model: bytes) -> None:
        self.model = bytes(model)
        self.characters = _read(self.model)
        self.vocab_size = len(_SPECIAL) + len(self.characters)
        self.fingerprint = hashlib.sha256(self.model).hexdigest()
        self._names = (*_SPECIAL, *self.characters)
        codes = np.array([ord(character) for character in self.characters])
        self._ids = np.full(codes.max() + 2, UNK_ID, np.int32)  # code point -> id; the last one is unknown
        self._ids[codes] = np.arange(len(_SPECIAL), self.vocab_size)

    @classmethod
    def train(cls, texts: Iterable[str], *, vocab_size: int = 128) -> "CharacterTokenizer":
        """Takes the most frequent characters of the texts, of equally frequent ones those of the lowest code points.

        Args:
            texts: the training text.
            vocab_size: most ids, special ones included. Rarer characters are unknown.

        Raises:
            ValueError: the texts have no character, or `vocab_size` leaves room for none.
        """
        if vocab_size <= len(_SPECIAL):
            raise ValueError(f"{vocab_size} ids leave no room for characters: the first {len(_SPECIAL)} are special.")
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(text)
        ranked = sorted((one for one in counts if is_text(one)), key=lambda one: (-counts[one], one))
        if not ranked:
            raise ValueError("The training text has no characters. Give text with at least one.")
        characters = "".join(ranked[: vocab_size - len(_SPECIAL)])
        return cls(json.dumps({"characters": characters}, ensure_ascii=False).encode())

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text, without begin and end."""
        if isinstance(texts, str):
            raise TypeError(f"Expected a list of texts, got one string: {texts[:40]!r}. Put it in a list.")
        return [self.ids(text).tolist() for text in texts]

    def ids(self, text: str) -> np.ndarray:
        """Ids of a text as an array, int32 (T,)."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        return self._ids[np.minimum(codes, len(self._ids) - 1)]

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """The text of each row of ids: up to the first end, without padding and begin. Unknown becomes U+FFFD."""
        return ["".join(self._text_of(row)) for row in ids]

    def _text_of(self, row: Sequence[int]) -> Iterable[str]:
        for token in map(int, row):
            if token == EOS_ID:
                return
            if token not in (PAD_ID, BOS_ID):
                yield _UNKNOWN if token == UNK_ID else self.pieces([token])[0]

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The character that each id stands for, or the name of a special id."""
        for token in map(int, ids):
            if not 0 <= token < self.vocab_size:
                raise ValueError(f"Id {token} is not in this tokenizer, which has {self.vocab_size} ids.")
        return [self._names[int(token)] for token in ids]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CharacterTokenizer) and self.model == other.model

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return f"<CharacterTokenizer, {self.vocab_size} ids, {self.fingerprint[:8]}>"


def _read(model: bytes) -> str:
    """The characters of a file that may come from a stranger."""
    if len(model) > _MOST_BYTES:
        raise ValueError(f"This list of characters has {len(model):,} bytes; at most {_MOST_BYTES:,} make sense.")
    try:
        found = json.loads(model)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"These {len(model)} bytes are no list of characters: {error}.") from error
    characters = found.get("characters") if isinstance(found, dict) else None
    if not isinstance(characters, str) or not 1 <= len(characters) <= _MOST_CHARACTERS:
        raise ValueError(f'This list of characters has to be {{"characters": "..."}} with 1 to {_MOST_CHARACTERS:,}.')
    if len(set(characters)) < len(characters) or not is_text(characters):
        raise ValueError("This list of characters has one twice, or half of a surrogate pair.")
    return characters
