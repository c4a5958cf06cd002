"""New pieces for a vocabulary that cannot write a text: old ids never move, and old text is cut as before."""

import itertools
from collections import Counter
from collections.abc import Iterable

from sentencepiece import sentencepiece_model_pb2

from seq2seq.text.tokenizer import Tokenizer, learnt_model

__all__ = ["extended"]

_NORMAL = sentencepiece_model_pb2.ModelProto.SentencePiece.NORMAL
_ROOM = 300  # pieces beside the new ones: special ones, bytes, and known characters among the unknown


def extended(tokenizer: Tokenizer, lines: Iterable[str], count: int) -> Tokenizer:
    """The tokenizer with pieces for the characters it does not know, and for the words made of them; or as it is.

    Only pieces with an unknown character are added, so text without one is cut as it was. Unknown characters come
    first, the most frequent ones, then longer pieces made of them.

    Args:
        tokenizer: of kind unigram, bpe or char.
        lines: the text that is to be written.
        count: most new pieces, at least 1. Their ids follow the old ones.

    Raises:
        ValueError: a word vocabulary, or a count below 1.
    """
    if tokenizer.kind == "word":
        raise ValueError("A word vocabulary cannot be extended; its model has no way to write parts of words.")
    if count < 1:
        raise ValueError(f"count is {count}; it has to be 1 or more.")
    proto = sentencepiece_model_pb2.ModelProto.FromString(tokenizer.model)
    known = {character for piece in proto.pieces if piece.type == _NORMAL for character in piece.piece}
    words = [word for line in tokenizer.normalized(lines) for word in line.split() if not known.issuperset(word)]
    if not words:
        return tokenizer
    learnt = learnt_model(words, tokenizer.kind, count + _ROOM, "identity")
    pieces = sentencepiece_model_pb2.ModelProto.FromString(learnt).pieces
    scores = {piece.piece: piece.score for piece in pieces if piece.type == _NORMAL}
    characters = Counter(character for word in words for character in word if character not in known)
    lowest = min(scores.values())  # also for characters too rare to have been learnt
    new = {character: scores.get(character, lowest) for character, _ in characters.most_common(count)}
    new |= {
        piece: score
        for piece, score in scores.items()
        if not known.issuperset(piece) and known.union(new).issuperset(piece)
    }
    lowest = min(piece.score for piece in proto.pieces if piece.type == _NORMAL)
    for rank, (piece, score) in enumerate(itertools.islice(new.items(), count), start=1):
        if tokenizer.kind == "bpe":  # where a score is the place of a merge in their order
            score = lowest - rank
        proto.pieces.add(piece=piece, score=score)
    proto.trainer_spec.vocab_size = len(proto.pieces)
    return Tokenizer(proto.SerializeToString())
