"""Characters as a vocabulary: nothing is lost, nothing is cleaned, and a stranger's list is checked."""

import json

import numpy as np
import pytest

from seq2seq.text import CharacterTokenizer
from seq2seq.text.tokenizer import BOS_ID, EOS_ID, PAD_ID, UNK_ID

SOURCE = "def f(x):\n\treturn x  # \u00a0ä 🐍\r\n"


def test_text_comes_back_as_it_was():
    tokenizer = CharacterTokenizer.train([SOURCE])
    [ids] = tokenizer.encode([SOURCE])
    assert len(ids) == len(SOURCE) and tokenizer.decode([ids]) == [SOURCE]
    assert tokenizer.encode([]) == tokenizer.decode([]) == [] and tokenizer.encode([""]) == [[]]
    np.testing.assert_array_equal(tokenizer.ids(SOURCE), ids)
    assert tokenizer.pieces(ids) == list(SOURCE)


def test_the_most_frequent_characters_are_known_and_others_are_unknown():
    tokenizer = CharacterTokenizer.train(["bbb", "aac"], vocab_size=6)
    assert (tokenizer.characters, tokenizer.vocab_size) == ("ba", 6)
    assert tokenizer.encode(["abcz🐍\ud800"]) == [[5, 4, UNK_ID, UNK_ID, UNK_ID, UNK_ID]]
    assert CharacterTokenizer.train(["hello"]).characters == "leho"  # equally frequent ones by code point


def test_decoding_ends_at_the_first_end():
    tokenizer = CharacterTokenizer.train(["ab"])
    assert tokenizer.decode([[BOS_ID, 4, PAD_ID, UNK_ID, 5, EOS_ID, 4], [EOS_ID]]) == ["a\ufffdb", ""]
    assert tokenizer.pieces([PAD_ID, UNK_ID, BOS_ID, EOS_ID]) == ["<pad>", "<unk>", "<s>", "</s>"]
    with pytest.raises(ValueError, match="Id 6 is not in this tokenizer, which has 6 ids"):
        tokenizer.decode([[6]])


def test_the_stored_list_gives_an_equal_tokenizer():
    tokenizer = CharacterTokenizer.train([SOURCE])
    again = CharacterTokenizer(tokenizer.model)
    assert again == tokenizer and hash(again) == hash(tokenizer) and again.fingerprint == tokenizer.fingerprint
    assert again != CharacterTokenizer.train(["ab"])


@pytest.mark.parametrize(
    "model, message",
    [
        (b"\xff", "bytes are no list of characters"),
        (b"[" * 100_000, "bytes are no list of characters"),
        (b"[]", "has to be"),
        (b'{"characters": ["a"]}', "has to be"),
        (b'{"characters": ""}', "has to be"),
        (json.dumps({"characters": "a" * 200_001}).encode(), "1 to 200,000"),
        (b'{"characters": "aba"}', "has one twice, or half of a surrogate pair"),
        (b'{"characters": "\\ud800"}', "has one twice, or half of a surrogate pair"),
        (b" " * (4 << 20) + b"{}", "has 4,194,306 bytes; at most"),
    ],
)
def test_a_list_of_a_stranger_is_checked(model, message):
    with pytest.raises(ValueError, match=message):
        CharacterTokenizer(model)


def test_what_cannot_be_a_vocabulary_is_refused():
    with pytest.raises(ValueError, match="no characters"):
        CharacterTokenizer.train(["", "\ud800"])
    with pytest.raises(ValueError, match="4 ids leave no room"):
        CharacterTokenizer.train(["a"], vocab_size=4)
    with pytest.raises(TypeError, match="got one string"):
        CharacterTokenizer.train(["a"]).encode("a")
