"""The vocabularies of a run: learnt from the training text at the first start, then read from its folder."""

import itertools
import logging
from collections.abc import Mapping, Sequence

from seq2seq.tasks.options import PieceOptions, VocabularyOptions
from seq2seq.tasks.task import Folder
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.features import Features
from seq2seq.text.files import has_sha256
from seq2seq.text.tokenizer import Tokenizer

__all__ = ["FILES", "describe", "learn_or_read", "run_tokenizers"]

logger = logging.getLogger("seq2seq")

FILES = ("source.model", "target.model", "joint.model")


def run_tokenizers(folder: Folder, options: VocabularyOptions, corpus: ParallelCorpus) -> tuple[Tokenizer, Tokenizer]:
    """The tokenizers of source and target; one and the same for a joint vocabulary.

    Args:
        folder: the run folder. Vocabularies are learnt and stored there unless the run has begun.
        options: VocabularyOptions.
        corpus: the training text.

    Raises:
        ValueError: a stored vocabulary is damaged, and no checkpoint holds it.
    """
    if options.joint:
        texts = {"joint.model": (corpus.source, corpus.target)}
    else:
        texts = {"source.model": (corpus.source,), "target.model": (corpus.target,)}
    source, *target = learn_or_read(folder, options, texts)
    return source, *(target or [source])


def learn_or_read(
    folder: Folder, options: PieceOptions, texts: Mapping[str, Sequence[Sequence[str]]]
) -> list[Tokenizer]:
    """The tokenizers of a run: learnt and stored at its first start, read from its folder later.

    Args:
        folder: the run folder.
        options: PieceOptions.
        texts: name of each tokenizer's file, such as "joint.model" -> the texts it is learnt from.

    Raises:
        ValueError: a stored vocabulary is damaged, and no checkpoint holds it.
    """
    if folder.has_begun:
        recorded = folder.record()["vocabularies"]
        return [Tokenizer(folder.intact(name, has_sha256(recorded.get(name)))) for name in texts]
    tokenizers = [_learnt(options, name, of) for name, of in texts.items()]
    for name, tokenizer in zip(texts, tokenizers, strict=True):
        tokenizer.save(folder.path / name)
    fingerprints = [tokenizer.fingerprint for tokenizer in tokenizers]
    folder.add_to_record({"vocabularies": dict(zip(texts, fingerprints, strict=True))})
    return tokenizers


def describe(source: Tokenizer | Features, target: Tokenizer) -> str:
    """The sizes of the vocabularies in words; one vocabulary for both languages is named once."""
    if isinstance(source, Features):
        return f"vectors of {source.vocab_size:,} numbers, a vocabulary of {target.vocab_size:,} pieces"
    if source is target:
        return f"one joint vocabulary of {source.vocab_size:,} pieces"
    return f"vocabularies: {source.vocab_size:,} source pieces, {target.vocab_size:,} target pieces"


def _learnt(options: PieceOptions, name: str, texts: Sequence[Sequence[str]]) -> Tokenizer:
    side = name.removesuffix(".model")
    logger.info(f"learning a {options.kind} vocabulary ({side})")
    tokenizer = Tokenizer.train(
        itertools.chain(*texts), kind=options.kind, vocab_size=options.size, normalization=options.normalization
    )
    if tokenizer.vocab_size < options.size:
        text = "the text of both sides" if side == "joint" else f"the {side} text"
        pieces = f"{tokenizer.vocab_size:,} pieces, fewer than --vocab.size {options.size:,} allows"
        logger.info(f"{text} fills {pieces}; that is fine")
    return tokenizer
