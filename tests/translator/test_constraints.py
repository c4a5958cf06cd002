"""Constraints in text: read from JSON lines, and turned into tokens."""

import pytest

from seq2seq.text.tokenizer import Tokenizer
from seq2seq.translator.constraints import TextConstraints, as_tokens, read_constraints, spelling_of


def test_a_line_is_an_object_or_blank(tmp_path):
    path = tmp_path / "constraints.jsonl"
    path.write_text('{"prefix": "Ein", "required": ["Pferd"]}\n\n{"forbidden": ["Ross"]}\n')
    assert read_constraints(path) == [
        TextConstraints("Ein", ["Pferd"]),
        TextConstraints(),
        TextConstraints(forbidden=["Ross"]),
    ]


@pytest.mark.parametrize(
    "line, message",
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON: maximum recursion depth"),
        ('{"prefix": ' + "9" * 5000 + "}", "is no JSON: Exceeds the limit"),
        ('["Pferd"]', "expected an object with some of prefix, required, forbidden"),
        ('{"suffix": "Pferd"}', "expected an object with some of"),
        ('{"prefix": 5}', "prefix has to be a text"),
        ('{"required": "Pferd"}', "required and forbidden lists of texts"),
        (r'{"prefix": "\ud800"}', "holds half a surrogate pair"),
        (r'{"required": ["a", "b\udfff"]}', "holds half a surrogate pair"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(tmp_path, line, message):
    path = tmp_path / "constraints.jsonl"
    path.write_text(f"{{}}\n{line}\n")
    with pytest.raises(ValueError, match=f"constraints.jsonl:2.*{message}"):
        read_constraints(path)


@pytest.mark.parametrize(
    ("line", "forbidden"),
    [
        ("ein Hund und zwei", "Hund"),
        ("ein Hund und zwei", " ein\t Hund"),
        ("drei. vier! ja?", "vier!"),
        ("猫 und 犬と猫", "猫"),  # inside of a line, and by the pieces of its bytes
        ("ein Hund", "狗"),
    ],
)
def test_a_forbidden_text_does_not_appear(copying, line, forbidden):
    (found,) = copying().translate([line], constraints=[TextConstraints(forbidden=[forbidden])], beam_size=2)
    assert " ".join(forbidden.split()) not in found
    assert (found == line) is (forbidden not in line and "ein" not in forbidden)


def test_a_word_that_only_ends_like_a_forbidden_text_may_appear(copying):
    lines = ["zwei kleinei"]
    assert copying().translate(lines, constraints=[TextConstraints(forbidden=["ei"])]) == lines


@pytest.mark.parametrize(
    "wanted", [{"required": ["ja", "Ross"]}, {"prefix": "Ross"}, {"prefix": "ja", "required": ["ja 語"]}]
)
def test_words_that_the_target_vocabulary_lacks_are_named(wanted):
    words = Tokenizer.train(["ja nein"] * 4, kind="word", vocab_size=6)
    with pytest.raises(ValueError, match="'(Ross|ja 語)' is required, but the target vocabulary lacks a word of it"):
        as_tokens([TextConstraints(), TextConstraints(**wanted)], words)


def test_the_spelling_of_a_vocabulary_is_made_once(tokenizer):
    assert spelling_of(tokenizer) is spelling_of(Tokenizer(tokenizer.model))
