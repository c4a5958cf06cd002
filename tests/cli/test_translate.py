"""`seq2seq translate`, with a translator that only shouts; and once with a real, untrained model."""

import bz2
import gzip
import io
import json
import lzma
import os
import select
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import seq2seq.translator
from seq2seq.cli import translate
from seq2seq.search import SearchOptions
from seq2seq.text.shortlist import Shortlist
from seq2seq.text.translation import BLANK, Translation

ROOT = Path(__file__).parents[2]

# Keras 3.15 turns variables into arrays in a way that NumPy 2 warns of; to go when Keras mends it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


class Shouter:
    """Stands for a Translator: the r-th best translation is in upper case with r exclamation marks."""

    windows = []
    loaded = []
    shortlists = []
    attends = True

    @classmethod
    def load(cls, *paths, precision, threads):
        cls.loaded.append((*paths, precision))
        return cls()

    def search(self, lines, *, alignments, progress, shortlist, **options):
        self.shortlists.append(shortlist)
        options = SearchOptions(**options)
        self.windows.append((list(lines), options))
        if progress:
            progress(len(lines))
        return [self._shout(line, options.n_best, alignments) for line in lines]

    def _shout(self, line, n_best, alignments):
        if not line.strip():
            return [BLANK]
        alignment = np.full((2, 2), 1 / 3, np.float32) if alignments and self.attends else None
        pieces = (line, "</s>")
        return [
            Translation(line.upper() + "!" * rank, -0.5 - rank, -1.0 - rank, pieces, pieces, alignment)
            for rank in range(n_best)
        ]


@pytest.fixture(autouse=True)
def shouter(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("RUN").touch()
    monkeypatch.setattr(seq2seq.translator, "Translator", Shouter)
    Shouter.windows.clear()
    Shouter.loaded.clear()
    monkeypatch.setattr(Shouter, "attends", True)
    return Shouter


@pytest.fixture
def typed(monkeypatch, capsys):
    """Runs the command on bytes as standard input; gives what it wrote."""

    def run(text, *arguments):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(text))))
        assert translate.main(["RUN", *arguments]) == 0
        return capsys.readouterr().out

    return run


def test_one_line_out_for_each_line_in(typed, shouter):
    assert typed("ein Hund\n\nzwei Straßen\n".encode()) == "EIN HUND\n\nZWEI STRASSEN\n"
    assert shouter.loaded == [(Path("RUN"), "float32")]


def test_nothing_in_nothing_out(typed):
    assert typed(b"") == ""


def test_a_last_line_without_an_end_is_a_line(typed):
    assert typed(b"a\nb") == "A\nB\n"


@pytest.mark.parametrize("inside", ["\u2028", "\x85", "\f", "\v", "\r", "\x1c", "\x00", "🦄"])
def test_lines_end_at_a_line_feed_only(typed, inside):
    assert typed(f"a{inside}b\nc\n".encode()).split("\n")[1:] == ["C", ""]


def test_windows_line_ends_and_a_byte_order_mark_are_not_text(typed, shouter):
    typed(b"\xef\xbb\xbfein Hund\r\nja\r\n")
    assert shouter.windows[0][0] == ["ein Hund", "ja"]


