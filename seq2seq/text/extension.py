"""New pieces for a vocabulary that cannot write a text: old ids never move, and old text is cut as before."""

from collections.abc import Iterable

from sentencepiece import sentencepiece_model_pb2

from seq2seq.text.tokenizer import Tokenizer, learnt_model

__all__ = ["extended"]

_NORMAL = sentencepiece_model_pb2.ModelProto.SentencePiece.NORMAL
_ROOM = 300  # pieces beside the new ones: special ones, bytes, and known characters among the unknown


def extended(tokenizer: Tokenizer, lines: Iterable[str], count: int) -> Tokenizer:
    """The tokenizer with pieces for the characters it does not know, and for the words made of them; or as it is.

    Only pieces with an unknown character are added, so text without one is cut as it was. Unknown characters come
    first, then longer pieces, the most useful first.

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

    def is_new(text):
        return any(character not in known for character in text)

    words = [word for line in lines for word in line.split() if is_new(word)]
    if not words:
        return tokenizer
    learnt = learnt_model(words, tokenizer.kind, count + _ROOM, proto.normalizer_spec.name)
    pieces = sentencepiece_model_pb2.ModelProto.FromString(learnt).pieces
    new = [piece for piece in pieces if piece.type == _NORMAL and is_new(piece.piece)]
    new.sort(key=lambda piece: len(piece.piece) > 1)  # characters first; else as learnt
    lowest = min(piece.score for piece in proto.pieces if piece.type == _NORMAL)
    for rank, piece in enumerate(new[:count], start=1):
        if tokenizer.kind == "bpe":  # where a score is the place of a merge in their order
            piece.score = lowest - rank
        proto.pieces.append(piece)
    proto.trainer_spec.vocab_size = len(proto.pieces)
    return Tokenizer(proto.SerializeToString())
