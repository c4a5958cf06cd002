"""Whether a corpus looks like translations to a model that translates, asked of the model itself.

A model that knows two languages finds a target likelier beside its own source than beside another one. It does not when
the sides are swapped, in other languages, or out of step.
"""

import math
import random
from collections.abc import Callable, Sequence

import tensorflow as tf

from seq2seq.tasks.pipeline import BATCH_SIGNATURE, batch_ids
from seq2seq.text.batches import BatchPlan
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.encoding import encode_corpus
from seq2seq.text.tokenizer import is_unknown

__all__ = ["corpus_warnings"]

SAMPLE = 200  # pairs looked at
FEWEST = 20  # with less no judgement is made
UNTRANSLATED = 0.3  # share of pairs whose sides are the same text
UNKNOWN = 0.1  # share of pieces that the vocabulary lacks
MARGIN = 0.1  # nats a token by which the right source has to help


def corpus_warnings(model, corpora: Sequence[ParallelCorpus], *, seed: int, copies: bool = False) -> list[str]:
    """What is strange about each corpus, in a sentence that begins with its name; nothing when all is well.

    Args:
        model: Seq2Seq with its tokenizers, trained.
        corpora: texts that it is to learn from or to be judged by.
        seed: which pairs are looked at.
        copies: pairs with the same text on both sides are intended.
    """
    loss = _loss_per_token(model)
    found = [(corpus, _warnings(model, loss, corpus, seed, copies)) for corpus in corpora]
    return [f"{corpus.name}: {warning}" for corpus, warnings in found for warning in warnings]


def _warnings(model, loss: Callable, corpus: ParallelCorpus, seed: int, copies: bool) -> list[str]:
    numbers = sorted(random.Random(seed).sample(range(len(corpus)), min(SAMPLE, len(corpus))))
    pairs = [pair for pair in (corpus[number] for number in numbers) if all(side.strip() for side in pair)]
    if len(pairs) < FEWEST:
        return []
    sources, targets = map(list, zip(*pairs, strict=True))
    found = []
    same = sum(source.strip() == target.strip() for source, target in pairs) / len(pairs)
    if same > UNTRANSLATED and not copies:
        found.append(f"{same:.0%} of its pairs have the same text on both sides: is it translated?")
    tokenizers = {"source": model.source_tokenizer, "target": model.target_tokenizer}
    unknown = _unknown(tokenizers, sources, targets)
    if unknown and not _unknown(tokenizers, targets, sources):
        found.append("the vocabularies know its text the other way round only: are source and target swapped?")
    else:
        found += [
            f"{share:.0%} of the {side} pieces are unknown words or single bytes, for the vocabulary lacks them: is it "
            "in another script than the model's? Then --extend-vocab adds pieces for it."
            for side, share in unknown.items()
        ]
    if found:  # the model could say nothing of use about such text
        return found
    both_ways = not _unknown(tokenizers, targets, sources)  # else the vocabularies know which side is which
    short = [pair for pair in pairs if _fits(model, *pair) and (not both_ways or _fits(model, *reversed(pair)))]
    if len(short) < FEWEST:
        return []
    sources, targets = map(list, zip(*short, strict=True))
    given, apart = loss(sources, targets), loss(sources, targets[1:] + targets[:1])
    swapped = loss(targets, sources) if both_ways else math.inf
    if swapped < given - MARGIN:
        found.append(
            f"the model finds it likelier the other way round (loss {swapped:.2f} against {given:.2f}): are source and "
            "target swapped?"
        )
    elif given > apart - MARGIN:
        found.append(
            f"to the model its targets are no likelier beside their own sources than beside others (loss {given:.2f} "
            f"and {apart:.2f}): is it in other languages than the model's, are its lines out of step, or has "
            "the model learnt too little to tell?"
        )
    return found


def _unknown(tokenizers, sources, targets):
    """Side -> share of pieces such as <0xCE>, or of unknown words where there are no bytes, if there are many."""
    shares = {}
    for (side, tokenizer), lines in zip(tokenizers.items(), (sources, targets), strict=True):
        pieces = [piece for ids in tokenizer.encode(lines) for piece in tokenizer.pieces(ids)]
        share = sum(map(is_unknown, pieces)) / max(1, len(pieces))
        if share > UNKNOWN:
            shares[side] = share
    return shares


def _fits(model, source, target):
    """Whether both lines are short enough for the model."""
    encoded = [*model.source_tokenizer.encode([source]), *model.target_tokenizer.encode([target])]
    return all(len(ids) < model.max_source_length for ids in encoded)


def _loss_per_token(model):
    """A function of (sources, targets): mean negative log-likelihood of a target token, nats."""
    evaluate = tf.function(model.evaluate_batch, input_signature=[BATCH_SIGNATURE], autograph=False)
    tokenizers, longest = (model.source_tokenizer, model.target_tokenizer), model.max_source_length

    def loss(sources, targets):
        encoded = encode_corpus(ParallelCorpus.from_lines(sources, targets), *tokenizers, max_length=longest)
        plan = BatchPlan(encoded.source_lengths, encoded.target_lengths, batch_tokens=4096, seed=0)
        sums = [evaluate(batch_ids(encoded, batch)) for batch in plan.epoch(0)]
        return sum(float(one["nll_sum"]) for one in sums) / sum(int(one["tokens"]) for one in sums)

    return loss