def test_invalid_utf8_is_replaced_with_a_warning_that_names_the_line(typed, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"ja\nna \xff\xc3\nja\n"))))
    assert translate.main(["RUN"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "JA\nNA \ufffd\ufffd\nJA\n"
    assert shown.err == "warning: standard input:2 is not valid UTF-8 (its byte 4 is 0xff); read as U+FFFD\n"


def test_strict_stops_at_invalid_utf8_and_leaves_no_file(tmp_path):
    (tmp_path / "in.txt").write_bytes(b"ja\nna \xff\n")
    with pytest.raises(ValueError, match="in.txt:2 is not valid UTF-8 .its byte 4"):
        translate.main(["RUN", "--strict", "--input", str(tmp_path / "in.txt"), "--output", str(tmp_path / "out.txt")])
    assert sorted(file.name for file in tmp_path.iterdir()) == ["RUN", "in.txt"]


def test_files_in_and_out(tmp_path, capsys):
    (tmp_path / "in.txt").write_bytes("für\nja\n".encode())
    with gzip.open(tmp_path / "in.gz", "wb") as file:
        file.write("für\nja\n".encode())
    for name in ("in.txt", "in.gz"):
        out = tmp_path / "new" / "out.txt"
        assert translate.main(["RUN", "--input", str(tmp_path / name), "--output", str(out)]) == 0
        assert out.read_bytes() == "FÜR\nJA\n".encode()
    assert capsys.readouterr().out == ""


def test_json_is_one_line_for_every_tool(typed):
    line = "a\x85b\u2028c\u2029d\fe\x1cf"
    (shown,) = typed(line.encode() + b"\n", "--json").splitlines()
    assert json.loads(shown)["source"] == line


def test_a_gzipped_file_is_known_by_what_it_holds(tmp_path, capsys):
    (tmp_path / "text").write_bytes(gzip.compress(b"ja\n"))
    (tmp_path / "text.gz").write_bytes(b"ja\n")
    for name in ("text", "text.gz"):
        assert translate.main(["RUN", "--input", str(tmp_path / name)]) == 0
    assert capsys.readouterr().out == "JA\nJA\n"
    (tmp_path / "half.gz").write_bytes(gzip.compress(b"ja\n")[:-6])
    with pytest.raises(ValueError, match="half.gz is a damaged gzip file"):
        translate.main(["RUN", "--input", str(tmp_path / "half.gz")])


def test_input_and_output_may_be_pipes(tmp_path):
    for name in ("in", "out"):
        os.mkfifo(tmp_path / name)
    command = f"printf 'ja\\n' > {tmp_path}/in & cat {tmp_path}/out"
    with subprocess.Popen(["bash", "-c", command], stdout=subprocess.PIPE) as shell:
        assert translate.main(["RUN", "--input", str(tmp_path / "in"), "--output", str(tmp_path / "out")]) == 0
        assert shell.communicate()[0] == b"JA\n"
    assert (tmp_path / "out").is_fifo()


def test_a_missing_input_is_told_before_the_model_is_loaded(tmp_path, shouter):
    with pytest.raises(FileNotFoundError):
        translate.main(["RUN", "--input", str(tmp_path / "nowhere")])
    assert shouter.loaded == []


def test_text_is_read_in_windows(typed, shouter):
    answers = typed(b"a\nb\nc\nd\ne\n", "--n-best", "2", "--window", "2").splitlines()
    assert answers[-1] == "4 ||| E! ||| -1.5000"
    assert [lines for lines, _ in shouter.windows] == [["a", "b"], ["c", "d"], ["e"]]


@pytest.mark.parametrize("size", ["0", "-1", "100001"])
def test_a_window_has_a_range(size, capsys):
    with pytest.raises((SystemExit, ValueError)) as caught:
        translate.main(["RUN", "--window", size])
    assert f"window is {size}; it has to be between 1 and 100,000" in f"{caught.value} {capsys.readouterr().err}"


@pytest.mark.parametrize(
    ("arriving", "waits", "expected"),
    [
        ([["a"], ["b"], ["c"]], [False, False, False], [["a"], ["b"], ["c"]]),
        ([["a"], ["b"], ["c"]], [True, False, True], [["a", "b"], ["c"]]),
        ([["a"], [], ["b"]], [True, False, True], [["a"], ["b"]]),  # half a line has come
        ([list("abcdefg"), ["h"]], [True, True], [["a", "b", "c"], ["d", "e", "f"], ["g", "h"]]),
        ([list("abc"), ["d"]], [True], [["a", "b", "c"], ["d"]]),  # nothing is asked while nothing is held
        ([], [], []),
    ],
)
def test_a_window_ends_when_it_is_full_or_no_more_is_waiting(arriving, waits, expected):
    waits = iter(waits)
    assert list(translate.windows(arriving, 3, lambda: next(waits, True))) == expected


def test_lines_before_an_error_are_answered_before_it_is_raised():
    def arriving():
        yield ["a", "b", "c"]
        raise ValueError("damaged")

    found = translate.windows(arriving(), 2, lambda: True)
    assert [next(found), next(found)] == [["a", "b"], ["c"]]
    with pytest.raises(ValueError, match="damaged"):
        next(found)


def test_strict_answers_the_lines_before_the_fault(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"ja\nnein\n\xff\nja\n"))))
    with pytest.raises(ValueError, match="standard input:3 is not valid UTF-8"):
        translate.main(["RUN", "--strict"])
    assert capsys.readouterr().out == "JA\nNEIN\n"


