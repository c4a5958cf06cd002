import gzip
import logging
import tracemalloc

import pytest

from seq2seq.text import workspace as workspace_module
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.workspace import split_columns, unpacked, workspace


def test_columns_are_split_at_the_one_tab(tmp_path):
    (tmp_path / "t.tsv").write_bytes("\ufeffa b\tA\r\n\t\nü\té".encode())
    source, target = split_columns(tmp_path / "t.tsv", tmp_path, shown=tmp_path / "t.tsv.gz")
    assert source.read_bytes() == "\ufeffa b\n\nü\n".encode() and target.read_bytes() == "A\n\né\n".encode()


def test_names_may_be_long(tmp_path):
    """What is made of a file has a longer name than the file."""
    for letter in ("x", "語"):
        name = letter * (245 // len(letter.encode()))
        packed, table = tmp_path / f"{name}.gz", tmp_path / f"{name}.tsv"
        packed.write_bytes(gzip.compress(b"text\n"))
        table.write_bytes(b"a\tb\n")
        assert unpacked(packed, tmp_path).read_bytes() == b"text\n"
        assert [path.read_bytes() for path in split_columns(table, tmp_path, shown=table)] == [b"a\n", b"b\n"]


def test_columns_of_any_length_take_no_memory(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("seq2seq.text.lines._BLOCK", 1 << 16)
    monkeypatch.setattr(workspace_module, "_BLOCK", 1 << 16)
    (tmp_path / "t.tsv").write_bytes(b"a\tA\n" + b"x" * 3_000_000 + b"\t" + b"y" * 3_000_000 + b"\nb\tB\n")
    tracemalloc.start()
    try:
        with caplog.at_level(logging.WARNING, logger="seq2seq"):
            corpus = ParallelCorpus.open(tmp_path / "t.tsv", max_line_bytes=10, cache_dir=tmp_path / "cache")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert list(corpus.source) == ["a", "x" * 10, "b"] and list(corpus.target) == ["A", "y" * 10, "B"]
    assert peak < 1_000_000
    assert all("t.tsv:2 is longer than 10 bytes" in message for message in caplog.messages)


@pytest.mark.parametrize("data", [b"a\tb\rc\td", b"a\tb\rc\td\r"])
def test_rows_that_end_by_carriage_returns_are_refused(tmp_path, data):
    (tmp_path / "t.tsv").write_bytes(data)
    with pytest.raises(ValueError, match="t.tsv ends its lines by carriage returns"):
        split_columns(tmp_path / "t.tsv", tmp_path, shown=tmp_path / "t.tsv")


def test_a_full_disk_is_told_by_tmpdir_or_by_the_file(full_disk):
    packed = full_disk / "text.gz"
    packed.write_bytes(gzip.compress(b"ja\n" * 1000))
    with pytest.raises(OSError, match="temporary .the folder for temporary files; TMPDIR names another"):
        with workspace(None) as folder:
            unpacked(packed, folder)
    with pytest.raises(OSError) as error, workspace(full_disk / "cache") as folder:
        unpacked(packed, folder)
    assert error.value.filename.startswith(f"{full_disk}/cache/text-")
