import pytest

from seq2seq.text.segments import Segment, join_segments, split_line


def words(texts):
    return [len(text.split()) for text in texts]


def characters(texts):
    return [len(text) for text in texts]


def test_a_line_within_the_limit_stays_whole():
    assert split_line(" It rains. We stay. ", 4, words) == [Segment("It rains. We stay.", "")]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("It rains, so. We stay here.", ["It rains, so.", "We stay here."]),  # sentences before clauses
        ("When it rains a lot, we stay.", ["When it rains a lot,", "we stay."]),  # clauses before words
        ("one two three four five six", ["one two three", "four five six"]),
        ('He said "no!" She said "yes!"', ['He said "no!"', 'She said "yes!"']),
        ("Hi. one two three four five six seven", ["Hi. one two three", "four five six seven"]),  # not near
    ],
)
def test_cuts_are_made_where_the_text_pauses(line, parts):
    found = split_line(line, 5, words)
    assert [part.text for part in found] == parts
    assert [part.glue for part in found] == ["", " "]


def test_text_without_spaces_is_cut_at_its_own_punctuation():
    assert [part.text for part in split_line("今日は雨です。家にいます。", 8, characters)] == [
        "今日は雨です。",
        "家にいます。",
    ]


def test_a_word_is_cut_between_characters_and_joined_without_a_space():
    parts = split_line("x" * 5000, 100, characters)
    assert all(len(part.text) <= 100 for part in parts)
    assert min(len(part.text) for part in parts) >= 50  # balanced
    assert {part.glue for part in parts} == {""}
    assert join_segments([part.text for part in parts], [part.glue for part in parts]) == "x" * 5000


def test_accents_and_joined_emoji_stay_with_their_letter():
    letter, family = "e\u0301", "\U0001f469\u200d\U0001f467"
    assert [part.text for part in split_line(letter * 3, 4, characters)] in (
        [letter, letter * 2],
        [letter * 2, letter],
    )
    assert [part.text for part in split_line("ab" + family, 4, characters)] == ["ab", family]


def test_one_character_above_the_limit_stays_whole():
    assert [part.text for part in split_line("ab", 1, lambda texts: [4 * len(text) for text in texts])] == [
        "a",
        "b",
    ]


def test_nothing_is_lost_from_a_long_line():
    line = " ".join(f"word{number}{', . ; '[number % 7 :][:1].strip()}" for number in range(5000))
    parts = split_line(line, 60, words)
    assert max(words([part.text for part in parts])) <= 60
    assert join_segments([part.text for part in parts], [part.glue for part in parts]) == line


@pytest.mark.parametrize("run", [".", ".)", '…"', ",;", "!?”", "。」", "、", "\u0301", "a\u0301", ". . ", "x"])
def test_the_work_grows_with_the_length_not_with_its_square(run):
    """Patterns that backtrack would read a run of signs again and again, for minutes."""
    counted = []

    def count(texts):
        counted.extend(map(len, texts))
        return characters(texts)

    line = run * (20_000 // len(run))
    parts = split_line(line, 100, count)
    assert max(len(part.text) for part in parts) <= 100
    assert "".join(part.text for part in parts).replace(" ", "") == line.replace(" ", "")
    assert sum(counted) < 11 * len(line)  # 20 000 halved 8 times is below 100; some rounds more, for unequal halves


def test_a_part_that_is_short_enough_is_not_counted_again():
    seen = []

    def count(texts):
        seen.extend(texts)
        return words(texts)

    parts = split_line("Hi there. " + "word " * 20, 6, count)
    assert len(seen) == 2 * len(parts) - 1  # a tree whose leaves are the parts


def test_joining_leaves_no_space_beside_nothing():
    assert join_segments(["", "a", "", "b", "c"], ["", " ", " ", " ", ""]) == "a bc"