def test_a_slow_writer_is_answered_line_by_line_and_interrupted_at_once():
    """Through real pipes: each line is written when the one before it has been answered; then comes Ctrl-C."""
    code = f"""if True:
        import sys
        sys.path[:0] = {[str(ROOT), str(Path(__file__).parent)]!r}
        import seq2seq.translator, test_translate
        from seq2seq.cli import run, translate
        seq2seq.translator.Translator = test_translate.Shouter
        sys.exit(run(translate.main, ["RUN"]))"""
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], bufsize=0, **streams) as process:
        for line, answer in ((b"ja\n", b"JA\n"), (b"\n", b"\n"), (b"ja\nnein\n", b"JA\nNEIN\n")):
            process.stdin.write(line[:1])
            process.stdin.write(line[1:])
            found = b""
            while len(found) < len(answer):
                assert select.select([process.stdout], [], [], 60)[0], "no answer"
                found += os.read(process.stdout.fileno(), 100)
            assert found == answer
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, b"interrupted\n")


def test_search_options_reach_the_search(typed, shouter):
    typed(
        b"a\n",
        *"--beam-size 7 --n-best 3 --length-penalty 0.5 --min-length 2 --max-length-factor 3".split(),
        *"--no-early-stop --precision bfloat16".split(),
    )
    assert shouter.windows[0][1] == SearchOptions(
        beam_size=7, n_best=3, length_penalty=0.5, min_length=2, max_length_factor=3.0, early_stop=False
    )
    assert shouter.loaded[0][1] == "bfloat16"


def test_n_best_lists_are_numbered(typed):
    assert typed(b"a\n\nb\n", "--n-best", "2").splitlines() == [
        "0 ||| A ||| -0.5000",
        "0 ||| A! ||| -1.5000",
        "1 |||  ||| 0.0000",
        "2 ||| B ||| -0.5000",
        "2 ||| B! ||| -1.5000",
    ]


def test_json_has_one_object_for_each_line(typed):
    first, blank = map(json.loads, typed("ü\n\n".encode(), "--json", "--n-best", "2").splitlines())
    assert first["line"] == 1
    assert first["source"] == "ü"
    assert first["source_pieces"] == ["ü", "</s>"]
    assert first["hypotheses"][0] == {
        "text": "Ü",
        "score": -0.5,
        "log_prob": -1.0,
        "target_pieces": ["ü", "</s>"],
        "alignment": [[0.3333, 0.3333], [0.3333, 0.3333]],
    }
    assert first["hypotheses"][1]["text"] == "Ü!"
    assert blank["line"] == 2
    assert [one["text"] for one in blank["hypotheses"]] == [""]


def test_attention_is_plotted_for_each_line_that_is_not_blank(typed, tmp_path):
    assert typed(b"a\n\nb\n", "--plot-attention", str(tmp_path / "maps")) == "A\n\nB\n"
    assert sorted(file.name for file in (tmp_path / "maps").iterdir()) == [
        "line-000001.png",
        "line-000003.png",
    ]


