"""The laboratory through its own `main`."""

import json

import pytest
from toys import load

from seq2seq.cli import run

laboratory = load("recipes", "laboratory")


def options(folder, *cells, task="adding", **others):
    typed = {"run-dir": folder, "tasks": task, "lengths": 20, "units": 4, "seconds": 0.1, "jobs": 1, **others}
    return [*(text for name, value in typed.items() for text in (f"--{name}", str(value))), "--cells", *cells]


def test_known_results_stay_and_new_cells_are_added(tmp_path, capsys):
    def results():
        return (tmp_path / "results.jsonl").read_text().splitlines()

    assert run(laboratory.main, options(tmp_path, "elman")) == 0
    [first] = results()
    row = json.loads(first)
    assert row["updates"] > 0 and row["used"] >= 0.1 and row["parameters"] == (2 + 4 + 1) * 4 + (4 + 1)
    shown = capsys.readouterr().out
    assert "1 training to run, in at most 0:00" in shown and "adding 20 elman: squared error" in shown

    assert run(laboratory.main, options(tmp_path, "elman", "gru")) == 0
    assert results()[0] == first and len(results()) == 2
    table = (tmp_path / "results.md").read_text()
    assert table in capsys.readouterr().out
    assert [line.split()[1] for line in table.splitlines()] == ["cell", "---", "without", "elman", "gru"]
    assert (tmp_path / "results.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_processes_side_by_side_solve_a_short_task(tmp_path):
    typed = options(tmp_path, "gru", "lstm", task="temporal_order", units=32, seconds=60, jobs=2)
    assert run(laboratory.main, typed) == 0
    rows = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert len(rows) == 2 and all(row["solved"] for row in rows)


def test_wrong_options_are_named(tmp_path):
    with pytest.raises(ValueError, match="--lengths has 5; a task needs at least 20 steps"):
        laboratory.main(["--lengths", "50", "5"])
    with pytest.raises(ValueError, match="no cell named 'gruu'; did you mean gru"):
        laboratory.main(["--cells", "gruu"])
    with pytest.raises(ValueError, match="--tasks has 'sorting'; the tasks are adding, copying, temporal_order"):
        laboratory.main(["--tasks", "sorting"])
