"""`seq2seq classify` and `seq2seq tag`."""

import re
import sys

import pytest
from labelled import LABELS, run_of

from seq2seq.cli import classify, tag


def test_a_label_for_each_line(given, capsys):
    given(b"ein Hund\n\nzwei Katzen\n")
    assert classify.main([str(run_of("classifier"))]) == 0
    first, blank, third, end = capsys.readouterr().out.split("\n")
    assert {first, third} <= set(LABELS) and blank == end == ""


def test_all_labels_with_their_probabilities(given, capsys):
    given(b"ein Hund")
    assert classify.main([str(run_of("classifier")), "--probabilities"]) == 0
    pairs = [one.split(" ") for one in capsys.readouterr().out.removesuffix("\n").split("\t")]
    shares = [float(share) for _, share in pairs]
    assert {label for label, _ in pairs} == set(LABELS) and shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=2e-4)


def test_a_tag_for_each_word(given, capsys, tmp_path):
    text = b"ein  Hund\n\nzwei\n"
    given(text)
    assert tag.main([str(run_of("tagger"))]) == 0
    tags = "|".join(LABELS)
    assert re.fullmatch(rf"ein/({tags}) Hund/({tags})\n\nzwei/({tags})\n", shown := capsys.readouterr().out)
    (tmp_path / "in.txt").write_bytes(text)
    arguments = ["--columns", "--input", str(tmp_path / "in.txt"), "--output", str(tmp_path / "out.txt")]
    assert tag.main([str(run_of("tagger")), *arguments]) == 0
    columns = (tmp_path / "out.txt").read_text()
    assert columns.split() == re.sub("[/ ]", " ", shown).split() and columns.startswith("ein\t")


def test_words_cannot_control_a_terminal(given, capsys, monkeypatch):
    given(b"\x1b[2J")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    tag.main([str(run_of("tagger"))])
    assert capsys.readouterr().out.startswith("?[2J/")


def test_a_model_of_another_kind_and_lost_input_are_refused(tmp_path):
    with pytest.raises(ValueError, match="is a tagger, not a classifier. Use: seq2seq tag"):
        classify.main([str(run_of("tagger"))])
    (tmp_path / "in.txt").write_text("a")
    both = ["--input", str(tmp_path / "in.txt"), "--output", str(tmp_path / "in.txt")]
    with pytest.raises(ValueError, match="is also --input, which would be lost"):
        tag.main([str(run_of("tagger")), *both])
    with pytest.raises(ValueError, match="--window is 0"):
        tag.main(["RUN", "--window", "0"])