def test_a_file_where_the_pictures_should_go_is_told_first(shouter):
    Path("file").touch()
    with pytest.raises(ValueError, match="--plot-attention file is a file. Give the name of a folder"):
        translate.main(["RUN", "--plot-attention", "file"])
    assert not shouter.loaded


@pytest.mark.parametrize("precious, name", [("in.en", "--input"), ("RUN", "the model"), ("link.de", "--input")])
def test_nothing_that_is_read_is_written_over(precious, name, shouter):
    Path("in.en").write_text("ja\n")
    Path("link.de").symlink_to("in.en")
    with pytest.raises(ValueError, match=f"--output {precious} is also {name}, which would be lost"):
        translate.main(["RUN", "--input", "in.en", "--output", precious])
    assert Path("in.en").read_text() == "ja\n" and not shouter.loaded


@pytest.mark.parametrize("option", ["--constraints", "--shortlist"])
def test_nor_is_another_file_that_is_read(option, shouter):
    Path("precious").write_text("{}\n")
    with pytest.raises(ValueError, match=f"--output precious is also {option}, which would be lost"):
        translate.main(["RUN", option, "precious", "--output", "precious"])
    assert Path("precious").read_text() == "{}\n" and not shouter.loaded


def zipped(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("text", data)
    return file.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zipped])
def test_packed_text_comes_in_by_a_pipe_or_a_file(typed, pack, capsys):
    assert typed(pack(b"ja\nnein\n")) == "JA\nNEIN\n"
    Path("text").write_bytes(pack(b"ja\nnein\n"))
    assert translate.main(["RUN", "--input", "text"]) == 0
    assert capsys.readouterr().out == "JA\nNEIN\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (bz2.compress(b"ja\n")[:-6], "text is a damaged bzip2 file"),
        ("ja\n".encode("utf-16"), "text is a UTF-16 file.*iconv"),
        (b"\x28\xb5\x2f\xfd\n", "text is a Zstandard file.*zstd -d"),
        (b"a\rb\rc", "text ends its lines by carriage returns"),
    ],
)
def test_what_cannot_be_read_is_told_before_the_model_is_loaded(data, message, shouter):
    Path("text").write_bytes(data)
    with pytest.raises(ValueError, match=message):
        translate.main(["RUN", "--input", "text"])
    assert not shouter.loaded


