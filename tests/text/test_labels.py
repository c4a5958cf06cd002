import pytest

from seq2seq.text.labels import Labels, parts_of_sentence, pieces_of_words, word_ends
from seq2seq.text.tokenizer import UNK_ID, Tokenizer


def test_labels_travel_as_json():
    labels = Labels.from_json(Labels(["NOUN", "Präfix", "a b"]).to_json())
    assert list(labels) == ["NOUN", "Präfix", "a b"] and labels.id("a b") == 2 and labels.id("VERB") is None


@pytest.mark.parametrize(
    "data, message",
    [
        (b'{"a": 1}', "a value of type dict; expected a list of names"),
        (b'["a"]', "Got 1 labels, 1 different; expected 2 to 10,000"),
        (b'["a", "a"]', "Got 2 labels, 1 different"),
        (b'["a", 1]', "The label '1' is not one line"),
        (b'["a", " "]', "is not one line of 1 to 200 characters"),
        (b'["a", "b\\u001b[2J"]', r"The label 'b\?\[2J' is not one line"),
    ],
)
def test_labels_of_a_stranger_are_checked(data, message):
    with pytest.raises(ValueError, match=message):
        Labels.from_json(data)


def test_words_become_pieces_and_parts():
    tokenizer = Tokenizer.train(["ab ba"], kind="char", vocab_size=262)
    words = pieces_of_words(tokenizer, ["ab", "\u200b", "aba"])
    assert [len(word) for word in words] == [3, 1, 4] and words[1] == [UNK_ID]  # a blank before each word
    assert pieces_of_words(tokenizer, ["aba"], limit=2)[0] == words[2][-2:]
    assert word_ends(words) == [2, 3, 7]
    assert parts_of_sentence(words, 4) == [words[:2], words[2:]]
    assert parts_of_sentence([], 4) == []
