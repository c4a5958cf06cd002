"""The vocabularies of a run: learnt from the training text at the first start, then read from its folder."""

import itertools
import logging
from collections.abc import Sequence

from seq2seq.tasks.options import VocabularyOptions
from seq2seq.tasks.task import Folder
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.files import has_sha256
from seq2seq.text.tokenizer import Tokenizer

__all__ = ["FILES", "describe", "run_tokenizers"]

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
    if folder.has_begun:
        recorded = folder.record()["vocabularies"]
        tokenizers = [Tokenizer(folder.intact(name, has_sha256(recorded.get(name)))) for name in texts]
    else:
        tokenizers = [_learnt(options, name, of) for name, of in texts.items()]
        for name, tokenizer in zip(texts, tokenizers, strict=True):
            tokenizer.save(folder.path / name)
        fingerprints = [tokenizer.fingerprint for tokenizer in tokenizers]
        folder.add_to_record({"vocabularies": dict(zip(texts, fingerprints, strict=True))})
    source, *target = tokenizers
    return source, *(target or [source])


def describe(source: Tokenizer, target: Tokenizer) -> str:
    """The sizes of the vocabularies in words; one vocabulary for both languages is named once."""
    if source is target:
        return f"one joint vocabulary of {source.vocab_size:,} pieces"
    return f"vocabularies: {source.vocab_size:,} source pieces, {target.vocab_size:,} target pieces"


def _learnt(options: VocabularyOptions, name: str, texts: Sequence[Sequence[str]]) -> Tokenizer:
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
