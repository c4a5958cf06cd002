"""Text to ids and back: a SentencePiece model with our four special ids.

SentencePiece: Kudo and Richardson, 2018 (https://aclanthology.org/D18-2012). Unigram pieces and subword
sampling: Kudo, 2018 (https://aclanthology.org/P18-1007). BPE: Sennrich et al., 2016
(https://aclanthology.org/P16-1162). BPE-dropout: Provilkov et al., 2020
(https://aclanthology.org/2020.acl-main.170).
"""

import collections
import hashlib
import io
import itertools
import logging
import os
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from seq2seq.text.cleaning import NORMALIZATIONS, clean, cleans, normalizer_spec
from seq2seq.text.files import written_beside
from seq2seq.text.subwords import subword_sampler

PAD_ID, UNK_ID, BOS_ID, EOS_ID = 0, 1, 2, 3

KINDS = ("unigram", "bpe", "char", "word")
SAMPLED_KINDS = ("unigram", "bpe")  # those that can cut a word in more than one way

# A vocabulary is learnt from an evenly spread sample of at most this many lines; more change it little and
# cost memory.
MAX_TRAINING_LINES = 1_000_000
# SentencePiece drops training lines over a number of bytes; longer lines are cut into pieces of this many
# characters.
MAX_TRAINING_CHARACTERS = 10_000
# A `word` vocabulary has no place for "words" of more characters; SentencePiece cannot read back very long
# ones.
LONGEST_WORD = 200
# A character rarer than this in the text is spelt in bytes instead of taking a place in the vocabulary ...
RAREST_CHARACTER = 1e-6
# ... and characters fill at most this share of the vocabulary (it matters for Chinese or Japanese).
CHARACTER_SHARE = 0.5

