"""Checks of a parallel corpus by a trained model: is it untranslated, swapped, misaligned or in other languages?

A model that translates gives a target a higher probability with its own source than with another one. If it does not,
the sides are swapped, misaligned or in other languages.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence

import tensorflow as tf

from seq2seq.model.seq2seq import Seq2Seq
from seq2seq.tasks.pipeline import BATCH_SIGNATURE, batch_ids
from seq2seq.text.batches import BatchPlan
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.encoding import encode_corpus
from seq2seq.text.tokenizer import Tokenizer, is_unknown

__all__ = ["corpus_warnings"]

SAMPLE = 200  # pairs looked at
FEWEST = 20  # pairs; a smaller sample is not judged
UNTRANSLATED = 0.3  # share of pairs whose sides are the same text
UNKNOWN = 0.1  # share of pieces that the vocabulary lacks
MARGIN = 0.1  # nats per target token by which the right source has to lower the loss

Lines = Sequence[str]
Loss = Callable[[Lines, Lines], float]


def corpus_warnings(model: Seq2Seq, corpora: Sequence[ParallelCorpus], *, seed: int, copies: bool = False) -> list[str]:
    """Warnings about corpora that look wrong to the model, each a sentence that begins with the name of the corpus.

    Args:
        model: trained, with its tokenizers.
        corpora: texts that it is to learn from or to be judged by.
        seed: int. Chooses the pairs looked at.
        copies: bool. Pairs with the same text on both sides are intended.

    Returns:
        The warnings; empty when all is well.
    """
    loss = _loss_per_token(model)
    found = [(corpus, _warnings(model, loss, corpus, seed, copies)) for corpus in corpora]
    return [f"{corpus.name}: {warning}" for corpus, warnings in found for warning in warnings]


def _warnings(model: Seq2Seq, loss: Loss, corpus: ParallelCorpus, seed: int, copies: bool) -> list[str]:
    numbers = sorted(random.Random(seed).sample(range(len(corpus)), min(SAMPLE, len(corpus))))
    pairs = [pair for pair in (corpus[number] for number in numbers) if all(side.strip() for side in pair)]
    if len(pairs) < FEWEST:
        return []
    found = _text_warnings(model, pairs, copies)
    if found:  # the model's loss says nothing about such text
        return found
    sources, targets = _sides(pairs)
    both_ways = not _unknown(model, targets, sources)  # else the vocabularies know which side is which
    short = [pair for pair in pairs if _fits(model, *pair) and (not both_ways or _fits(model, *reversed(pair)))]
    return _loss_warnings(loss, *_sides(short), both_ways) if len(short) >= FEWEST else []


def _text_warnings(model: Seq2Seq, pairs: Sequence[tuple[str, str]], copies: bool) -> list[str]:
    """Warnings that follow from the text and the vocabularies alone."""
    sources, targets = _sides(pairs)
    found = []
    same = sum(source.strip() == target.strip() for source, target in pairs) / len(pairs)
    if same > UNTRANSLATED and not copies:
        found.append(f"{same:.0%} of its pairs have the same text on both sides: is it translated?")
    unknown = _unknown(model, sources, targets)
    if unknown and not _unknown(model, targets, sources):
        found.append("the vocabularies know its text the other way round only: are source and target swapped?")
    else:
        found += [
            f"{share:.0%} of the {side} pieces are unknown words or single bytes, because the vocabulary lacks them: "
            "is it in another script than the model's? Then --extend-vocab adds pieces for it."
            for side, share in unknown.items()
        ]
    return found


def _loss_warnings(loss: Loss, sources: Lines, targets: Lines, both_ways: bool) -> list[str]:
    """Warnings from the loss with the right sources, with wrong ones and with both sides swapped."""
    aligned, shifted = loss(sources, targets), loss(sources, [*targets[1:], *targets[:1]])
    swapped = loss(targets, sources) if both_ways else math.inf
    if swapped < aligned - MARGIN:
        return [
            f"the model finds it more probable the other way round (loss {swapped:.2f} against {aligned:.2f}): are "
            "source and target swapped?"
        ]
    if aligned > shifted - MARGIN:
        return [
            f"the model finds its targets no more probable with their own sources than with others (loss {aligned:.2f} "
            f"and {shifted:.2f}): is it in other languages than the model's, are its lines misaligned, or has the "
            "model learnt too little to tell?"
        ]
    return []


def _sides(pairs: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    sources, targets = zip(*pairs, strict=True) if pairs else ((), ())
    return list(sources), list(targets)


def _unknown(model: Seq2Seq, sources: Lines, targets: Lines) -> Mapping[str, float]:
    """Side -> share of pieces such as <0xCE>, or of unknown words where there are no bytes, if there are many."""
    sides: dict[str, tuple[Tokenizer, Lines]] = {
        "source": (model.source_tokenizer, sources),
        "target": (model.target_tokenizer, targets),
    }
    shares = {}
    for side, (tokenizer, lines) in sides.items():
        pieces = [piece for ids in tokenizer.encode(lines) for piece in tokenizer.pieces(ids)]
        share = sum(map(is_unknown, pieces)) / max(1, len(pieces))
        if share > UNKNOWN:
            shares[side] = share
    return shares


def _fits(model: Seq2Seq, source: str, target: str) -> bool:
    """Whether both lines are short enough for the model."""
    encoded = [*model.source_tokenizer.encode([source]), *model.target_tokenizer.encode([target])]
    return all(len(ids) < model.max_source_length for ids in encoded)


def _loss_per_token(model: Seq2Seq) -> Loss:
    """A function of (sources, targets): mean negative log-likelihood of a target token, nats."""
    evaluate = tf.function(model.evaluate_batch, input_signature=[BATCH_SIGNATURE], autograph=False)
    tokenizers, longest = (model.source_tokenizer, model.target_tokenizer), model.max_source_length

    def loss(sources: Lines, targets: Lines) -> float:
        encoded = encode_corpus(ParallelCorpus.from_lines(sources, targets), *tokenizers, max_length=longest)
        plan = BatchPlan(encoded.source_lengths, encoded.target_lengths, batch_tokens=4096, seed=0)
        sums = [evaluate(batch_ids(encoded, batch)) for batch in plan.epoch(0)]
        return sum(float(one["nll_sum"]) for one in sums) / sum(int(one["tokens"]) for one in sums)

    return loss
