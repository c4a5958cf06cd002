import io
import re
import tracemalloc
import zipfile

import numpy as np
import pytest

from seq2seq.text import ParallelCorpus, Tokenizer
from seq2seq.text.encoding import encode_corpus
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
    return Shortlist.learn(encoded, source, target, translations=2, frequent=1)


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


def test_saved_and_loaded(shortlist, tokenizers, tmp_path):
    shortlist.save(tmp_path / "list.npz")
    again = Shortlist.load(tmp_path / "list.npz")
    np.testing.assert_array_equal(again.translations, shortlist.translations)
    np.testing.assert_array_equal(again.frequent, shortlist.frequent)
    assert again.vocabularies == tuple(tokenizer.fingerprint for tokenizer in tokenizers)
    again.check(*tokenizers)


# The model that a shortlist belongs to. -----------------------------------------------------------------------------


def refusal(shortlist, source, target):
    with pytest.raises(ValueError) as error:
        shortlist.check(source, target, "run/translator.keras")
    return str(error.value)


def test_another_vocabulary_is_refused_naming_both_files(shortlist, tokenizers, tmp_path):
    source, target = tokenizers
    shortlist.save(tmp_path / "list.npz")
    shortlist = Shortlist.load(tmp_path / "list.npz")
    remedy = "Learn one: seq2seq shortlist run/translator.keras --source TEXT --target TEXT --output FILE"
    other = Tokenizer.train(["one two three"], kind="word", vocab_size=7)
    learnt, model = f"{tmp_path}/list.npz was learnt for", "than run/translator.keras has"
    assert refusal(shortlist, other, target) == f"{learnt} another source vocabulary {model}. {remedy}"
    assert refusal(shortlist, source, other) == f"{learnt} another target vocabulary {model}. {remedy}"
    assert refusal(shortlist, target, source) == f"{learnt} other vocabularies {model}. {remedy}"


def test_a_vocabulary_that_was_extended_is_another():
    lines = ["ein Hund", "zwei Hunde"] * 3
    parent = Tokenizer.train(lines, kind="char", vocab_size=280)
    corpus = encode_corpus(ParallelCorpus.from_lines(lines, lines[::-1]), parent, parent, max_length=20)
    shortlist = Shortlist.learn(corpus, parent, parent)
    shortlist.check(parent, parent)
    child = parent.extended(["собака"], 10)
    assert "another source vocabulary" in refusal(shortlist, child, parent)
    assert "other vocabularies" in refusal(shortlist, child, child)


@pytest.mark.parametrize("rows, highest", [(9, 5), (10, 10)])
def test_fingerprints_do_not_excuse_wrong_sizes(tokenizers, rows, highest):
    fingerprints = tuple(tokenizer.fingerprint for tokenizer in tokenizers)
    shortlist = Shortlist(np.full((rows, 1), -1), np.array([highest]), vocabularies=fingerprints)
    message = f"it has {rows} source ids, and target ids up to {highest}; run/translator.keras has 10 and 10 ids"
    assert message in refusal(shortlist, *tokenizers)


@pytest.mark.parametrize(
    "arrays, reason",
    [
        ((np.full((10, 1), -1), np.array([], np.int32)), "it names no target piece"),
        ((np.full((10, 1), 3), np.array([0, 1, 2, 3])), "it names no target piece"),  # only special ones
        ((np.zeros((10, 0)), np.array([], np.int32)), "it names no target piece"),
        ((np.full((10, 1), 5), np.zeros(11, np.int32)), "it names 11 target ids at once, of 10"),
        ((np.full((10, 12), 5), np.array([5])), "it names 12 target ids at once, of 10"),
    ],
)
def test_lists_that_leave_nothing_or_repeat_themselves_are_refused(tokenizers, arrays, reason):
    """The first would make every translation blank; the second take long for each batch."""
    fingerprints = tuple(tokenizer.fingerprint for tokenizer in tokenizers)
    assert reason in refusal(Shortlist(*arrays, vocabularies=fingerprints), *tokenizers)


# Files of strangers. ------------------------------------------------------------------------------------------------

ARRAYS = {
    "translations": np.full((10, 1), -1, np.int32),
    "frequent": np.array([5], np.int32),
    "vocabularies": np.array(["a", "b"]),
}


@pytest.fixture
def refused(tmp_path):
    """The reason for which a file is no shortlist."""
    path = tmp_path / "list.npz"

    def reason(content=None, **arrays):
        if content is None:
            np.savez_compressed(path, **{name: array for name, array in (ARRAYS | arrays).items() if array is not None})
        else:
            path.write_bytes(content)
        with pytest.raises(ValueError, match=r"list.npz is no shortlist .*Make one with `seq2seq shortlist`") as error:
            Shortlist.load(path)
        return str(error.value)

    return reason


def test_a_file_that_is_no_shortlist_is_refused(refused):
    for content in (b"", b"text", b"PK\x05\x06" + bytes(18), b"\x93NUMPY\x01\x00"):
        refused(content)


