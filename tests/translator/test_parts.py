"""Lines and the parts that a model reads."""

import pytest

from seq2seq.text.tokenizer import EOS_ID
from seq2seq.text.translation import BLANK, Translation
from seq2seq.translator.parts import Part, count_finished_lines, cut_lines, join_parts


def test_a_line_is_one_part_and_a_blank_line_none(tokenizer):
    parts = cut_lines(["ja", "", " \t ", "\u2028", "\u200b", "drei"], tokenizer, max_length=10)
    assert parts == [Part(line, "", [*tokenizer.encode([text])[0], EOS_ID]) for line, text in ((0, "ja"), (5, "drei"))]


def test_a_long_line_is_several_parts(tokenizer):
    parts = cut_lines(["ja", "ein Hund, zwei Katzen"], tokenizer, max_length=16)
    texts = [tokenizer.decode([part.ids[:-1]])[0] for part in parts]
    assert list(zip([part.line for part in parts], [part.glue for part in parts], texts, strict=True)) == [
        (0, "", "ja"),
        (1, "", "ein Hund,"),
        (1, " ", "zwei Katzen"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "ein Hund und zwei. " + "\u200b" * 30,
        "\t" * 30 + "ein Hund und zwei.",
        "ein\u00a0 \u00a0 \u00a0 \u00a0 \u00a0 \u00a0Hund und \u00adzwei.",
    ],
)
def test_invisible_characters_do_not_decide_where_a_line_is_cut(tokenizer, line):
    assert cut_lines([line], tokenizer, max_length=12) == cut_lines(["ein Hund und zwei."], tokenizer, max_length=12)


def test_translations_of_parts_are_joined_and_blank_lines_stay_blank():
    one, two, three = (Translation(text, -1.0, -2.0) for text in ("eins", "zwei", "drei"))
    parts = [Part(0, "", []), Part(2, "", []), Part(2, " ", [])]
    lines = join_parts(3, parts, [[one], [two, three], [three]])
    assert [[each.text for each in line] for line in lines] == [["eins"], [""], ["zwei drei", "drei drei"]]
    assert lines[1] == [BLANK]


def test_a_line_is_finished_with_its_last_part():
    counts = []
    parts = [Part(0, "", []), Part(2, "", []), Part(2, " ", [])]
    finish = count_finished_lines(4, parts, counts.append)
    finish(parts[2:])
    finish(parts[:2])
    assert counts == [2, 2]  # the two blank lines, then the others
