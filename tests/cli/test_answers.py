"""What is written for each line."""

import contextlib
import gzip
import json
import sys

import numpy as np
import pytest

from seq2seq.cli.answers import as_json, as_list, open_output, plot_attention, without_controls
from seq2seq.text.translation import BLANK, Translation

PIECES = ("ü", "</s>")
BEST = Translation("Ü", -0.5, -1.0, PIECES, PIECES, np.full((2, 2), 1 / 3, np.float32))
SECOND = Translation("Ü!", -1.5, -2.0, PIECES, PIECES)


def test_n_best_lists_are_numbered_from_0():
    assert as_list(0, [BEST, SECOND]) == "0 ||| Ü ||| -0.5000\n0 ||| Ü! ||| -1.5000\n"
    assert as_list(1, [BLANK]) == "1 |||  ||| 0.0000\n"


def test_an_answer_does_not_control_a_terminal():
    assert without_controls("a\x1b[2J\tб \u200d\x9b\n") == "a?[2J\tб \u200d?\n"


def test_json_has_one_object_for_each_line():
    answer = json.loads(as_json(0, "ü", [BEST, SECOND]))
    assert (answer["line"], answer["source"], answer["source_pieces"]) == (1, "ü", ["ü", "</s>"])
    assert answer["hypotheses"][0] == {
        "text": "Ü",
        "score": -0.5,
        "log_prob": -1.0,
        "target_pieces": ["ü", "</s>"],
        "alignment": [[0.3333, 0.3333], [0.3333, 0.3333]],
    }
    assert answer["hypotheses"][1]["alignment"] is None
    assert [one["text"] for one in json.loads(as_json(1, "", [BLANK]))["hypotheses"]] == [""]


def test_json_is_one_line_for_every_tool():
    line = "a\x85b\u2028c\u2029d\fe\x1cf"
    (shown,) = as_json(0, line, [BEST]).splitlines()
    assert json.loads(shown)["source"] == line


def test_pictures_are_numbered_and_a_blank_line_has_none(tmp_path):
    plot_attention(0, BEST, tmp_path)
    plot_attention(1, BLANK, tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["line-000001.png"]


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    out = tmp_path / "new" / "out.txt"
    with contextlib.ExitStack() as stack:
        open_output(out, stack).write("für\r\n")
        assert not out.exists()
    assert out.read_bytes() == "für\r\n".encode()
    with pytest.raises(KeyError), contextlib.ExitStack() as stack:
        open_output(out, stack).write("half")
        raise KeyError
    assert out.read_bytes() == "für\r\n".encode()
    assert open_output(None, stack) is sys.stdout


@pytest.mark.parametrize("clock", [-1e9, 0.0, 5e9])  # a board without a battery; after 2106
def test_packed_output_depends_on_the_text_alone(tmp_path, monkeypatch, clock):
    monkeypatch.setattr("time.time", lambda: clock)
    for name in ("out.de.gz", "other.gz"):
        with contextlib.ExitStack() as stack:
            open_output(tmp_path / name, stack).write("JA\nNEIN\n")
        assert gzip.decompress((tmp_path / name).read_bytes()) == b"JA\nNEIN\n"
    assert (tmp_path / "out.de.gz").read_bytes() == (tmp_path / "other.gz").read_bytes()
