"""Text to ids and back: a SentencePiece model with our four special ids.

`seq2seq.text.vocabulary` learns the model, `seq2seq.text.cleaning` has its rules for cleaning text, and
`seq2seq.text.subwords` draws random segmentations for training.
"""

import hashlib
import os
import random
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from seq2seq.text.cleaning import clean, is_text, normalization_of
from seq2seq.text.files import written_beside
from seq2seq.text.subwords import subword_sampler
from seq2seq.text.vocabulary import (
    BOS_ID,
    EOS_ID,
    PAD_ID,
    SAMPLED_KINDS,
    UNK_ID,
    extended_model,
    learnt_model,
)

__all__ = ["BOS_ID", "EOS_ID", "PAD_ID", "SAMPLED_KINDS", "UNK_ID", "Tokenizer", "is_unknown"]

# Characters at which str.splitlines breaks a line, which become spaces in decoded text.
_LINE_BREAKS = {ord(c): " " for c in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"}
_BYTE_PIECE = re.compile("<0x[0-9A-F]{2}>")
_MOST_MADE = 100  # most bytes that a model may write for one character or unknown word; NFKC writes up to 33


class Tokenizer:
    """Turns lines into ids and ids into lines.

    Ids are 0 padding, 1 unknown, 2 begin, 3 end of sentence, then the pieces. A line is cleaned first, by the rules of
    `seq2seq.text.cleaning`; models of earlier runs have no such rules. Unigram, BPE and char tokenizers spell unknown
    characters in bytes, so nothing is unknown, and decoding gives the cleaned line. A `word` tokenizer has a piece for
    each word between spaces, and knows only the words of its vocabulary.

    Args:
        model: bytes of a SentencePiece model with the four special ids above. `Tokenizer.train` makes one.

    Raises:
        ValueError: the bytes are no SentencePiece model, or its special ids differ from ours.

    Example:
        >>> tokenizer = Tokenizer.train(["a cat", "a dog"] * 10, vocab_size=280)
        >>> tokenizer.decode(tokenizer.encode(["a cat,\u00a0 a dog "]))
        ['a cat, a dog']
    """

    def __init__(self, model: bytes) -> None:
        self.model = bytes(model)
        self._processor, self.kind, self._normalization = _read(self.model)
        self.vocab_size: int = self._processor.get_piece_size()
        self.fingerprint: str = hashlib.sha256(self.model).hexdigest()

    @classmethod
    def train(
        cls,
        lines: Iterable[str],
        *,
        kind: str = "unigram",
        vocab_size: int = 8000,
        normalization: str = "identity",
    ) -> "Tokenizer":
        """Learns a vocabulary. The same lines and options give the same bytes.

        Args:
            lines: the text of one side, or of both sides for a joint vocabulary. At most
                `vocabulary.MAX_TRAINING_LINES`, evenly spread, are kept in memory and used.
            kind: "unigram", "bpe", "char" or "word".
            vocab_size: most ids, special ones and the 256 byte pieces included; `word` has no byte pieces. A small text
                fills fewer: the tokenizer's `vocab_size` says how many.
            normalization: "identity" only cleans; "nfkc" also maps characters that look alike to one (Unicode NFKC).

        Raises:
            ValueError: an option is unknown, the text has no character, or `vocab_size` is too small.
        """
        return cls(learnt_model(lines, kind, vocab_size, normalization))

    def extended(self, lines: Iterable[str], count: int) -> "Tokenizer":
        """A tokenizer with new pieces for unknown characters and for words with them; this one if there are none.

        Each new piece has an unknown character, so text without one is cut as before. Single characters come first,
        the most frequent ones before others, then longer pieces. Old ids stay the same.

        Args:
            lines: text with the new characters.
            count: most new pieces, at least 1. Their ids follow the old ones.

        Raises:
            ValueError: the kind is "word", or the count is below 1.
        """
        model = extended_model(self.model, self.kind, lines, count)
        return self if model is self.model else Tokenizer(model)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Tokenizer":
        """Reads a file that `save` wrote.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is no SentencePiece model, or one with other special ids.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"There is no tokenizer file {path}.")
        try:
            return cls(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error

    def save(self, path: str | os.PathLike) -> None:
        """Writes the SentencePiece model; a file of that name is replaced in one step."""
        with written_beside(path) as beside:
            beside.write_bytes(self.model)

    def encode(self, lines: Sequence[str]) -> list[list[int]]:
        """Ids of each line, without begin and end."""
        lines = self._readable(lines)
        return self._processor.encode(lines) if lines else []

    def _readable(self, lines: Sequence[str]) -> list[str]:
        """The checked lines, without NUL, for which SentencePiece can have no rule."""
        lines = _checked_lines(lines)
        return [line.replace("\0", "") for line in lines] if self._normalization else lines

    def cleaned(self, line: str) -> str:
        """A line as `encode` cleans it; models of earlier runs leave it as it is."""
        return clean(line, self._normalization) if self._normalization else line

    def sample(self, lines: Sequence[str], *, alpha: float, seed: int) -> list[list[int]]:
        """Ids of one random segmentation of each line, for training (subword regularization, BPE-dropout).

        Args:
            lines: the text.
            alpha: 0 to 1. For unigram the inverse temperature of the segmentations (0.1 to 0.5 is usual, smaller is
                more random); for BPE the probability of dropping a merge (0.1 is usual). 0 turns sampling off.
            seed: the same seed and lines give the same ids in every process.

        Raises:
            ValueError: the tokenizer's kind has only one segmentation, or `alpha` is outside its range.
        """
        if not 0 <= alpha <= 1:
            raise ValueError(f"Subword sampling got alpha={alpha}; expected a number from 0 (off) to 1.")
        if alpha == 0:
            return self.encode(lines)
        if self.kind not in SAMPLED_KINDS:
            raise ValueError(f"A {self.kind} tokenizer has one segmentation only. Use unigram or bpe, or set alpha=0.")
        draw, generator = subword_sampler(self.model, alpha), random.Random(int(seed))
        return [draw(text, generator) for text in self._processor.normalize(self._readable(lines))]

    def decode(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """The text of each row of ids on one line: up to the first end, without padding and begin.

        Bytes that form no character become U+FFFD, and an unknown piece becomes "⁇".
        """
        rows = [self._text_ids(row) for row in ids]
        # One thread, because SentencePiece would start new ones at each call.
        texts = [text.translate(_LINE_BREAKS) for text in self._processor.decode(rows, num_threads=1)] if rows else []
        return [text.strip() for text in texts] if self.kind == "word" else texts

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The piece that each id stands for, special ones included; "▁" marks the beginning of a word."""
        return [self._processor.id_to_piece(self._checked_id(token)) for token in ids]

    def spelled(self, lines: Sequence[str]) -> list[bytes]:
        """Each line as its pieces spell it: cleaned, in UTF-8, with "▁" for each space and before the first word."""
        return [text.encode() for text in self._processor.normalize(self._readable(lines))]

    def writing(self, ids: Sequence[int]) -> list[bytes]:
        """The bytes that each id adds to a line as `spelled` gives it; none for special and unknown ids."""
        ids = [self._checked_id(token) for token in ids]
        return [self._written(token, self._processor.id_to_piece(token)) for token in ids]

    def _written(self, token: int, piece: str) -> bytes:
        if token in (PAD_ID, UNK_ID, BOS_ID, EOS_ID):
            return b""
        return bytes.fromhex(piece[3:5]) if self._processor.is_byte(token) else piece.encode()

    def _text_ids(self, row: Sequence[int]) -> list[int]:
        kept = []
        for token in row:
            token = self._checked_id(token)
            if token == EOS_ID:
                break
            if token not in (PAD_ID, BOS_ID):
                kept.append(token)
        return kept

    def _checked_id(self, token: int) -> int:
        token = int(token)
        if not 0 <= token < self.vocab_size:
            raise ValueError(f"Id {token} is not in this tokenizer, which has {self.vocab_size} pieces.")
        return token

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tokenizer) and self.model == other.model

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce__(self) -> tuple[type["Tokenizer"], tuple[bytes]]:
        return Tokenizer, (self.model,)

    def __repr__(self) -> str:
        return f"<Tokenizer {self.kind}, {self.vocab_size} pieces, {self.fingerprint[:8]}>"


