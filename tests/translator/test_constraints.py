"""Constraints in a file of JSON lines."""

import pytest

from seq2seq.translator.constraints import TextConstraints, read_constraints


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
def test_what_is_no_constraint_is_refused_with_its_place(tmp_path, line, message):
    path = tmp_path / "constraints.jsonl"
    path.write_text(f"{{}}\n{line}\n")
    with pytest.raises(ValueError, match=f"constraints.jsonl:2.*{message}"):
        read_constraints(path)
