"""Checks of a corpus by a model that translates: is it translated, in the model's languages, in step, not swapped?

A model that knows two languages finds a target more probable beside its own source than beside another one. It does not
when the sides are swapped, in other languages, or out of step.
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
FEWEST = 20  # pairs; with fewer there is no judgement
UNTRANSLATED = 0.3  # share of pairs whose sides are the same text
UNKNOWN = 0.1  # share of pieces that the vocabulary lacks
MARGIN = 0.1  # nats per token by which the right source has to help

Lines = Sequence[str]
Loss = Callable[[Lines, Lines], float]


def corpus_warnings(model: Seq2Seq, corpora: Sequence[ParallelCorpus], *, seed: int, copies: bool = False) -> list[str]:
    """What looks wrong about each corpus, in a sentence that begins with its name; nothing when all is well.

    Args:
        model: trained, with its tokenizers.
        corpora: texts that it is to learn from or to be judged by.
        seed: which pairs are looked at.
        copies: pairs with the same text on both sides are intended.
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
    """What the text and the vocabularies alone tell."""
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
    """What the model's loss tells, beside the right sources, beside wrong ones and the other way round."""
    given, apart = loss(sources, targets), loss(sources, [*targets[1:], *targets[:1]])
    swapped = loss(targets, sources) if both_ways else math.inf
    if swapped < given - MARGIN:
        return [
            f"the model finds it more probable the other way round (loss {swapped:.2f} against {given:.2f}): are "
            "source and target swapped?"
        ]
    if given > apart - MARGIN:
        return [
            f"to the model its targets are no more probable beside their own sources than beside others (loss "
            f"{given:.2f} and {apart:.2f}): is it in other languages than the model's, are its lines out of step, or "
            "has the model learnt too little to tell?"
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