def is_unknown(piece: str) -> bool:
    """Whether a piece stands for an unknown word, or for a byte of a character that the vocabulary lacks."""
    return piece == "<unk>" or _BYTE_PIECE.fullmatch(piece) is not None


def _read(model: bytes) -> tuple[sentencepiece.SentencePieceProcessor, str, str | None]:
    """The processor of a checked model, its kind and its normalization."""
    processor = sentencepiece.SentencePieceProcessor()
    try:
        processor.load_from_serialized_proto(model)
        proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    except Exception as error:  # RuntimeError of SentencePiece, or an error of protobuf
        raise ValueError(f"These {len(model)} bytes are no SentencePiece model.") from error
    if not model:
        raise ValueError("These 0 bytes are no SentencePiece model.")
    _check_growth(proto)
    found = processor.pad_id(), processor.unk_id(), processor.bos_id(), processor.eos_id()
    if found != (PAD_ID, UNK_ID, BOS_ID, EOS_ID):
        raise ValueError(
            f"This SentencePiece model has pad, unk, bos, eos at {found}; expected (0, 1, 2, 3). "
            "Train it with Tokenizer.train, or with --pad_id=0 --unk_id=1 --bos_id=2 --eos_id=3."
        )
    kind = {1: "unigram", 2: "bpe", 3: "word", 4: "char"}[proto.trainer_spec.model_type]
    return processor, kind, normalization_of(proto.normalizer_spec)


def _check_growth(proto: sentencepiece_model_pb2.ModelProto) -> None:
    """Refuses a model from a stranger that would write a page for each character or word."""
    longest = {
        "a rule for cleaning": max(map(_longest_rule, (proto.normalizer_spec, proto.denormalizer_spec))),
        "an unknown word": len(proto.trainer_spec.unk_surface),
    }
    for what, size in longest.items():
        if size > _MOST_MADE:
            raise ValueError(
                f"This SentencePiece model writes {size:,} bytes for {what}; at most {_MOST_MADE} make sense."
            )


def _longest_rule(spec: sentencepiece_model_pb2.NormalizerSpec) -> int:
    """Bytes of the longest string that rules for cleaning write.

    Their table holds the size of a trie in 4 bytes, the trie, and the strings, each with a zero at its end.
    """
    table = spec.precompiled_charsmap
    strings = table[4 + int.from_bytes(table[:4], "little") :]
    return max(map(len, strings.split(b"\0")))


def _checked_lines(lines: Sequence[str]) -> list[str]:
    if isinstance(lines, str):
        raise TypeError(f"Expected a list of lines, got one string: {lines[:40]!r}. Put it in a list.")
    lines = list(lines)
    for number, line in enumerate(lines):
        if not is_text(line):
            raise ValueError(
                f"Line {number} of {len(lines)} holds half a surrogate pair, which is no text: {line[:40]!r}."
            )
    return lines
