"""Whole documents: read as they are, held out at line ends, and what they take without a recurrent model."""

import gzip
import math
import sysconfig

import pytest

from seq2seq.text.documents import baselines, fingerprint, hold_out, limited, python_sources, read_documents


def test_files_are_read_as_they_are(tmp_path):
    (tmp_path / "a.txt").write_bytes("\ufeffä  \r\n\n\tb".encode())
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"c\n"))
    assert read_documents([tmp_path / "a.txt", tmp_path / "b.gz"]) == ["ä  \r\n\n\tb", "c\n"]


def test_a_file_without_text_is_refused_by_name_and_line(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\ntwo \xe4\n")
    with pytest.raises(ValueError, match=r"a\.txt:2 is not valid UTF-8 \(byte 0xe4\)"):
        read_documents([path])
    path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"a\.txt is empty"):
        read_documents([path])


def test_python_sources_are_those_of_the_library_without_tests(tmp_path, monkeypatch):
    for name in ("b.py", "a/c.py", "test/d.py", "site-packages/e.py", "a/tests/f.py", "g.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "a" / "latin.py").write_bytes(b"# \xe4")
    (tmp_path / "empty.py").touch()
    monkeypatch.setattr(sysconfig, "get_paths", lambda: {"stdlib": str(tmp_path)})
    assert python_sources() == ["a/c.py", "b.py"]
    monkeypatch.setattr(sysconfig, "get_paths", lambda: {"stdlib": str(tmp_path / "a" / "tests")})
    (tmp_path / "a" / "tests" / "f.py").unlink()
    with pytest.raises(ValueError, match="has no source files in .* --text FILE"):
        python_sources()


def test_the_last_lines_are_held_out_across_documents():
    documents = ["a\n" * 50, "b\n" * 5, "c\n" * 2]
    assert hold_out(documents, share=0.1) == (["a\n" * 50, "b\n" * 2], ["b\n" * 3, "c\n" * 2])  # 10 of 114 characters
    assert hold_out(documents, share=0.1, most=5) == (["a\n" * 50, "b\n" * 5], ["c\n" * 2])
    assert hold_out(documents, share=0.5, most=14) == (["a\n" * 50], ["b\n" * 5, "c\n" * 2])


@pytest.mark.parametrize("documents", [["hello"], ["a" * 1000], ["a" * 1000 + "\n"]])
def test_one_line_cannot_be_divided(documents):
    assert hold_out(documents) == (documents, [])


def test_the_first_megabytes_end_with_a_line():
    assert limited(["ab\ncd\n", "ä\nb"], 4e-6) == ["ab\n"]
    assert limited(["ab\n", "ää\n", "c"], 6e-6) == ["ab\n", "ä"]  # a single line is cut
    assert limited(["ab\n", "c"], 1) == ["ab\n", "c"]


def test_fingerprints_tell_texts_and_their_borders_apart():
    assert fingerprint(["ab", "c"]) == fingerprint(["ab", "c"])
    assert len({fingerprint(texts) for texts in (["ab", "c"], ["a", "bc"], ["abc"], [])}) == 4


def test_baselines_are_bits_a_character():
    found = baselines(["aaabb"], ["abz"])
    # Counts 3 + 1 and 2 + 1, and 0 + 1 for all that is new, of 8.
    assert found["characters"] == pytest.approx(-(math.log2(4 / 8) + math.log2(3 / 8) + math.log2(1 / 8)) / 3)
    assert 0 < baselines(["a"], ["ab" * 5000])["zlib"] < 0.1
