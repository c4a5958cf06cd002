import numpy as np
import pytest

from seq2seq.tasks.pipeline import SubwordSampler, batch_ids, training_dataset
from seq2seq.text import BatchPlan, ParallelCorpus, Tokenizer, encode_corpus
from seq2seq.text.batches import Batch

SOURCE = ["a b c", "b", "c c", "a a a a a", "b a", "c"] * 5
TARGET = ["x y", "z z z z", "x", "y", "z x", "y y y"] * 5


@pytest.fixture(scope="module")
def encoded():
    corpus = ParallelCorpus.from_lines(SOURCE, TARGET)
    tokenizers = [Tokenizer.train(side, kind="word", vocab_size=7) for side in (SOURCE, TARGET)]
    return encode_corpus(corpus, *tokenizers, max_length=10)


@pytest.fixture(scope="module")
def plan(encoded):
    return BatchPlan(encoded.source_lengths, encoded.target_lengths, batch_tokens=32, seed=3)


def as_lists(dataset):
    return [{side: ids.tolist() for side, ids in batch.items()} for batch in dataset.as_numpy_iterator()]


def test_batch_is_padded_and_the_target_begins_with_bos(encoded):
    ids = batch_ids(encoded, Batch(np.array([0, 1]), 4, 8))
    a_b_c, b = encoded.source(0).tolist(), encoded.source(1).tolist()
    x_y, z_z_z_z = encoded.target(0).tolist(), encoded.target(1).tolist()
    assert a_b_c[-1] == b[-1] == x_y[-1] == 3
    assert ids["source_ids"].tolist() == [a_b_c, [*b, 0, 0]]
    assert ids["target_ids"].tolist() == [[2, *x_y, 0, 0, 0, 0, 0], [2, *z_z_z_z, 0, 0, 0]]
    assert ids["source_ids"].dtype == ids["target_ids"].dtype == np.int32


def test_an_epoch_holds_each_pair_once(encoded, plan):
    batches = as_lists(training_dataset(encoded, plan, epochs=1))
    assert len(batches) == plan.batches_per_epoch
    assert sum(len(batch["source_ids"]) for batch in batches) == len(SOURCE)
    assert training_dataset(encoded, plan, epochs=1).cardinality() == plan.batches_per_epoch


def test_any_start_gives_the_same_batches(encoded, plan):
    whole = as_lists(training_dataset(encoded, plan, epochs=2))
    first_epoch = plan.batches_per_epoch
    assert whole[:first_epoch] != whole[first_epoch:]
    for start in (1, first_epoch - 1, first_epoch, first_epoch + 1):
        assert as_lists(training_dataset(encoded, plan, start=start, epochs=2)) == whole[start:]
        assert as_lists(training_dataset(encoded, plan, start=start).take(2)) == whole[start : start + 2]


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_sampled_pieces_follow_from_seed_epoch_and_batch(kind):
    lines = ["low lower lowest", "new newer newest", "wide wider widest"] * 10
    tokenizer = Tokenizer.train(lines, kind=kind, vocab_size=300)
    corpus = ParallelCorpus.from_lines(lines, lines[::-1])
    encoded = encode_corpus(corpus, tokenizer, tokenizer, max_length=100)
    plan = BatchPlan(encoded.source_lengths, encoded.target_lengths, batch_tokens=100, seed=1)
    sampler = SubwordSampler(corpus, tokenizer, tokenizer, alpha=0.1, seed=1)
    whole = as_lists(training_dataset(encoded, plan, epochs=2, sampler=sampler))
    assert as_lists(training_dataset(encoded, plan, start=1, epochs=2, sampler=sampler)) == whole[1:]
    assert whole != as_lists(training_dataset(encoded, plan, epochs=2))
    sampled = {line for batch in whole for line in tokenizer.decode(batch["source_ids"])}
    assert sampled == set(lines)


def test_epochs_of_a_curriculum_cannot_be_counted_in_batches(encoded):
    lengths = encoded.source_lengths, encoded.target_lengths
    plan = BatchPlan(*lengths, batch_tokens=20, seed=1, curriculum=(lengths[0], lambda update: 1.0))
    with pytest.raises(ValueError, match="epochs=1 does not fit a plan with a curriculum"):
        training_dataset(encoded, plan, epochs=1)
