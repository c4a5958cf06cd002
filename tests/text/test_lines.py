"""Lines of files and of streams: the same lines, cut at the same limit, in flat memory."""

import bz2
import gzip
import io
import itertools
import logging
import random
import tempfile
import tracemalloc

import pytest

from seq2seq.text import lines as lines_module
from seq2seq.text.lines import LineFile, count_lines, fingerprint, text_lines


def stream(data):
    return io.BufferedReader(io.BytesIO(data))


def of_stream(data, **options):
    return list(itertools.chain.from_iterable(text_lines(stream(data), "text.en", **options)))


@pytest.mark.parametrize("limit", [4, 5, 9, 1000])
def test_files_and_streams_have_the_same_lines(tmp_path, monkeypatch, limit):
    """Also where blocks end inside lines and characters, and with lines of the limit and one byte to either side."""
    monkeypatch.setattr(lines_module, "_BLOCK", 11)
    monkeypatch.setattr("seq2seq.text.packed._BLOCK", 3)
    draw = random.Random(limit)
    texts = ["".join(draw.choices("aé日🦄\t", k=draw.randrange(8))) for _ in range(300)]
    data = b"\xef\xbb\xbf" + "\r\n".join(texts[:100] + ["\n".join(texts[100:])]).encode() + b"\n" * (limit % 2)
    (tmp_path / "text").write_bytes(data)
    file = LineFile(tmp_path / "text", max_line_bytes=limit)
    found = of_stream(data, max_line_bytes=limit)
    assert list(file) == found == [file[i] for i in range(len(file))] == file[:]
    assert file[7:90] == found[7:90] and file.fingerprint == fingerprint(found)
    for text, line in zip(texts, found, strict=False):  # `found` lacks a last blank line
        whole = len(text.encode()) <= limit
        assert line == text if whole else (text.startswith(line) and limit - 4 < len(line.encode()) <= limit)
    assert len(found) == count_lines(stream(data), "text.en")


def test_a_line_is_cut_between_characters(tmp_path):
    data = "\n".join(["abcdef", "abcé", "日本", "a🦄", "🦄🦄", "abcd"]).encode()
    (tmp_path / "text").write_bytes(data)
    cut = ["abcd", "abc", "日", "a", "🦄", "abcd"]
    assert list(LineFile(tmp_path / "text", max_line_bytes=4)) == of_stream(data, max_line_bytes=4) == cut


def test_one_warning_names_file_line_and_limit(tmp_path, caplog):
    data = b"short\n" + b"x" * 30 + b"\n" + b"y" * 40 + b"\nshort\n"
    (tmp_path / "text.en").write_bytes(data)
    with caplog.at_level(logging.WARNING, logger="seq2seq"):
        assert len(LineFile(tmp_path / "text.en", max_line_bytes=20)) == 4
        of_stream(data, max_line_bytes=20)
        of_stream(data)
    wanted = "text.en:2 is longer than 20 bytes: the rest of such lines is left out (--max-line-bytes sets the limit)."
    assert caplog.messages == [f"{tmp_path}/{wanted}", wanted]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
def test_one_line_of_any_length_takes_no_memory(pack, tmp_path):
    (tmp_path / "bomb").write_bytes(pack(b"a\n" + b"x" * 25_000_000 + b"\nb\n"))
    tracemalloc.start()
    try:
        with open(tmp_path / "bomb", "rb") as file:
            found = list(itertools.chain.from_iterable(text_lines(file, "bomb", max_line_bytes=100_000)))
        if pack is bytes:
            assert list(LineFile(tmp_path / "bomb", max_line_bytes=100_000)) == found
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [len(line) for line in found] == [1, 100_000, 1]
    assert peak < 20_000_000 if pack is not bytes else peak < 2.5 * lines_module._BLOCK


def test_a_limit_below_one_character_is_refused(tmp_path):
    (tmp_path / "text").write_text("a\n")
    for read in (lambda: LineFile(tmp_path / "text", max_line_bytes=3), lambda: of_stream(b"a\n", max_line_bytes=0)):
        with pytest.raises(ValueError, match=r"max_line_bytes is [03]; it has to be between 4 and"):
            read()


@pytest.mark.parametrize("data", [b"a\rb", b"a\rb\r", b"\xef\xbb\xbfeins\rzwei\rdrei\r", b"x" * 99 + b"\ry"])
def test_carriage_returns_alone_are_refused(tmp_path, data):
    (tmp_path / "text.en").write_bytes(data)
    for read in (
        lambda: LineFile(tmp_path / "text.en"),
        lambda: of_stream(data),
        lambda: of_stream(gzip.compress(data)),
    ):
        with pytest.raises(ValueError, match=r"text.en ends its lines by carriage returns.*`tr '\\r' '\\n'`"):
            read()


@pytest.mark.parametrize(("data", "lines"), [(b"a\r", ["a"]), (b"a\rb\n", ["a\rb"]), (b"a\r\nb\r", ["a", "b"])])
def test_other_carriage_returns_are_text_or_line_ends(tmp_path, data, lines):
    (tmp_path / "text.en").write_bytes(data)
    assert list(LineFile(tmp_path / "text.en")) == of_stream(data) == lines


def test_lines_come_before_the_fault_that_follows_them():
    arriving = text_lines(stream(b"one\ntwo\nb\xe4d\nfour\n"), "text.en")
    assert next(arriving) == ["one", "two"]
    with pytest.raises(ValueError, match=r"text.en:3 is not valid UTF-8 \(its byte 2 is 0xe4\)"):
        next(arriving)


def test_the_index_lies_in_the_folder_it_is_given(tmp_path, monkeypatch):
    (tmp_path / "text.en").write_text("a\nb\n")
    folders, make = [], tempfile.TemporaryFile
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda dir=None: folders.append(dir) or make(dir=dir))
    assert list(LineFile(tmp_path / "text.en", folder=tmp_path)) == list(LineFile(tmp_path / "text.en")) == ["a", "b"]
    assert folders == [tmp_path, None]


def test_the_message_about_a_full_disk_names_its_folder(tmp_path, full_disk):
    (tmp_path / "text.en").write_bytes(b"\n" * 500)  # an index of 8 bytes a line
    with pytest.raises(OSError, match="temporary .the folder for temporary files; TMPDIR names another"):
        LineFile(tmp_path / "text.en")
    with pytest.raises(OSError) as error:
        LineFile(tmp_path / "text.en", folder=tmp_path)
    assert error.value.filename == str(tmp_path)


def test_the_message_about_missing_temporary_folders_names_tmpdir(tmp_path, monkeypatch):
    (tmp_path / "text.en").write_text("a\n")
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [str(tmp_path / "nowhere")])
    with pytest.raises(FileNotFoundError, match="No usable temporary directory.*nowhere.*Set TMPDIR to a folder"):
        LineFile(tmp_path / "text.en")
