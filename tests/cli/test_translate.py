"""`seq2seq translate`, with a translator that only shouts."""

import bz2
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seq2seq.cli import translate
from seq2seq.search import SearchOptions
from seq2seq.text.shortlist import Shortlist
from seq2seq.translator.constraints import TextConstraints

pytestmark = pytest.mark.usefixtures("shouter")


def test_one_line_out_for_each_line_in(typed, shouter):
    assert typed("ein Hund\n\nzwei Straßen\n".encode()) == "EIN HUND\n\nZWEI STRASSEN\n"
    assert shouter.loaded == [(Path("RUN"), "float32")]
    assert typed(b"a\nb") == "A\nB\n"  # a last line without an end
    assert typed(b"") == ""


def test_lines_end_at_a_line_feed_only(typed):
    for inside in ("\u2028", "\x85", "\f", "\v", "\r", "\x1c", "\x00", "🦄"):
        assert typed(f"a{inside}b\nc\n".encode()).split("\n")[1:] == ["C", ""]


def test_windows_line_ends_and_a_byte_order_mark_are_not_text(typed, shouter):
    typed(b"\xef\xbb\xbfein Hund\r\nja\r\n")
    assert shouter.searches[0][0] == ["ein Hund", "ja"]


def test_invalid_utf8_is_replaced_with_a_warning_that_names_the_line(typed, caplog):
    assert typed(b"ja\nna \xff\xc3\nja\n") == "JA\nNA \ufffd\ufffd\nJA\n"
    assert caplog.messages == ["standard input:2 is not valid UTF-8 (its byte 4 is 0xff); read as U+FFFD"]


def test_strict_answers_the_lines_before_the_fault(given, capsys):
    given(b"ja\nnein\n\xff\nja\n")
    with pytest.raises(ValueError, match="standard input:3 is not valid UTF-8"):
        translate.main(["RUN", "--strict"])
    assert capsys.readouterr().out == "JA\nNEIN\n"


def test_strict_leaves_no_file(tmp_path):
    Path("in.txt").write_bytes(b"ja\nna \xff\n")
    with pytest.raises(ValueError, match="in.txt:2 is not valid UTF-8 .its byte 4"):
        translate.main(["RUN", "--strict", "--input", "in.txt", "--output", "out.txt"])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["RUN", "in.txt"]


def test_files_in_and_out(capsys):
    Path("in.txt").write_bytes("für\nja\n".encode())
    Path("in.gz").write_bytes(gzip.compress("für\nja\n".encode()))
    for name in ("in.txt", "in.gz"):
        assert translate.main(["RUN", "--input", name, "--output", "new/out.txt"]) == 0
        assert Path("new/out.txt").read_bytes() == "FÜR\nJA\n".encode()
    assert capsys.readouterr().out == ""


def test_input_and_output_may_be_pipes():
    for name in ("in", "out"):
        os.mkfifo(name)
    command = "printf 'ja\\n' > in & cat out"
    with subprocess.Popen(["bash", "-c", command], stdout=subprocess.PIPE) as shell:
        assert translate.main(["RUN", "--input", "in", "--output", "out"]) == 0
        assert shell.communicate()[0] == b"JA\n"
    assert Path("out").is_fifo()


def test_text_is_read_in_windows(typed, shouter):
    answers = typed(b"a\nb\nc\nd\ne\n", "--n-best", "2", "--window", "2").splitlines()
    assert answers[-1] == "4 ||| E! ||| -1.5000"
    assert [lines for lines, *_ in shouter.searches] == [["a", "b"], ["c", "d"], ["e"]]


def test_search_options_reach_the_search(typed, shouter):
    typed(
        b"a\n",
        *"--beam-size 7 --n-best 3 --length-penalty 0.5 --min-length 2 --max-length-factor 3".split(),
        *"--no-early-stop --precision bfloat16".split(),
    )
    assert shouter.searches[0][1] == SearchOptions(
        beam_size=7, n_best=3, length_penalty=0.5, min_length=2, max_length_factor=3.0, early_stop=False
    )
    assert shouter.loaded[0][1] == "bfloat16"


def test_json_and_pictures_have_the_attention(typed):
    shown = typed(b"a\n\nb\n", "--json", "--plot-attention", "maps").splitlines()
    assert json.loads(shown[2])["line"] == 3 and json.loads(shown[2])["hypotheses"][0]["alignment"]
    assert sorted(file.name for file in Path("maps").iterdir()) == ["line-000001.png", "line-000003.png"]


def test_a_shortlist_is_read_and_passed_on(typed, shouter):
    Shortlist(np.array([[5], [6]]), np.array([7]), vocabularies=("a", "b")).save("list.npz")
    assert typed(b"a\n", "--shortlist", "list.npz") == "A\n"
    assert shouter.searches[0][2]["shortlist"].frequent.tolist() == [7]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "nowhere"], "nowhere"),
        (["--plot-attention", "text"], "--plot-attention text is a file. Give the name of a folder"),
        (["--input", "text", "--output", "text"], "--output text is also --input, which would be lost"),
        (["--input", "text", "--output", "link"], "--output link is also --input, which would be lost"),
        (["--input", "text", "--output", "RUN"], "--output RUN is also the model, which would be lost"),
        (["--constraints", "text", "--output", "text"], "--output text is also --constraints, which would be lost"),
        (["--shortlist", "text", "--output", "text"], "--output text is also --shortlist, which would be lost"),
        (["--input", "damaged"], "damaged is a damaged bzip2 file"),
        (["--input", "text", "--constraints", "text"], "text:1 is no JSON"),
        (["--import", "nowhere.py"], "There is no file .*nowhere.py"),  # and RUN, which follows, is not another import
    ],
)
def test_wrong_files_are_refused_before_the_model_is_loaded(shouter, arguments, message):
    Path("text").write_text("ja\n")
    Path("link").symlink_to("text")
    Path("damaged").write_bytes(bz2.compress(b"ja\n")[:-6])
    with pytest.raises((ValueError, OSError), match=message):
        translate.main([*arguments, "RUN"])
    assert Path("text").read_text() == "ja\n" and not shouter.loaded


