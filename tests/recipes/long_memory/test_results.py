import dataclasses

import pytest
from long_memory.results import Trial, append, in_words, read, table

TRIAL = Trial("gru", "adding", 50, units=32, seed=1, seconds=30.0, learning_rate=0.005)
SOLVED = {"parameters": 9, "updates": 1234, "used": 12.34, "figure": 0.0099, "solved": True}
OPEN = {"parameters": 9, "updates": 7, "used": 30.0, "figure": None, "solved": False}


def row(found, **changes):
    return {**dataclasses.asdict(dataclasses.replace(TRIAL, **changes)), **found}


def test_a_file_keeps_what_was_appended(tmp_path):
    file = tmp_path / "results.jsonl"
    assert read(file) == {}
    rows = [row(SOLVED), row(OPEN, cell="elman"), row(OPEN, seed=2)]
    for one in rows:
        append(file, one)
    assert list(read(file).values()) == rows
    assert read(file)[TRIAL] == rows[0]  # the other seed is another training
    with open(file, "a", encoding="utf-8") as stream:
        stream.write('{"cell": "gru"}\n')
    with pytest.raises(ValueError, match="results.jsonl:4 is no result"):
        read(file)


def test_the_table_has_a_row_for_each_cell():
    rows = [row(SOLVED), row(OPEN, cell="elman"), row(SOLVED, length=1000)]
    assert table(rows) == (
        "| cell | adding 50 | adding 1,000 |\n"
        "| --- | ---: | ---: |\n"
        "| without memory | 0.167 | 0.167 |\n"
        "| gru | **0.010** (12 s) | **0.010** (12 s) |\n"
        "| elman | diverged |  |\n"
    )
    assert in_words(rows[0]) == "squared error 0.010, solved after 1,234 updates, 12 s"
    assert in_words(rows[1]) == "squared error diverged, after 7 updates, 30 s"
