"""The ids of a corpus: the same whether they were just made or kept on disk."""

import logging

import numpy as np
import pytest

from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.encoding import encode_corpus
from seq2seq.text.tokenizer import EOS_ID, Tokenizer

SOURCE = ["A man rides a horse.", "", "Two dogs run.", "form\ffeed\u2028and\x85more", "  spaces  "]
TARGET = ["Ein Mann reitet.", "leer", "Zwei Hunde.", "Seiten\x0bvorschub", "日本語"]


@pytest.fixture
def corpus():
    return ParallelCorpus.from_lines(SOURCE, TARGET)


@pytest.fixture(scope="module")
def tokenizers():
    return (
        Tokenizer.train(SOURCE * 3, kind="char", vocab_size=290),
        Tokenizer.train(TARGET * 3, kind="bpe", vocab_size=290),
    )


def test_encoded_sides_are_the_ids_of_their_lines_with_the_end(corpus, tokenizers):
    encoded = encode_corpus(corpus, *tokenizers, max_length=100)
    assert len(encoded) == 4
    assert encoded.lines.tolist() == [0, 2, 3, 4]
    for i, line in enumerate(encoded.lines):
        source, target = encoded.source(i), encoded.target(i)
        assert source.dtype == target.dtype == np.int32
        assert source.tolist() == tokenizers[0].encode([SOURCE[line]])[0] + [EOS_ID]
        assert target.tolist() == tokenizers[1].encode([TARGET[line]])[0] + [EOS_ID]
        assert encoded.source_lengths[i] == len(source) and encoded.target_lengths[i] == len(target)
    assert encoded.source_lengths.dtype == encoded.target_lengths.dtype == np.int32


def test_the_report_counts_pairs_and_tokens():
    tokenizer = Tokenizer.train(["a b c d e"], kind="word", vocab_size=9)
    corpus = ParallelCorpus.from_lines(
        ["a b", "a", " \t", "b", "a b c d", "c", "e"],
        ["b a", "a ", "x", "\u3000", "e", "a b c d", "a b c"],
        name="toy",
    )
    report = encode_corpus(corpus, tokenizer, tokenizer, max_length=4).report
    assert (report.lines, report.pairs, report.blank, report.too_long) == (7, 3, 2, 2)
    assert (report.mean_source_length, report.max_source_length) == (pytest.approx(7 / 3), 3)
    assert (report.mean_target_length, report.max_target_length) == (3, 4)  # 3, 2 and 4 tokens with their ends
    assert report.identical == pytest.approx(1 / 3)
    assert str(report) == (
        "toy: 3 of 7 pairs. Tokens a sentence: source 2.3 (at most 3), target 3.0 (at most 4).\n"
        "  Dropped: 2 with a blank side, 2 over 4 tokens. Same text on both sides: 33.3 %."
    )


def test_a_corpus_of_which_nothing_is_left_is_refused():
    tokenizer = Tokenizer.train(["a b c"], kind="word", vocab_size=7)
    corpus = ParallelCorpus.from_lines(["a b c", ""], ["a", "b"], name="toy")
    with pytest.raises(
        ValueError, match="toy: none of 2 pairs is left; 1 have a blank side, 1 a side over max_length=3"
    ):
        encode_corpus(corpus, tokenizer, tokenizer, max_length=3)
    with pytest.raises(ValueError, match="max_length=1 leaves no room"):
        encode_corpus(corpus, tokenizer, tokenizer, max_length=1)


def contents(encoded):
    sides = [(encoded.source(i).tolist(), encoded.target(i).tolist()) for i in range(len(encoded))]
    return sides, encoded.lines.tolist(), encoded.report


def test_cache_is_used_and_keyed(corpus, tokenizers, tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    first = contents(encode_corpus(corpus, *tokenizers, max_length=30, cache_dir=cache))
    assert len(list(cache.iterdir())) == 1
    with monkeypatch.context() as patch:
        patch.setattr(Tokenizer, "encode", None)  # a second encoding would fail
        assert contents(encode_corpus(corpus, *tokenizers, max_length=30, cache_dir=cache)) == first
    encode_corpus(corpus, *tokenizers, max_length=31, cache_dir=cache)
    encode_corpus(corpus, tokenizers[1], tokenizers[0], max_length=30, cache_dir=cache)
    encode_corpus(ParallelCorpus.from_lines(TARGET, SOURCE), *tokenizers, max_length=30, cache_dir=cache)
    assert len(list(cache.iterdir())) == 4


@pytest.mark.parametrize("damage", ["empty", "cut", "ids", "footer", "trailer", "foreign"])
def test_damaged_cache_is_rebuilt(corpus, tokenizers, tmp_path, caplog, damage):
    first = contents(encode_corpus(corpus, *tokenizers, max_length=30, cache_dir=tmp_path / "cache"))
    (path,) = (tmp_path / "cache").iterdir()
    good = path.read_bytes()
    bad = bytearray(good)
    if damage == "foreign":
        encode_corpus(corpus, *tokenizers, max_length=29, cache_dir=tmp_path / "other")
        bad = next((tmp_path / "other").iterdir()).read_bytes()
    elif damage in ("empty", "cut"):
        del bad[{"empty": 0, "cut": len(bad) // 2}[damage] :]
    else:
        bad[{"ids": 3, "footer": -40, "trailer": -12}[damage]] ^= 1
    path.write_bytes(bad)
    with caplog.at_level(logging.WARNING, logger="seq2seq"):
        again = encode_corpus(corpus, *tokenizers, max_length=30, cache_dir=tmp_path / "cache")
    assert contents(again) == first
    assert path.read_bytes() == good
    assert f"{path} is damaged" in caplog.text


def test_pairs_across_windows_are_whole(tokenizers, monkeypatch):
    lines = [f"horse {i}" if i % 7 else "" for i in range(50)]
    corpus = ParallelCorpus.from_lines(lines, lines[::-1])
    whole = contents(encode_corpus(corpus, *tokenizers, max_length=60))
    monkeypatch.setattr("seq2seq.text.encoding._WINDOW", 7)
    assert contents(encode_corpus(corpus, *tokenizers, max_length=60)) == whole


def test_rarity_is_the_surprise_of_all_source_tokens(monkeypatch):
    """By hand, over windows of two pairs; blank lines are not counted."""
    monkeypatch.setattr("seq2seq.text.encoding._WINDOW", 2)
    sources = ["a b", "a a c", "", "b", "c a b b"]
    tokenizer = Tokenizer.train(sources, kind="word", vocab_size=50)
    encoded = encode_corpus(ParallelCorpus.from_lines(sources, ["x y z"] * 5), tokenizer, tokenizer, max_length=9)
    rows = [[*ids, EOS_ID] for ids in tokenizer.encode(sources) if ids]
    counts = np.bincount([token for row in rows for token in row])
    expected = [-sum(np.log(counts[token] / counts.sum()) for token in row) for row in rows]
    np.testing.assert_allclose(encoded.source_rarity(), expected)