def test_no_model_is_refused():
    with pytest.raises(ValueError, match="no model to translate with. Name one: seq2seq translate RUN"):
        translate.main([])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--n-best", "6"], "n_best is 6 with a beam_size of 5"),
        (["--window", "100001"], "window is 100001; it has to be between 1 and 100,000"),
        (["--max-line-bytes", "3"], "max_line_bytes is 3; it has to be between"),
        (["--beam-sise", "3"], "--beam-size"),  # the nearest name
    ],
)
def test_options_that_do_not_fit_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        translate.main(["RUN", *arguments])


def test_a_long_line_is_cut_with_a_warning(typed, caplog):
    assert typed(b"ja\n" + b"x" * 50 + b"\nnein", "--max-line-bytes", "5") == "JA\nXXXXX\nNEIN\n"
    assert caplog.messages[0].startswith("standard input:2 is longer than 5 bytes")


def test_a_missing_matplotlib_is_an_error_before_anything_is_translated(typed, shouter, monkeypatch):
    monkeypatch.setitem(sys.modules, "seq2seq.pictures", None)
    with pytest.raises(ModuleNotFoundError):
        typed(b"a\n", "--plot-attention", "maps")
    assert not shouter.loaded and not Path("maps").exists()


def test_a_model_without_attention_has_nothing_to_plot(shouter, monkeypatch, typed):
    monkeypatch.setattr(shouter, "attends", False)
    with pytest.raises(ValueError, match="--plot-attention: this model has no attention"):
        typed(b"a\n", "--plot-attention", "maps")


def test_each_line_has_its_constraints(typed, shouter):
    Path("constraints").write_text('{}\n{"prefix": "B"}\n{"prefix": "C"}\n')
    typed(b"a\nb\nc\n", "--window", "2", "--constraints", "constraints")
    first, second = (further["constraints"] for *_, further in shouter.searches)
    assert [*first, *second] == [TextConstraints(), TextConstraints(prefix="B"), TextConstraints(prefix="C")]


def test_constraints_are_checked_before_anything_is_translated(typed, shouter):
    Path("constraints").write_text('{}\n{}\n{"forbidden": [""]}\n')
    with pytest.raises(ValueError, match="3 checked"):
        typed(b"a\nb\nc\n", "--window", "1", "--constraints", "constraints")
    assert not shouter.searches


def test_there_are_as_many_constraints_as_lines(typed, caplog):
    Path("text").write_text("a\nb\n")
    for number in (0, 1, 3):
        Path("constraints").write_text("{}\n" * number)
        with pytest.raises(ValueError, match=f"has constraints for {number} lines, .*text has 2. Give one"):
            translate.main(["RUN", "--input", "text", "--constraints", "constraints"])
    Path("constraints").write_text("{}\n" * 2)
    with pytest.raises(ValueError, match="has constraints for 2 lines, and the text has more. Give one for each line."):
        typed(b"a\nb\nc\n", "--constraints", "constraints")
    assert typed(b"a\n", "--constraints", "constraints").endswith("A\n")  # of a pipe it is known only in the end
    assert caplog.messages == ["there were constraints for 2 lines, but 1 of text"]


def test_progress_is_shown_on_a_terminal_only(typed, monkeypatch, capsys):
    typed(b"a\n")
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("FORCE_COLOR", "1")  # for rich, a terminal
    monkeypatch.delenv("NO_COLOR", raising=False)
    with translate._progress(total=3) as progress:
        progress(2)
    shown = capsys.readouterr()
    assert "translating" in shown.err and "2/3" in shown.err and shown.out == ""


@pytest.mark.parametrize(
    ("lines", "warning"),
    [
        ("ja\n<0xE4>\n<unk>\n", "2 source pieces, in 2 of 3 lines, are unknown words or bytes"),
        ("<0xF0>\n" * 1500, "1,500 source pieces, in 1,500 of 1,500 lines"),
        ("<0xe4> <unk>!\n\n", None),  # text that only looks like it
    ],
)
def test_unknown_pieces_bring_one_warning(typed, caplog, lines, warning):
    typed(lines.encode())
    assert not caplog.messages  # standard error is no terminal
    typed(lines.encode(), "--verbose")
    assert [message.startswith(warning or "") for message in caplog.messages] == [True] * bool(warning)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_unknown_pieces_bring_a_warning_also_after_an_early_end(monkeypatch, caplog, error):
    """Ctrl-C is how many end a dialogue at a terminal."""

    def arriving(*arguments, **options):
        yield ["<0xF0>", "ja"]
        raise error("enough")

    monkeypatch.setattr(translate, "text_lines", arriving)
    Path("in.en").write_text("ja\n")
    with pytest.raises(error):
        translate.main(["RUN", "--input", "in.en", "--verbose", "--window", "2"])
    assert caplog.messages == [
        "1 source piece, in 1 of 2 lines, is an unknown word or a byte of a character that the vocabulary lacks: the "
        "model has not learnt what it means"
    ]