@pytest.mark.parametrize(
    "arrays, reason",
    [
        ({"vocabularies": None}, "it does not say for which vocabularies it was learnt"),
        ({"vocabularies": np.array(["a", "b", "c"])}, "vocabularies are <U1 of shape .3,.; expected two texts"),
        ({"vocabularies": np.array([1, 2])}, "vocabularies are int64"),
        ({"vocabularies": np.array(["a", None])}, "allow_pickle=False"),
        ({"translations": np.array([[object()]])}, "allow_pickle=False"),
        ({"translations": np.array([1, 2])}, "translations is an array of int64 .*whole numbers in 2 dimensions"),
        ({"translations": np.array([[0.5]])}, "translations is an array of float64"),
        ({"translations": np.array([[-2, 5]])}, "translations holds -2 to 5; expected ids from -1"),
        ({"translations": np.array([[2**32 + 5]])}, "translations holds 4294967301 to"),
        ({"frequent": np.array([-1])}, "frequent holds -1 to -1; expected ids from 0"),
        ({"frequent": None}, "frequent.npy"),
    ],
)
def test_wrong_arrays_are_refused(refused, arrays, reason):
    assert re.search(reason, refused(**arrays))


def test_the_reason_is_one_line(refused):
    header = b"\x93NUMPY\x01\x00" + (60_000).to_bytes(2, "little") + b"(" * 60_000  # NumPy's advice has three lines
    assert "\n" not in refused(archive({"translations.npy": header, "frequent.npy": b"", "vocabularies.npy": b""}))


def archive(entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in entries.items():
            packed.writestr(name, data)
    return file.getvalue()


def test_a_zip_bomb_is_not_unpacked(refused, monkeypatch):
    monkeypatch.setattr("seq2seq.text.shortlist._MAX_BYTES", 10_000)
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda *_: pytest.fail("was unpacked"))
    bomb = {"translations.npy": bytes(5_000), "vocabularies.npy": b"", "other": bytes(5_001)}
    assert "it unpacks to 10,001 bytes; expected at most 10,000" in refused(archive(bomb))


def test_a_zip_bomb_that_declares_a_small_size_is_not_unpacked_either(refused):
    size = 50_000_000
    entries = {"translations.npy": bytes(size), "frequent.npy": b"", "vocabularies.npy": b""}
    packed = archive(entries).replace(size.to_bytes(4, "little"), (99).to_bytes(4, "little"))
    tracemalloc.start()
    assert "Bad CRC-32 for file 'translations.npy'" in refused(packed)
    assert tracemalloc.get_traced_memory()[1] < size / 10
    tracemalloc.stop()


def test_a_shape_larger_than_its_data_is_refused(refused):
    entries = {}
    for name, array in ARRAYS.items():
        file = io.BytesIO()
        np.save(file, array)
        entries[f"{name}.npy"] = file.getvalue()
    for shape in (b"(99, 9)", b"(10**9, 1)", b"(-1, 1)"):
        damaged = entries["translations.npy"].replace(b"(10, 1)", shape)
        refused(archive(entries | {"translations.npy": damaged}))


def test_a_damaged_file_is_refused_or_harmless(shortlist, tmp_path):
    path, random = tmp_path / "list.npz", np.random.default_rng(1)
    shortlist.save(path)
    whole = path.read_bytes()
    refused = 0
    for _ in range(100):
        damaged = bytearray(whole[: random.integers(len(whole))] if random.random() < 0.3 else whole)
        for place in random.integers(len(damaged), size=2 if damaged else 0):
            damaged[place] ^= 1 << random.integers(8)
        path.write_bytes(damaged)
        try:
            np.testing.assert_array_equal(Shortlist.load(path).translations, shortlist.translations)
        except ValueError as error:
            refused += "list.npz is no shortlist" in str(error)
    assert refused > 75


# Numbers. -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "numbers, message",
    [
        ({"translations": 0, "frequent": 0}, "translations and frequent are both 0, which leaves no target piece"),
        ({"translations": -1}, "translations is -1; it has to be between 0 and 1,000"),
        ({"frequent": 10**12}, "frequent is 1000000000000; it has to be between 0 and 1,000,000"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(tokenizers, numbers, message):
    corpus = encode_corpus(ParallelCorpus.from_lines(["one"], ["eins"]), *tokenizers, max_length=10)
    with pytest.raises(ValueError, match=message):
        Shortlist.learn(corpus, *tokenizers, **numbers)


@pytest.mark.parametrize("numbers, kept", [({"translations": 0}, (0, 10)), ({"frequent": 0}, (2, 0))])
def test_one_of_the_numbers_may_be_0(tokenizers, numbers, kept):
    lines = ParallelCorpus.from_lines(["one two"], ["eins zwei"])
    learnt = Shortlist.learn(encode_corpus(lines, *tokenizers, max_length=10), *tokenizers, **numbers)
    assert (learnt.translations.shape[1], len(learnt.frequent)) == kept
