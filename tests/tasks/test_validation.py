import math

import pytest
import tensorflow as tf

from seq2seq.tasks.options import TranslationValidation
from seq2seq.tasks.task import Interrupted, UselessWeights
from seq2seq.tasks.validation import Validation, figures
from seq2seq.text import ParallelCorpus, Tokenizer, bleu, chrf, encode_corpus

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

    def translate(self, lines, *, beam_size, batch_tokens, progress):
        self.asked.append((lines, beam_size))
        progress(len(lines))
        return list(TARGET)


def make(translator=None, samples=2):
    corpus = ParallelCorpus.from_lines(SOURCE, TARGET)
    tokenizers = [Tokenizer.train(side, kind="word", vocab_size=7) for side in (SOURCE, TARGET)]
    encoded = encode_corpus(corpus, *tokenizers, max_length=5)
    options = TranslationValidation(beam_size=2, samples=samples)
    return Validation(Uniform(), translator or Perfect(), corpus, encoded, options, batch_tokens=16, seed=1)


def test_loss_is_that_of_a_token_and_scores_are_those_of_all_lines():
    translator = Perfect()
    values = make(translator)().values
    assert values["loss"] == pytest.approx(math.log(8)) and values["perplexity"] == pytest.approx(8, rel=1e-5)
    assert values["smoothed_loss"] == pytest.approx(2 * math.log(8))
    assert translator.asked == [(SOURCE, 2)]
    assert values["chrf"] == pytest.approx(100)


@pytest.mark.parametrize(
    "stop_on, rank, decision",
    [
        ("bleu", (12.5, -2.0), "bleu 12.5 with loss 2"),
        ("chrf", (34.5, -2.0), "chrf 34.5 with loss 2"),
        ("loss", (-2.0,), "loss 2"),
    ],
)
def test_the_figure_to_stop_on_decides_and_then_the_loss(stop_on, rank, decision):
    found = figures({"loss": 2.0, "perplexity": 7.4, "bleu": 12.5, "chrf": 34.5}, stop_on)
    assert found.rank == rank
    assert (
        found.decision
        == {"bleu": "BLEU 12.50 with loss 2", "chrf": "chrF 34.50 with loss 2", "loss": "loss 2"}[stop_on]
    )
    assert found.summary == "valid loss 2.000  perplexity 7.40  BLEU 12.50  chrF 34.50"


class Written:
    """A translator that has written these lines before."""

    def __init__(self, lines):
        self.lines = lines

    def translate(self, lines, **options):
        return list(self.lines)


def figures_of(target, hypotheses, **options):
    corpus = ParallelCorpus.from_lines([f"s{number}" for number in range(len(target))], target)
    tokenizers = [Tokenizer.train(side * 9, kind="word", vocab_size=9) for side in (corpus.source, target)]
    encoded = encode_corpus(corpus, *tokenizers, max_length=99)
    options = TranslationValidation(samples=0, **options)
    return Validation(Uniform(), Written(hypotheses), corpus, encoded, options, batch_tokens=99, seed=1)().values


@pytest.mark.parametrize(
    ("line", "slip", "tokenizer"),
    [("两只狗在公园里跑，一个", "狗猫", "zh"), ("犬が公園を走っている", "犬猫", "char"), ("สุนัขวิ่งในสวน", "สห", "char")],
)
def test_bleu_counts_by_the_tokenizer_of_the_script_or_the_one_named(line, slip, tokenizer):
    lines, worse = [line, line[::-1]], [line.replace(*slip), line[::-1]]
    values = figures_of(lines, worse)
    assert 50 < values["bleu"] == bleu(worse, lines, tokenize=tokenizer).value < 100
    assert 50 < values["chrf"] == chrf(worse, lines).value < 100
    assert figures_of(lines, worse, bleu_tokenizer="13a")["bleu"] == 0


def test_single_words_have_no_bleu_and_babble_is_no_better_than_what_is_right():
    """sacreBLEU smooths the 4-grams that babble has and the references lack, but gives perfect translations 0."""
    words, babble = ["Hund", "Katze"], ["Hund Hund Hund Hund Hund", "Katze"]
    assert bleu(babble, words).value > 0 == bleu(words, words).value
    good, bad = figures_of(words, words), figures_of(words, babble)
    assert good["bleu"] == bad["bleu"] == 0 and good["chrf"] > bad["chrf"]


def test_the_same_sentences_are_shown_each_time():
    validation = make()
    assert validation().samples == validation().samples
    assert len(validation().samples) == 2
    for sample in validation().samples:
        source, reference, hypothesis = (line[14:] for line in sample.split("\n"))
        assert hypothesis == reference and source in ("a b c", "c c", "b a")
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
    with pytest.raises(UselessWeights, match="the validation loss is nan"):
        make(translator)()
    assert translator.asked == []
