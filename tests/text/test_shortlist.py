import numpy as np
import pytest

from seq2seq.text import ParallelCorpus, Tokenizer
from seq2seq.text.corpus import encode_corpus
from seq2seq.text.shortlist import Shortlist

NUMBERS = {"one": "eins", "two": "zwei", "three": "drei", "four": "vier", "five": "fünf", "six": "sechs"}


@pytest.fixture(scope="module")
def tokenizers():
    words = " ".join(NUMBERS), " ".join(NUMBERS.values())
    return tuple(Tokenizer.train([text] * 5, kind="word", vocab_size=10) for text in words)


@pytest.fixture(scope="module")
def shortlist(tokenizers):
    """Learnt from sentences of three words in another order: no word ever stands alone with its translation."""
    random = np.random.default_rng(1)
    draws = [random.choice(list(NUMBERS), 3, replace=False).tolist() for _ in range(60)]
    corpus = ParallelCorpus.from_lines(
        [" ".join(words) for words in draws], [" ".join(NUMBERS[word] for word in reversed(words)) for words in draws]
    )
    source, target = tokenizers
    encoded = encode_corpus(corpus, source, target, max_length=10)
    sizes = {"source_vocab_size": source.vocab_size, "target_vocab_size": target.vocab_size}
    return Shortlist.learn(encoded, **sizes, translations=2, frequent=1)


def test_the_likeliest_piece_for_a_word_is_its_translation(shortlist, tokenizers):
    source, target = tokenizers
    for english, german in NUMBERS.items():
        (word,), (translation,) = source.encode([english])[0], target.encode([german])[0]
        assert shortlist.translations[word, 0] == translation


def test_ids_for_a_batch_are_those_of_its_words_and_of_all_sentences(shortlist, tokenizers):
    source, target = tokenizers
    ids = shortlist([[*sentence, 3] for sentence in source.encode(["one two", "two five"])])
    assert ids.dtype == np.int32 and ids.tolist() == sorted(set(ids.tolist()))
    assert ids[:4].tolist() == [0, 1, 2, 3]
    assert set(target.encode(["eins zwei fünf"])[0]) <= set(ids.tolist())
    assert set(shortlist.frequent.tolist()) <= set(ids.tolist())
    assert len(shortlist([[3]])) <= 4 + 1 + 2  # the empty word and the frequent one


def test_saved_and_loaded(shortlist, tmp_path):
    shortlist.save(tmp_path / "list.npz")
    again = Shortlist.load(tmp_path / "list.npz")
    np.testing.assert_array_equal(again.translations, shortlist.translations)
    np.testing.assert_array_equal(again.frequent, shortlist.frequent)


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_shortlist_is_refused(tmp_path, content):
    (tmp_path / "list.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"list.npz is no shortlist .*seq2seq shortlist"):
        Shortlist.load(tmp_path / "list.npz")
