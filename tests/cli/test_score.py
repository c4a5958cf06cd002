"""`seq2seq score`: numbers as sacreBLEU's own, files read as they are."""

import bz2
import gzip
import json
import lzma
from pathlib import Path

import pytest
import sacrebleu

from seq2seq.cli import score

REFERENCES = ["The cat sat on the mat.", "A dog runs in the park today.", "It rains.", ""]
GOOD = ["The cat sat on the mat.", "A dog runs in a park today.", "It rains.", ""]
POOR = ["the cat is a mat.", "One dog in parks today.", "Rain.", "Hm."]


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Files `refs`, `good` and `poor` in the current folder."""
    monkeypatch.chdir(tmp_path)
    for name, lines in (("refs", REFERENCES), ("good", GOOD), ("poor", POOR)):
        write(name, lines)
    return tmp_path


def write(name, lines):
    Path(name).write_bytes("".join(line + "\n" for line in lines).encode())


def test_the_numbers_are_sacrebleus(files, capsys):
    assert score.main(["--references", "refs", "good", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["lines"] == 4
    (system,) = result["systems"]
    assert system["name"] == "good"
    expected = [sacrebleu.corpus_bleu, sacrebleu.corpus_chrf, sacrebleu.corpus_ter]
    for shown, corpus_score in zip(system["scores"], expected, strict=True):
        assert shown["value"] == pytest.approx(corpus_score(GOOD, [REFERENCES]).score)
        assert "version:" in shown["signature"]


def test_one_line_a_score(files, capsys):
    assert score.main(["--references", "refs", "good"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["BLEU", "chrF2", "TER"]
    assert "tok:13a" in lines[0] and "case:mixed" in lines[0]


def test_options_reach_the_signature(files, capsys):
    score.main(["--references", "refs", "good", "--lowercase", "--tokenize", "none"])
    bleu, *_ = capsys.readouterr().out.splitlines()
    assert "tok:none" in bleu and "case:lc" in bleu


def test_an_interval_when_asked_for(files, capsys):
    write("many refs", REFERENCES[:3] * 8)
    write("many", GOOD[:3] * 8)
    score.main(["--references", "many refs", "many", "--confidence", "--json"])
    for shown in json.loads(capsys.readouterr().out)["systems"][0]["scores"]:
        assert shown["low"] <= shown["high"]


def test_several_systems_are_compared_with_the_first(files, capsys):
    score.main(["--references", "refs", "good", "poor", "--json"])
    result = json.loads(capsys.readouterr().out)
    assert [system["name"] for system in result["systems"]] == ["good", "poor"]
    assert result["comparison"]
    score.main(["--references", "refs", "good", "poor"])
    shown = capsys.readouterr().out
    assert "good" in shown and "poor" in shown


def test_standard_input_is_a_system(files, capsys, given):
    score.main(["--references", "refs", "good"])
    from_file = capsys.readouterr().out
    given(Path("good").read_bytes())
    score.main(["--references", "refs"])
    assert capsys.readouterr().out == from_file


def test_crlf_byte_order_mark_and_gzip(files):
    Path("windows").write_bytes(b"\xef\xbb\xbfone\r\ntwo\r\nthree")
    assert score.read_lines("windows") == ["one", "two", "three"]
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        Path("packed").write_bytes(pack(b"one\ntwo\n"))
        assert score.read_lines("packed") == ["one", "two"]


def test_long_lines_are_cut_and_other_formats_refused(files, caplog):
    Path("long").write_bytes(b"It rains.\n" + b"x" * 50 + b"\n")
    assert score.read_lines("long", max_line_bytes=9) == ["It rains.", "x" * 9]
    assert caplog.messages[0].startswith("long:2 is longer than 9 bytes")
    Path("wide").write_text("It rains.\n", encoding="utf-16le")
    with pytest.raises(ValueError, match="wide is text in UTF-16LE.*iconv -f utf-16le"):
        score.main(["--references", "refs", "wide"])
    assert score.main(["--references", "long", "long", "--max-line-bytes", "9"]) == 0


def test_a_missing_line_is_named(files):
    write("short", GOOD[:3])
    with pytest.raises(ValueError, match="refs:4 has no partner; short ends at line 3"):
        score.main(["--references", "refs", "short"])
    with pytest.raises(ValueError, match="refs:4 has no partner; short ends at line 3"):
        score.main(["--references", "short", "refs"])


def test_invalid_utf8_is_named(files):
    Path("latin1").write_bytes(b"good\nM\xe4dchen\n")
    with pytest.raises(ValueError, match="latin1:2 is not valid UTF-8 .its byte . is 0xe4"):
        score.main(["--references", "refs", "latin1"])


def test_empty_files_and_doubles_are_refused(files):
    write("empty", [])
    with pytest.raises(ValueError, match="empty: there is nothing to score"):
        score.main(["--references", "empty", "empty"])
    with pytest.raises(ValueError, match="named twice"):
        score.main(["--references", "refs", "good", "good"])


def test_references_given_twice_are_two_sets(files, capsys):
    score.main(["--references", "refs", "--references", "poor", "good", "--json"])
    (system,) = json.loads(capsys.readouterr().out)["systems"]
    expected = sacrebleu.corpus_bleu(GOOD, [REFERENCES, POOR])
    assert system["scores"][0]["value"] == pytest.approx(expected.score)
    assert "nrefs:2" in system["scores"][0]["signature"]
    write("short", REFERENCES[:2])
    with pytest.raises(ValueError, match=r"good:3 has no partner; short ends at line 2"):
        score.main(["--references", "refs", "--references", "short", "good"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--references", "-"], "standard input cannot be both"),
        (["good"], "there is nothing to score against: give --references"),
    ],
)
def test_missing_references_and_standard_input_twice_are_refused(files, arguments, message):
    with pytest.raises(ValueError, match=message):
        score.main(arguments)


CHINESE = ["两只狗在公园里跑。", "一个男人骑着马。", "下雨了。", ""]


def test_the_tokenizer_follows_the_references(files, capsys, caplog):
    write("zh", CHINESE)
    write("worse", [line.replace("狗", "猫") for line in CHINESE])
    score.main(["--references", "zh", "worse"])
    shown = capsys.readouterr().out
    assert "|tok:zh|" in shown and not shown.startswith("BLEU = 0") and not caplog.messages
    score.main(["--references", "zh", "worse", "--tokenize", "char"])
    assert "|tok:char|" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("references", "typed", "told"),
    [
        (["Hund", "Katze"], [], "the references: no line has four tokens in a row (tokenizer 13a)"),
        (["他睡", "狗"], [], "the references: no line has four tokens in a row (tokenizer zh)"),
        (CHINESE[:2], ["--tokenize", "13a"], "the references: no line has four tokens in a row (tokenizer 13a)"),
        (GOOD[:2], [], "short: no line has four tokens in a row (tokenizer 13a)"),
    ],
)
def test_missing_4_grams_bring_one_warning(files, capsys, caplog, references, typed, told):
    write("refs", references)
    write("short", ["a", "b"])
    write("long", [" ".join("abcd"), "b"])
    score.main(["--references", "refs", "short", "long", *typed])
    assert caplog.messages == [f"BLEU is no measure of {told}. Go by chrF."] and "chrF2 = " in capsys.readouterr().out


def test_tokenizers_are_those_of_sacrebleu(files, monkeypatch):
    monkeypatch.setattr("sacrebleu.tokenizers.tokenizer_ja_mecab.MeCab", None)
    for name, message in {
        "ja-mecab": r"cannot be loaded: .*sacrebleu\[ja\]",
        "ja_mecab": "Did you mean ja-mecab",
    }.items():
        with pytest.raises(ValueError, match=message):
            score.main(["--references", "refs", "good", "--tokenize", name])