# Every character at which str.splitlines (and with it many a tool) breaks a line becomes a space in
# decoded text.
_LINE_BREAKS = {ord(c): " " for c in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"}
_UNKNOWN_MARK = "\u2585"  # of SentencePiece's trainer, which skips lines that have it
_BYTE_PIECE = re.compile("<0x[0-9A-F]{2}>")
_BYTE_PIECES = 256
_SPECIAL_PIECES = 4

_logger = logging.getLogger("seq2seq")


class Tokenizer:
    """Turns lines into ids and ids into lines.

    Ids are 0 padding, 1 unknown, 2 begin, 3 end of sentence, then the pieces. A line is cleaned first, as
    `seq2seq.text.cleaning` says. Unigram, BPE and char pieces spell what they do not know in bytes, so nothing is
    unknown and every line comes back as it was cleaned. `word` takes what stands between spaces as one piece, and
    knows only the words of its vocabulary. (Models learnt before version 0.2 clean nothing.)

    Args:
        model: bytes of a SentencePiece model that has the four special ids above. `Tokenizer.train` makes
            one.

    Raises:
        ValueError: the bytes are no SentencePiece model, or its special ids differ from ours.

    Example:
        >>> tokenizer = Tokenizer.train(["a cat", "a dog"] * 10, vocab_size=280)
        >>> tokenizer.decode(tokenizer.encode(["a cat,\u00a0 a dog "]))
        ['a cat, a dog']
    """

    def __init__(self, model: bytes):
        self.model = bytes(model)
        self._processor, self.kind, self._cleans = _read(self.model)
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
            lines: the text, of one side, or of both sides for a joint vocabulary. At most
                `MAX_TRAINING_LINES`, evenly spread, are kept in memory and used.
            kind: "unigram", "bpe", "char" or "word".
            vocab_size: number of ids, special ones and the 256 byte pieces included (`word` has no byte
                pieces). A number that the text cannot fill is lowered, with a warning on the logger
                `seq2seq`.
            normalization: "identity" only cleans; "nfkc" also maps look-alike characters to one (Unicode NFKC).

        Raises:
            ValueError: an unknown option, a text without a character, or a `vocab_size` below the smallest
                possible.
        """
        tokenizer = cls(learnt_model(lines, kind, vocab_size, normalization))
        if tokenizer.vocab_size < vocab_size:
            _logger.warning(
                "vocab_size=%d is more than this text can fill; the %s tokenizer has %d pieces.",
                vocab_size,
                kind,
                tokenizer.vocab_size,
            )
        return tokenizer

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Tokenizer":
        """Reads a file that `save` wrote."""
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
        """The lines, checked, without what SentencePiece's rules cannot hold."""
        lines = _checked_lines(lines)
        return [line.replace("\0", "") for line in lines] if self._cleans else lines

    def normalized(self, lines: Iterable[str]) -> list[str]:
        """Each line as it is before it is cut into pieces, with plain spaces."""
        return [text.replace("\u2581", " ").strip() for text in self._processor.normalize(list(lines))]

    def sample(self, lines: Sequence[str], *, alpha: float, seed: int) -> list[list[int]]:
        """Ids of one random segmentation of each line, for training (subword regularization, BPE-dropout).

        Args:
            lines: what to encode.
            alpha: for unigram the inverse temperature of the segmentations (0.1 to 0.5 is usual; smaller
                is wilder), for BPE the probability that a merge is dropped (0.1 is usual). 0 turns
                sampling off for both.
            seed: the same seed and lines give the same ids, in every process.

        Raises:
            ValueError: the tokenizer's kind has only one segmentation, or `alpha` is outside [0, 1].
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
        """Text of each row of ids: up to the first end, without padding and begin, on one line.

        Bytes that make no character become U+FFFD, an unknown piece becomes "⁇".
        """
        rows = [self._text_ids(row) for row in ids]
        # One thread: SentencePiece would start others anew at each call.
        texts = [text.translate(_LINE_BREAKS) for text in self._processor.decode(rows, num_threads=1)] if rows else []
        return [text.strip() for text in texts] if self.kind == "word" else texts

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The piece that each id stands for, special ones included; "▁" marks the beginning of a word."""
        return [self._processor.id_to_piece(self._checked_id(token)) for token in ids]

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

    def __eq__(self, other):
        return isinstance(other, Tokenizer) and self.model == other.model

    def __hash__(self):
        return hash(self.fingerprint)

    def __reduce__(self):
        return Tokenizer, (self.model,)

    def __repr__(self):
        return f"<Tokenizer {self.kind}, {self.vocab_size} pieces, {self.fingerprint[:8]}>"


def learnt_model(lines: Iterable[str], kind: str, vocab_size: int, normalization: str) -> bytes:
    """The SentencePiece model that `Tokenizer.train` learns, of at most `vocab_size` pieces."""
    _check_options(kind, vocab_size, normalization)
    sample = _sample(lines, normalization)
    if kind == "word":
        sample = [" ".join(word for word in line.split(" ") if len(word) <= LONGEST_WORD) for line in sample]
    else:
        sample = _spare_rare_characters(sample, kind, vocab_size)
    if not any(line.strip(" ") for line in sample):
        raise ValueError("The text to learn a vocabulary from is blank. Give at least one line with a character.")
    proto = sentencepiece_model_pb2.ModelProto.FromString(_train(sample, kind, vocab_size))
    proto.normalizer_spec.CopyFrom(normalizer_spec(normalization))
    return proto.SerializeToString(deterministic=True)


def is_unknown(piece: str) -> bool:
    """Whether a piece stands for an unknown word, or for one byte of a character that the vocabulary lacks."""
    return piece == "<unk>" or _BYTE_PIECE.fullmatch(piece) is not None


def _read(model: bytes) -> tuple[sentencepiece.SentencePieceProcessor, str, bool]:
    """The processor of a model, its kind and whether it cleans text, after a check of its special ids."""
    processor = sentencepiece.SentencePieceProcessor()
    try:
        processor.load_from_serialized_proto(model)
        proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    except Exception as error:  # SentencePiece raises RuntimeError, protobuf an error of its own
        raise ValueError(f"These {len(model)} bytes are no SentencePiece model.") from error
    if not model:
        raise ValueError("These 0 bytes are no SentencePiece model.")
    found = processor.pad_id(), processor.unk_id(), processor.bos_id(), processor.eos_id()
    if found != (PAD_ID, UNK_ID, BOS_ID, EOS_ID):
        raise ValueError(
            f"This SentencePiece model has pad, unk, bos, eos at {found}; expected (0, 1, 2, 3). "
            "Train it with Tokenizer.train, or with --pad_id=0 --unk_id=1 --bos_id=2 --eos_id=3."
        )
    kind = {1: "unigram", 2: "bpe", 3: "word", 4: "char"}[proto.trainer_spec.model_type]
    return processor, kind, cleans(proto.normalizer_spec)


def _checked_lines(lines: Sequence[str]) -> list[str]:
    if isinstance(lines, str):
        raise TypeError(f"Expected a list of lines, got one string: {lines[:40]!r}. Put it in a list.")
    lines = list(lines)
    for number, line in enumerate(lines):
        if not line.isascii() and any("\ud800" <= c <= "\udfff" for c in line):
            raise ValueError(
                f"Line {number} of {len(lines)} holds half a surrogate pair, which is no text: {line[:40]!r}."
            )
    return lines


def _check_options(kind: str, vocab_size: int, normalization: str) -> None:
    if kind not in KINDS:
        raise ValueError(f"Unknown kind of tokenizer {kind!r}; choose one of {', '.join(KINDS)}.")
    if normalization not in NORMALIZATIONS:
        raise ValueError(f"Unknown normalization {normalization!r}; choose {' or '.join(NORMALIZATIONS)}.")
    smallest = _SPECIAL_PIECES + 1 if kind == "word" else _SPECIAL_PIECES + _BYTE_PIECES + 2
    if vocab_size < smallest:
        raise ValueError(f"vocab_size={vocab_size} is too small; a {kind} tokenizer needs at least {smallest} pieces.")


def _sample(lines: Iterable[str], normalization: str) -> list[str]:
    """An evenly spread sample of the lines, normalized, and cut where they are too long."""
    sample, stride = [], 1
    for number, line in enumerate(_cut(lines, normalization)):
        if number % stride:
            continue
        sample.append(line)
        if len(sample) > MAX_TRAINING_LINES:  # keep every other line, here and from now on
            sample, stride = sample[::2], stride * 2
    if stride > 1:
        _logger.info("The vocabulary is learnt from every %d-th line, %d in all.", stride, len(sample))
    return sample


def _cut(lines: Iterable[str], normalization: str) -> Iterator[str]:
    for line in _checked_stream(lines):
        line = clean(line, normalization).replace(_UNKNOWN_MARK, " ")
        start = 0
        while len(line) - start > MAX_TRAINING_CHARACTERS:
            end = line.rfind(" ", start + 1, start + MAX_TRAINING_CHARACTERS)
            end = end if end > 0 else start + MAX_TRAINING_CHARACTERS
            yield line[start:end]
            start = end
        if start < len(line):
            yield line[start:]


def _checked_stream(lines: Iterable[str]) -> Iterable[str]:
    if isinstance(lines, str):
        raise TypeError(f"Expected lines, got one string: {lines[:40]!r}. Put it in a list.")
    return lines


def _spare_rare_characters(sample: list[str], kind: str, vocab_size: int) -> list[str]:
    """The text with a space for each character that is to get no piece of its own, but be spelt in bytes.

    SentencePiece's own rule, to cover 99.95 % of all characters, would spell "J", "Ä" and "!" of Multi30k in
    bytes, and cannot go below 98 %.
    """
    counts = collections.Counter(itertools.chain.from_iterable(sample))
    del counts[" "]
    free = vocab_size - _SPECIAL_PIECES - _BYTE_PIECES - 1  # 1: the space
    places = free if kind == "char" else max(1, int(free * CHARACTER_SHARE))
    least = RAREST_CHARACTER * counts.total()
    # Ties are decided by code point, not by which comes first, so that the order of lines plays no part.
    ranked = sorted(counts, key=lambda character: (-counts[character], character))
    rare = [character for place, character in enumerate(ranked) if place >= places or counts[character] < least]
    spaces = str.maketrans(dict.fromkeys(rare, " "))
    return [line.translate(spaces) for line in sample] if rare else sample


def _train(sample: list[str], kind: str, vocab_size: int) -> bytes:
    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(sample),
            model_writer=model,
            model_type=kind,
            vocab_size=vocab_size,
            hard_vocab_limit=False,  # lower the size where the text cannot fill it
            character_coverage=1.0,  # what is too rare is not in the sample
            pad_id=PAD_ID,
            unk_id=UNK_ID,
            bos_id=BOS_ID,
            eos_id=EOS_ID,
            unk_surface=" \u2047",
            byte_fallback=kind != "word",
            normalization_rule_name="identity",  # the sample is clean
            add_dummy_prefix=True,
            remove_extra_whitespaces=True,
            max_sentence_length=4 * MAX_TRAINING_CHARACTERS + 16,  # in bytes
            num_threads=1,  # sums over several threads depend on their number
            minloglevel=2,  # errors only; it would print hundreds of lines
        )
    except RuntimeError as error:
        raise ValueError(
            f"SentencePiece could not train {vocab_size} {kind} pieces on {len(sample)} lines: {error} "
            "Try another vocab_size, more text, or kind='char'."
        ) from error
    return model.getvalue()
