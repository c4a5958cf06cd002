import collections
import io
import itertools
import json
import math
import random
import subprocess
import sys

import pytest
import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from sentences import sentence_pairs

from seq2seq.text import Tokenizer
from seq2seq.text.cleaning import clean
from seq2seq.text.subwords import subword_sampler

UNIGRAM, BPE = sentencepiece_model_pb2.TrainerSpec.UNIGRAM, sentencepiece_model_pb2.TrainerSpec.BPE
DRAWS = 4000
NEARLY_NONE = 1e-12  # of the merges are dropped
UNSEEN = ["▅ 你好 of the xylophone", "two  spaces ", "Zürich", "a\u0301", "", "x" * 300]


@pytest.fixture(scope="module")
def lines():
    return [line for pair in sentence_pairs(300) for line in pair] + UNSEEN


@pytest.fixture(scope="module")
def unigram(lines):
    return Tokenizer.train(lines[:400], kind="unigram", vocab_size=600)


@pytest.fixture(scope="module")
def bpe(lines):
    return Tokenizer.train(lines[:400], kind="bpe", vocab_size=600)


@pytest.fixture(params=["unigram", "bpe"])
def tokenizer(request):
    return request.getfixturevalue(request.param)


def model_of(kind, scores):
    """A SentencePiece model of the given pieces after the four special ones."""
    types = sentencepiece_model_pb2.ModelProto.SentencePiece
    proto = sentencepiece_model_pb2.ModelProto()
    proto.trainer_spec.model_type = kind
    proto.trainer_spec.unk_id = 1
    for number, piece in enumerate(["<pad>", "<unk>", "<s>", "</s>"]):
        proto.pieces.add(piece=piece, score=0, type=types.UNKNOWN if number == 1 else types.CONTROL)
    for piece, score in scores.items():
        proto.pieces.add(piece=piece, score=score)
    return proto.SerializeToString(), ["<pad>", "?", "<s>", "</s>", *scores]


def frequencies(kind, scores, word, alpha):
    """How often each segmentation of a word is drawn."""
    model, names = model_of(kind, scores)
    draw, generator = subword_sampler(model, alpha), random.Random(1)
    counts = collections.Counter(" ".join(names[i] for i in draw(word, generator)) for _ in range(DRAWS))
    return {segmentation: count / DRAWS for segmentation, count in counts.items()}


def cuts(word):
    """All ways to cut a word."""
    for marks in itertools.product((False, True), repeat=len(word) - 1):
        text = "".join(letter + " " * cut for letter, cut in zip(word, (*marks, False), strict=True))
        yield text.split()


@pytest.mark.parametrize("alpha", [0.2, 0.8])
def test_unigram_draws_by_probability_to_the_alpha(alpha):
    scores = {"▁": -2.0, "a": -3.0, "b": -2.5, "ab": -1.5, "▁a": -2.0, "ba": -3.5, "▁aba": -5.0}
    weights = {
        " ".join(cut): math.exp(alpha * sum(scores[piece] for piece in cut))
        for cut in cuts("▁abab")
        if scores.keys() >= set(cut)
    }
    assert len(weights) == 9
    expected = {cut: weight / sum(weights.values()) for cut, weight in weights.items()}
    assert frequencies(UNIGRAM, scores, "▁abab", alpha) == pytest.approx(expected, abs=0.03)


def test_an_unknown_character_can_only_be_spelt():
    scores = {"a": -1.0, "aa": -1.0}
    found = frequencies(UNIGRAM, scores, "axaa", 1.0)
    once = math.exp(-1) / (math.exp(-1) + math.exp(-2))
    assert found == pytest.approx({"a ? aa": once, "a ? a a": 1 - once}, abs=0.03)


@pytest.mark.parametrize(
    "word, expected",
    [
        # ab is merged first in one half; else bc in one half of the rest; abc is the second step of either.
        ("abc", {"abc": 0.375, "ab c": 0.25, "a bc": 0.125, "a b c": 0.25}),
        # A pair dropped in the first step can be merged in the second: "ab ef" is 1/2 * 1/2 + 1/4 * 1/2.
        ("abef", {"ab ef": 0.375, "ab e f": 0.25, "a b ef": 0.125, "a b e f": 0.25}),
        ("?", {"?": 1.0}),
    ],
)
def test_bpe_drops_each_merge_with_probability_alpha_at_each_step(word, expected):
    scores = {"ab": -1.0, "bc": -2.0, "abc": -3.0, "ef": -4.0} | dict.fromkeys("abcef", -9.0)
    found = frequencies(BPE, scores, word, 0.5)
    assert found == pytest.approx(expected, abs=0.03)


