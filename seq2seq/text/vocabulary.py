"""Learning and extending vocabularies: SentencePiece models with our four special ids.

SentencePiece: Kudo and Richardson, 2018 (https://aclanthology.org/D18-2012). Unigram pieces: Kudo, 2018
(https://aclanthology.org/P18-1007). BPE: Sennrich et al., 2016 (https://aclanthology.org/P16-1162).
"""

import io
import itertools
import logging
from collections import Counter
from collections.abc import Iterable, Iterator

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

from seq2seq.text.cleaning import NORMALIZATIONS, clean, is_text, normalizer_spec

__all__ = [
    "BOS_ID",
    "EOS_ID",
    "KINDS",
    "PAD_ID",
    "SAMPLED_KINDS",
    "UNK_ID",
    "extended_model",
    "learnt_model",
]

PAD_ID, UNK_ID, BOS_ID, EOS_ID = 0, 1, 2, 3

KINDS = ("unigram", "bpe", "char", "word")
SAMPLED_KINDS = ("unigram", "bpe")  # kinds with more than one segmentation of a word

# A vocabulary is learnt from an evenly spread sample of at most this many lines; more lines change it little and cost
# memory.
MAX_TRAINING_LINES = 1_000_000
# Longer lines are cut into parts of this many characters, because SentencePiece drops very long training lines.
MAX_TRAINING_CHARACTERS = 10_000
# A `word` vocabulary leaves out longer "words", because SentencePiece cannot read back very long ones.
LONGEST_WORD = 200
# Share of all characters of the text below which a character is spelt in bytes and gets no piece.
RAREST_CHARACTER = 1e-6
# Largest share of the vocabulary for single characters; it matters for Chinese and Japanese.
CHARACTER_SHARE = 0.5

_UNKNOWN_MARK = "\u2585"  # SentencePiece's trainer skips lines that have it
_BYTE_PIECES = 256
_SPECIAL_PIECES = 4
# Pieces that a vocabulary of new words needs beside the new pieces: special ones, bytes, characters known before.
_ROOM = 300
_NORMAL = sentencepiece_model_pb2.ModelProto.SentencePiece.NORMAL

_logger = logging.getLogger("seq2seq")


def learnt_model(lines: Iterable[str], kind: str, vocab_size: int, normalization: str) -> bytes:
    """The SentencePiece model that `Tokenizer.train` learns, with at most `vocab_size` pieces.

    It is trained on cleaned text. The rules for cleaning are added to the model afterwards.
    """
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
    if isinstance(lines, str):
        raise TypeError(f"Expected lines, got one string: {lines[:40]!r}. Put it in a list.")
    for line in lines:
        line = _learnable(line, normalization)
        start = 0
        while len(line) - start > MAX_TRAINING_CHARACTERS:
            end = line.rfind(" ", start + 1, start + MAX_TRAINING_CHARACTERS)
            end = end if end > 0 else start + MAX_TRAINING_CHARACTERS
            yield line[start:end]
            start = end
        if start < len(line):
            yield line[start:]


def _learnable(line: str, normalization: str) -> str:
    """A line as SentencePiece's trainer gets it.

    Raises:
        ValueError: the line is no text.
    """
    if not is_text(line):
        raise ValueError(f"A line to learn from holds half a surrogate pair, which is no text: {line[:40]!r}.")
    return clean(line, normalization).replace(_UNKNOWN_MARK, " ")


def _spare_rare_characters(sample: list[str], kind: str, vocab_size: int) -> list[str]:
    """The text with a space for each character that gets no piece and will be spelt in bytes.

    SentencePiece's own rule is to cover 99.95 % of all characters. It would spell "J", "Ä" and "!" of Multi30k in
    bytes, and cannot be set below 98 %.
    """
    counts = Counter(itertools.chain.from_iterable(sample))
    del counts[" "]
    free = vocab_size - _SPECIAL_PIECES - _BYTE_PIECES - 1  # 1: the space
    places = free if kind == "char" else max(1, int(free * CHARACTER_SHARE))
    least = RAREST_CHARACTER * counts.total()
    # Code points decide ties, so that the order of lines plays no role.
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
            hard_vocab_limit=False,  # lowers the size if the text cannot fill it
            character_coverage=1.0,  # rare characters are not in the sample
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
            num_threads=1,  # sums depend on the number of threads
            minloglevel=2,  # errors only, instead of hundreds of lines
        )
    except RuntimeError as error:
        raise ValueError(
            f"SentencePiece could not train {vocab_size} {kind} pieces on {len(sample)} lines: {error} "
            "Try another vocab_size, more text, or kind='char'."
        ) from error
    return model.getvalue()


def extended_model(model: bytes, kind: str, lines: Iterable[str], count: int) -> bytes:
    """The model with the new pieces of `Tokenizer.extended`, at most `count`; the same bytes if there are none."""
    if kind == "word":
        raise ValueError("A word vocabulary cannot be extended; its model has no way to write parts of words.")
    if count < 1:
        raise ValueError(f"count is {count}; it has to be 1 or more.")
    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    known = {character for piece in proto.pieces if piece.type == _NORMAL for character in piece.piece}
    words = [word for word in _words(model, lines) if not known.issuperset(word)]
    if not words:
        return model
    learnt = learnt_model(words, kind, count + _ROOM, "identity")
    pieces = sentencepiece_model_pb2.ModelProto.FromString(learnt).pieces
    scores = {piece.piece: piece.score for piece in pieces if piece.type == _NORMAL}
    characters = Counter(character for word in words for character in word if character not in known)
    lowest = min(scores.values())  # the score also of characters too rare to have been learnt
    new = {character: scores.get(character, lowest) for character, _ in characters.most_common(count)}
    new |= {
        piece: score
        for piece, score in scores.items()
        if not known.issuperset(piece) and known.union(new).issuperset(piece)
    }
    lowest = min(piece.score for piece in proto.pieces if piece.type == _NORMAL)
    for rank, (piece, score) in enumerate(itertools.islice(new.items(), count), start=1):
        if kind == "bpe":  # whose scores give the order of merges
            score = lowest - rank
        proto.pieces.add(piece=piece, score=score)
    proto.trainer_spec.vocab_size = len(proto.pieces)
    return proto.SerializeToString()


def _words(model: bytes, lines: Iterable[str]) -> Iterator[str]:
    """The words of a text as a model normalizes them, without invisible characters, which get no piece."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    for line in lines:
        yield from processor.normalize(_learnable(line, "identity")).replace("\u2581", " ").split()
