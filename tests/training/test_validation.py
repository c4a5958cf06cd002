import math

import pytest
import tensorflow as tf

from seq2seq.text import ParallelCorpus, Tokenizer, encode_corpus
from seq2seq.training.validation import Interrupted, NotFinite, Validation

SOURCE = ["a b c", "", "c c", "a a a a a a a", "b a"]
TARGET = ["x y", "z", "x", "y", "z x"]


class Uniform:
    """Every one of 8 tokens is as likely as any other; smoothing doubles the loss."""

    def evaluate_batch(self, batch):
        tokens = tf.math.count_nonzero(batch["target_ids"][:, 1:], dtype=tf.int32)
        nll_sum = tf.cast(tokens, tf.float32) * math.log(8)
        return {"loss_sum": 2 * nll_sum, "nll_sum": nll_sum, "tokens": tokens}


class Perfect:
    def __init__(self):
        self.asked = []

    def translate(self, lines, *, beam_size, progress):
        self.asked.append((lines, beam_size))
        progress(len(lines))
        return list(TARGET)


def make(translator=None, samples=2):
    corpus = ParallelCorpus.from_lines(SOURCE, TARGET)
    tokenizers = [Tokenizer.train(side, kind="word", vocab_size=7) for side in (SOURCE, TARGET)]
    encoded = encode_corpus(corpus, *tokenizers, max_length=5)
    sizes = {"batch_tokens": 16, "beam_size": 2, "samples": samples, "seed": 1}
    return Validation(Uniform(), translator or Perfect(), corpus, encoded, **sizes)


def test_loss_is_that_of_a_token_and_bleu_that_of_all_lines():
    translator = Perfect()
    figures = make(translator)()
    assert figures.loss == pytest.approx(math.log(8)) and figures.perplexity == pytest.approx(8, rel=1e-5)
    assert figures.smoothed_loss == pytest.approx(2 * math.log(8))
    assert translator.asked == [(SOURCE, 2)]


def test_the_same_sentences_are_shown_each_time():
    validation = make()
    assert validation().samples == validation().samples
    assert len(validation().samples) == 2
    for sample in validation().samples:
        assert sample.hypothesis == sample.reference and sample.source in ("a b c", "c c", "b a")
    assert len(make(samples=9)().samples) == 3


def test_it_can_be_left_between_batches_and_in_translation():
    with pytest.raises(Interrupted):
        make()(lambda: True)
    answers = iter([False] * len(make()._batches) + [True])
    with pytest.raises(Interrupted):
        make()(lambda: next(answers))


def test_weights_without_a_loss_are_not_asked_to_translate(monkeypatch):
    translator = Perfect()
    monkeypatch.setattr(Uniform, "evaluate_batch", lambda self, batch: dict(loss_sum=1.0, nll_sum=math.nan, tokens=2))
    with pytest.raises(NotFinite, match="the validation loss is nan"):
        make(translator)()
    assert translator.asked == []