def test_a_long_line_is_cut_with_a_warning(typed, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"ja\n" + b"x" * 50 + b"\nnein"))))
    assert translate.main(["RUN", "--max-line-bytes", "5"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "JA\nXXXXX\nNEIN\n"
    assert shown.err.startswith("warning: standard input:2 is longer than 5 bytes")
    with pytest.raises((SystemExit, ValueError)):
        translate.main(["RUN", "--max-line-bytes", "3"])


@pytest.mark.parametrize("clock", [-1e9, 0.0, 5e9])  # a board without a battery; after 2106
def test_packed_output_depends_on_the_text_alone(typed, monkeypatch, clock):
    monkeypatch.setattr("time.time", lambda: clock)
    for name in ("out.de.gz", "other.gz"):
        typed(b"ja\nnein\n", "--output", name)
        assert gzip.decompress(Path(name).read_bytes()) == b"JA\nNEIN\n"
    assert Path("out.de.gz").read_bytes() == Path("other.gz").read_bytes()


def test_no_model_is_refused():
    with pytest.raises(ValueError, match="no model to translate with. Name one: seq2seq translate RUN"):
        translate.main([])


def test_a_missing_matplotlib_is_told_before_anything_is_translated(typed, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "seq2seq.pictures", None)
    Shouter.windows.clear()
    with pytest.raises(ModuleNotFoundError):
        typed(b"a\n", "--plot-attention", str(tmp_path / "maps"))
    assert not Shouter.windows and not (tmp_path / "maps").exists()


@pytest.mark.parametrize("num_constraints", [0, 1, 3])
def test_constraints_for_another_number_of_lines_are_refused(tmp_path, shouter, num_constraints):
    (tmp_path / "text").write_text("a\nb\n")
    (tmp_path / "constraints").write_text("{}\n" * num_constraints)
    with pytest.raises(ValueError, match=f"has constraints for {num_constraints} lines, .*text has 2. Give one"):
        translate.main(["RUN", "--input", str(tmp_path / "text"), "--constraints", str(tmp_path / "constraints")])


def test_constraints_are_checked_before_anything_is_translated(tmp_path, typed, monkeypatch):
    def refuse(self, constraints):
        raise ValueError(f"{len(constraints)} checked")

    monkeypatch.setattr(Shouter, "check_constraints", refuse, raising=False)
    (tmp_path / "constraints").write_text("{}\n" * 3)
    with pytest.raises(ValueError, match="3 checked"):
        typed(b"a\nb\nc\n", "--window", "1", "--constraints", str(tmp_path / "constraints"))


@pytest.fixture
def for_two_lines(tmp_path, monkeypatch):
    """A file of constraints for two lines, and a translator that takes them."""
    search = Shouter.search
    monkeypatch.setattr(Shouter, "check_constraints", lambda *_: None, raising=False)
    monkeypatch.setattr(Shouter, "search", lambda self, lines, constraints, **options: search(self, lines, **options))
    (tmp_path / "constraints").write_text("{}\n" * 2)
    return tmp_path / "constraints"


def test_constraints_for_more_lines_than_a_pipe_had_are_told(typed, for_two_lines, monkeypatch):
    said = []
    monkeypatch.setattr(translate, "_warn", said.append)
    assert typed(b"a\n", "--constraints", str(for_two_lines)) == "A\n"
    assert said == ["there were constraints for 2 lines, but 1 of text"]


def test_constraints_for_fewer_lines_than_a_pipe_has_are_an_error(typed, for_two_lines):
    with pytest.raises(ValueError, match="has constraints for 2 lines, and the text has more. Give one for each line."):
        typed(b"a\nb\nc\n", "--constraints", str(for_two_lines))


def test_a_model_without_attention_has_nothing_to_plot(tmp_path, shouter, monkeypatch):
    shouter.attends = False
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"a\n"))))
    with pytest.raises(ValueError, match="--plot-attention: this model has no attention"):
        translate.main(["RUN", "--plot-attention", str(tmp_path)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--n-best", "6"], "n_best is 6 with a beam_size of 5"), (["--beam-size", "0"], "beam_size")],
)
def test_options_that_do_not_fit_are_named(arguments, message, capsys):
    with pytest.raises((SystemExit, ValueError)) as caught:
        translate.main(["RUN", *arguments])
    assert message in f"{caught.value} {capsys.readouterr().err}"


def test_an_unknown_option_names_the_nearest(capsys):
    with pytest.raises(SystemExit):
        translate.main(["RUN", "--beam-sise", "3"])
    assert "--beam-size" in capsys.readouterr().err


def test_progress_is_shown_on_a_terminal_only(typed, monkeypatch, capsys):
    typed(b"a\n")
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("FORCE_COLOR", "1")  # for rich, a terminal
    monkeypatch.delenv("NO_COLOR", raising=False)
    with translate._progress(total=3) as progress:
        progress(2)
    shown = capsys.readouterr()
    assert "translating" in shown.err
    assert "2/3" in shown.err
    assert shown.out == ""


def test_help_is_fast_for_it_loads_no_tensorflow():
    code = (
        "import sys\nfrom seq2seq.cli.translate import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    print('tensorflow' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "False"


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """A run folder with an untrained model."""
    from seq2seq.layers.attention import AdditiveAttention
    from seq2seq.layers.cells import GRU
    from seq2seq.model import Encoder, RNNDecoder, Seq2Seq
    from seq2seq.model.archive import save_model
    from seq2seq.text.tokenizer import Tokenizer

    tokenizer = Tokenizer.train(["Two dogs run.", "A man rides a horse."] * 5, kind="char", vocab_size=276)
    model = Seq2Seq(
        Encoder(tokenizer.vocab_size, 4, GRU(4)),
        RNNDecoder(tokenizer.vocab_size, 4, GRU(4), AdditiveAttention(4)),
        source_tokenizer=tokenizer,
        target_tokenizer=tokenizer,
        max_source_length=100,
    )
    folder = tmp_path_factory.mktemp("run")
    save_model(model, folder / "translator.keras")
    return folder


ODD_LINES = [
    b"A man rides a horse.",
    b"",
    b"Two dogs run.",
    "🦄🦄".encode(),
    b"a\x00b",
    "x\u2028y".encode(),
    b"\xff\xfe",
    b"dog " * 300,
]


@pytest.mark.slow
def test_the_script_translates_pipes_and_survives_odd_bytes(run_folder):
    command = [sys.executable, str(ROOT / "scripts" / "translate.py"), str(run_folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C", "PYTHONIOENCODING": "ascii"}
    command += ["--beam-size", "2", "--max-length-factor", "0.1"]
    result = subprocess.run(
        command, input=b"\n".join(ODD_LINES) + b"\n", capture_output=True, env=environment, check=True
    )
    lines = result.stdout.split(b"\n")
    assert len(lines) == len(ODD_LINES) + 1
    assert lines[1] == b""
    result.stdout.decode("utf-8")
    errors = result.stderr.decode()
    assert "standard input:7 is not valid UTF-8" in errors
    assert "Traceback" not in errors


@pytest.mark.slow
def test_the_script_ends_quietly_when_nobody_reads(run_folder):
    command = f"yes a dog | head -n 12000 | {sys.executable} {ROOT}/scripts/translate.py {run_folder}"
    command += " --beam-size 1 --max-length-factor 0.1 | head -n 1"
    result = subprocess.run(command, shell=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert len(result.stdout.splitlines()) == 1
    assert b"Traceback" not in result.stderr
    assert b"Broken" not in result.stderr


def test_a_shortlist_is_read_and_passed_on(typed, shouter):
    Shortlist(np.array([[5], [6]]), np.array([7]), vocabularies=("a", "b")).save("list.npz")
    assert typed(b"a\n", "--shortlist", "list.npz") == "A\n"
    assert shouter.shortlists[-1].frequent.tolist() == [7]


@pytest.mark.parametrize(
    ("lines", "warning"),
    [
        ("ja\n<0xE4>\n<unk>\n", "2 source pieces, in 2 of 3 lines, are unknown words or bytes"),
        ("<0xF0>\n" * 1500, "1,500 source pieces, in 1,500 of 1,500 lines"),
        ("ja\n\n", None),
        ("<0xe4> <unk>!\n", None),  # text that only looks like it
    ],
)
def test_what_the_model_cannot_know_is_told_once(typed, monkeypatch, lines, warning):
    """The stand-in's source piece is the whole line."""
    told = []
    monkeypatch.setattr(translate, "_warn", told.append)
    typed(lines.encode())
    assert told == []  # standard error is no terminal
    typed(lines.encode(), "--verbose")
    assert len(told) == (1 if warning else 0)
    assert warning is None or told[0].startswith(warning)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_what_the_model_cannot_know_is_told_also_when_it_ends_early(shouter, monkeypatch, error):
    """Ctrl-C is how many end a dialogue at a terminal."""

    def arriving(*arguments, **options):
        yield ["<0xF0>", "ja"]
        raise error("enough")

    told = []
    monkeypatch.setattr(translate, "_warn", told.append)
    monkeypatch.setattr(translate, "text_lines", arriving)
    Path("in.en").write_text("ja\n")
    with pytest.raises(error):
        translate.main(["RUN", "--input", "in.en", "--verbose", "--window", "2"])
    assert told == [
        "1 source piece, in 1 of 2 lines, is an unknown word or a byte of a character that the vocabulary lacks: the "
        "model has not learnt what it means"
    ]