def test_bpe_without_dropped_merges_is_sentencepieces_own(bpe, lines):
    assert bpe.sample(lines, alpha=NEARLY_NONE, seed=1) == bpe.encode(lines)


def test_unigram_at_temperature_0_is_sentencepieces_own(unigram, lines):
    draw, generator = subword_sampler(unigram.model, 10_000.0), random.Random(1)
    normalized = unigram._processor.normalize(lines)
    assert [draw(text, generator) for text in normalized] == unigram.encode(lines)


def model_of_a_stranger(kind, lines, **options):
    """One that SentencePiece learnt without our options: it spells nothing in bytes."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        model_type=kind,
        vocab_size=200,
        minloglevel=2,
        **{"pad_id": 0, "unk_id": 1, "bos_id": 2, "eos_id": 3},
        **options,
    )
    return Tokenizer(model.getvalue())


@pytest.mark.parametrize("options", [{}, {"split_by_whitespace": False}, {"treat_whitespace_as_suffix": True}])
def test_models_of_strangers_are_cut_like_by_sentencepiece(lines, options):
    tokenizer = model_of_a_stranger("bpe", lines[:400], **options)
    assert any(1 in ids for ids in tokenizer.encode(UNSEEN))
    assert tokenizer.sample(lines, alpha=NEARLY_NONE, seed=1) == tokenizer.encode(lines)


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_user_defined_symbols_are_refused(lines, kind):
    tokenizer = model_of_a_stranger(kind, lines[:400], user_defined_symbols=["@@", "dog"])
    with pytest.raises(ValueError, match=r"has user-defined symbols \(@@, dog\), with which no segmentations can be"):
        tokenizer.sample(["the dog"], alpha=0.1, seed=1)


def test_bpe_with_all_merges_dropped_is_characters(bpe):
    (ids,) = bpe.sample(["the dog"], alpha=1.0, seed=1)
    assert bpe.pieces(ids) == list("▁the▁dog")


def test_every_sampled_line_is_the_same_text(tokenizer, lines):
    sampled = [tokenizer.sample(lines, alpha=0.1, seed=seed) for seed in range(3)]
    assert sampled[0] != sampled[1] != sampled[2]
    assert [tokenizer.decode(ids) for ids in sampled] == [[clean(line) for line in lines]] * 3


def test_pieces_may_reach_across_words():
    scores = {"▁a▁b": -1.0} | dict.fromkeys("▁ab", -1.0)
    found = frequencies(UNIGRAM, scores, "▁a▁b", 1.0)
    assert found["▁a▁b"] == pytest.approx(1 / (1 + math.exp(-3)), abs=0.03)


def test_the_same_seed_draws_the_same_in_another_process(unigram, bpe, lines, tmp_path):
    unigram.save(tmp_path / "unigram")
    bpe.save(tmp_path / "bpe")
    code = (
        "import json, sys\n"
        "from seq2seq.text import Tokenizer\n"
        "lines = json.loads(sys.argv[1])\n"
        "print(json.dumps([Tokenizer.load(path).sample(lines, alpha=0.2, seed=5) for path in sys.argv[2:]]))"
    )
    command = [sys.executable, "-c", code, json.dumps(lines[:40]), str(tmp_path / "unigram"), str(tmp_path / "bpe")]
    there = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert there == [tokenizer.sample(lines[:40], alpha=0.2, seed=5) for tokenizer in (unigram, bpe)]


class Counting(random.Random):
    """Counts what is drawn."""

    count = 0

    def random(self):
        self.count += 1
        return super().random()


def test_the_work_of_bpe_grows_with_the_length_of_a_word(bpe):
    word, generator = "▁" + "thedogand" * 2000, Counting(1)
    assert len(subword_sampler(bpe.model, 0.1)(word, generator)) < len(word)
    assert generator.count < 2 * len(word)
