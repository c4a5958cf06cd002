"""A small model that knows its pairs by heart is asked about them, and about what mistakes make of them."""

import re

import keras
import pytest
import tensorflow as tf
from sentences import sentence_pairs

from seq2seq.layers import GRU, AdditiveAttention
from seq2seq.model import Encoder, RNNDecoder, Seq2Seq
from seq2seq.tasks.corpus_checks import corpus_warnings
from seq2seq.tasks.pipeline import BATCH_SIGNATURE, batch_ids
from seq2seq.text import ParallelCorpus
from seq2seq.text.batches import BatchPlan
from seq2seq.text.encoding import encode_corpus
from seq2seq.text.tokenizer import Tokenizer

SOURCES, TARGETS = map(list, zip(*sentence_pairs(60), strict=True))
GREEK = str.maketrans("abcdefghijklmnopqrstuvwxyz", "αβψδεφγηιξκλμνοπϙρστθωςχυζ")


@pytest.fixture(scope="module")
def model():
    return trained(*(Tokenizer.train(lines, kind="word", vocab_size=500) for lines in (SOURCES, TARGETS)))


def built(source, target, **options):
    """A model with these tokenizers."""
    keras.utils.set_random_seed(1)
    return Seq2Seq(
        Encoder(source.vocab_size, 32, GRU(32)),
        RNNDecoder(target.vocab_size, 32, GRU(32), AdditiveAttention(32)),
        source_tokenizer=source,
        target_tokenizer=target,
        **options,
    )


def trained(source, target):
    model = built(source, target)
    model.compile(keras.optimizers.Adam(0.01))
    encoded = encode_corpus(ParallelCorpus.from_lines(SOURCES, TARGETS), source, target, max_length=100)
    plan = BatchPlan(encoded.source_lengths, encoded.target_lengths, batch_tokens=400, seed=1)
    update = tf.function(model.update, input_signature=[BATCH_SIGNATURE], autograph=False)
    for epoch in range(25):
        for batch in plan.epoch(epoch):
            update(batch_ids(encoded, batch))
    return model


def about(model, sources, targets):
    return corpus_warnings(model, [ParallelCorpus.from_lines(sources, targets, name="these")], seed=3)


def test_nothing_is_strange_about_translations(model):
    assert about(model, SOURCES, TARGETS) == []


def test_each_corpus_is_named(model):
    good = ParallelCorpus.from_lines(SOURCES, TARGETS, name="good")
    swapped = ParallelCorpus.from_lines(TARGETS, SOURCES, name="other")
    (found,) = corpus_warnings(model, [good, swapped], seed=3)
    assert found.startswith("other: ")


def test_copies_may_be_meant(model):
    copies = ParallelCorpus.from_lines(SOURCES, SOURCES)
    found, *_ = corpus_warnings(model, [copies], seed=3)
    assert "100% of its pairs have the same text on both sides" in found
    assert not any("same text" in warning for warning in corpus_warnings(model, [copies], seed=3, copies=True))


@pytest.mark.parametrize(
    "sources, targets, message",
    [
        (TARGETS, SOURCES, "know its text the other way round only: are source and target swapped"),
        (SOURCES, TARGETS[1:] + TARGETS[:1], "no more probable with their own sources .*misaligned"),
        (SOURCES, SOURCES[:30] + TARGETS[30:], "50% of its pairs have the same text on both sides"),
        (SOURCES, [line.translate(GREEK) for line in TARGETS], "of the target pieces are unknown"),
        ([line.translate(GREEK) for line in SOURCES], TARGETS, "of the source pieces are unknown"),
    ],
)
def test_a_mistake_is_named(model, sources, targets, message):
    assert re.search(message, "\n".join(about(model, sources, targets)))


def test_what_the_vocabularies_cannot_write_is_not_asked_the_other_way_round():
    """Greek as bytes of a Latin vocabulary would be longer than the model may read; that is no reason to stop."""
    greek = [line.lower().translate(GREEK) for line in TARGETS]
    source, target = (Tokenizer.train(lines, vocab_size=400) for lines in (SOURCES, greek))
    longest = 1 + max(map(len, [*source.encode(SOURCES), *target.encode(greek)]))
    (found,) = about(built(source, target, max_source_length=longest), SOURCES, greek)
    assert "no more probable with their own sources" in found  # for it has not learnt anything


def test_pairs_too_long_for_the_model_are_not_judged():
    tokenizers = [Tokenizer.train(lines, kind="word", vocab_size=500) for lines in (SOURCES, TARGETS)]
    assert about(built(*tokenizers, max_source_length=3), TARGETS, TARGETS[1:] + TARGETS[:1]) != []  # seen by its words
    assert about(built(*tokenizers, max_source_length=3), SOURCES, TARGETS[1:] + TARGETS[:1]) == []


def test_a_few_pairs_are_not_judged(model):
    assert about(model, TARGETS[:19], SOURCES[:19]) == []


def test_with_a_joint_vocabulary_the_model_itself_says_which_way_round():
    joint = Tokenizer.train([*SOURCES, *TARGETS], kind="word", vocab_size=600)
    model = trained(joint, joint)
    assert about(model, SOURCES, TARGETS) == []
    (found,) = about(model, TARGETS, SOURCES)
    assert re.match(r"these: the model finds it more probable the other way round \(loss .*swapped", found)
