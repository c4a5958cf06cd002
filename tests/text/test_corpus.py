import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import tracemalloc
import zipfile

import pytest

from seq2seq.text.corpus import ParallelCorpus

SOURCE = ["A man rides a horse.", "", "Two dogs run.", "form\ffeed\u2028and\x85more", "  spaces  "]
TARGET = ["Ein Mann reitet.", "leer", "Zwei Hunde.", "Seiten\x0bvorschub", "日本語"]


def write(path, lines, *, end="\n", begin="", last=True):
    text = begin + end.join(lines) + (end if last else "")
    data = text.encode("utf-8")
    path.write_bytes(PACKERS.get(path.suffix, bytes)(data))
    return path


def zipped(data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("text", data)
    return file.getvalue()


PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zip": zipped}


@pytest.fixture
def files(tmp_path):
    return write(tmp_path / "train.en", SOURCE), write(tmp_path / "train.de", TARGET)


def test_lines_end_at_newlines_only(files):
    corpus = ParallelCorpus.open(*files)
    assert len(corpus) == 5
    assert list(corpus.source) == SOURCE
    assert list(corpus.target) == TARGET
    assert corpus[3] == (SOURCE[3], TARGET[3])
    assert corpus[-1] == (SOURCE[-1], TARGET[-1])
    assert corpus.name == "train.en + train.de"


def test_slices_and_bounds(files):
    source = ParallelCorpus.open(*files).source
    assert source[1:3] == SOURCE[1:3]
    assert source[::2] == SOURCE[::2]
    assert source[3:1] == [] and source[5:] == [] and source[:100] == SOURCE
    with pytest.raises(IndexError, match="train.en has 5 lines"):
        source[5]


def test_joined_corpora_read_as_one(files):
    first, second = ParallelCorpus.open(*files), ParallelCorpus.from_lines(["a", "b"], ["A", "B"], name="own")
    joined = ParallelCorpus.joined([first, second])
    lines = [*SOURCE, "a", "b"]
    assert len(joined) == 7 and list(joined.source) == lines and list(joined.target) == [*TARGET, "A", "B"]
    assert [joined[i] for i in (0, 4, 5, -1)] == [
        (SOURCE[0], TARGET[0]),
        (SOURCE[4], TARGET[4]),
        ("a", "A"),
        ("b", "B"),
    ]
    for cut in (slice(None), slice(3, 6), slice(5, 7), slice(1, 3), slice(6, 2), slice(None, None, 2), slice(9, 12)):
        assert joined.source[cut] == lines[cut]
    with pytest.raises(IndexError):
        joined.source[7]
    assert joined.name == "train.en + train.de and own" and joined.paths == files
    assert joined.fingerprint != ParallelCorpus.joined([second, first]).fingerprint


def test_every_packing_gives_the_same_corpus(files, tmp_path):
    corpus = ParallelCorpus.open(*files)
    variants = [
        ParallelCorpus.from_lines(SOURCE, TARGET),
        ParallelCorpus.open(
            write(tmp_path / "crlf.en", SOURCE, end="\r\n", begin="\ufeff"),
            write(tmp_path / "crlf.de", TARGET, end="\r\n", last=False),
        ),
        ParallelCorpus.open(write(tmp_path / "a.en.gz", SOURCE), write(tmp_path / "a.de.gz", TARGET, last=False)),
        ParallelCorpus.open(write(tmp_path / "b.en.bz2", SOURCE), write(tmp_path / "b.de.zip", TARGET)),
        ParallelCorpus.open(write(tmp_path / "c.tsv.xz", map("\t".join, zip(SOURCE, TARGET, strict=True)))),
        ParallelCorpus.open(write(tmp_path / "a.tsv", map("\t".join, zip(SOURCE, TARGET, strict=True)))),
        ParallelCorpus.open(
            write(
                tmp_path / "b.tsv.gz",
                map("\t".join, zip(SOURCE, TARGET, strict=True)),
                end="\r\n",
                begin="\ufeff",
            )
        ),
    ]
    for variant in variants:
        assert list(variant.source) == SOURCE
        assert list(variant.target) == TARGET
        assert variant.fingerprint == corpus.fingerprint
    swapped = ParallelCorpus.open(files[1], files[0])
    assert swapped.fingerprint != corpus.fingerprint


def test_packed_files_are_unpacked_once(tmp_path):
    cache = tmp_path / "cache"
    packed = write(tmp_path / "a.tsv.gz", ["a\tb", "c\td"])
    ParallelCorpus.open(packed, cache_dir=cache)
    before = {path: path.stat().st_mtime_ns for path in cache.iterdir()}
    assert len(before) == 3  # the text and its two columns
    ParallelCorpus.open(packed, cache_dir=cache)
    assert {path: path.stat().st_mtime_ns for path in cache.iterdir()} == before
    write(packed, ["a\tb", "c\te"])
    assert ParallelCorpus.open(packed, cache_dir=cache)[1] == ("c", "e")


def test_nothing_stays_without_a_cache(tmp_path):
    packed = write(tmp_path / "a.tsv.gz", ["a b\tc d"] * 20)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    code = f"""if True:
        from seq2seq.text import ParallelCorpus, Tokenizer, encode_corpus
        corpus = ParallelCorpus.open({str(packed)!r})
        tokenizer = Tokenizer.train(corpus.source, vocab_size=263)
        encoded = encode_corpus(corpus, tokenizer, tokenizer, max_length=50)
        print(len(encoded), tokenizer.decode([encoded.target(19)]))"""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "20 ['c d']\n"
    assert list(temporary.iterdir()) == []


def test_lines_across_blocks_are_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("seq2seq.text.lines._BLOCK", 7)
    lines = [f"line {i} " + "ü" * (i % 23) for i in range(200)]
    source = write(tmp_path / "s", lines, end="\r\n", begin="\ufeff", last=False)
    corpus = ParallelCorpus.open(source, write(tmp_path / "t.gz", lines[::-1]))
    assert list(corpus.source) == lines and list(corpus.target) == lines[::-1]
    assert corpus.fingerprint == ParallelCorpus.from_lines(lines, lines[::-1]).fingerprint


def test_files_of_unequal_length_are_refused_by_line(tmp_path):
    source, target = write(tmp_path / "t.en", ["x"] * 1040), write(tmp_path / "t.de", ["y"] * 1043)
    with pytest.raises(ValueError, match=r"t\.de:1041 has no partner; .*t\.en ends at line 1040"):
        ParallelCorpus.open(source, target)
    with pytest.raises(ValueError, match=r"t\.de:1041 has no partner; .*t\.en ends at line 1040"):
        ParallelCorpus.open(target, source)


@pytest.mark.parametrize(("suffix", "bad"), [("", b"\xff"), (".gz", b"\xed\xa0\x80"), ("", b"caf\xe9")])
def test_invalid_utf8_is_refused_by_file_and_line(tmp_path, monkeypatch, suffix, bad):
    monkeypatch.setattr("seq2seq.text.lines._BLOCK", 5)
    data = b"fine\n\xc3\xbc\n" * 3 + bad + b"\nfine\n"
    path = tmp_path / f"t.en{suffix}"
    path.write_bytes(gzip.compress(data) if suffix else data)
    with pytest.raises(ValueError, match=rf"t\.en{suffix}:7 is not valid UTF-8 \(byte 0x"):
        ParallelCorpus.open(path, write(tmp_path / "t.de", ["x"] * 8))


def test_invalid_utf8_in_a_tsv_file_is_refused_by_line(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_bytes(b"a\tb\nc\t\xff\n")
    with pytest.raises(ValueError, match=r"t\.tsv:2 is not valid UTF-8"):
        ParallelCorpus.open(path)


@pytest.mark.parametrize("row, columns", [("no tab", "1 column"), ("a\tb\tc", "3 columns"), ("", "1 column")])
def test_tsv_needs_two_columns(tmp_path, row, columns):
    path = write(tmp_path / "t.tsv.gz", ["a\tb", row])
    with pytest.raises(ValueError, match=rf"t\.tsv\.gz:2 has {columns}\. Expected two"):
        ParallelCorpus.open(path, cache_dir=tmp_path / "cache")
    assert not [name for name in os.listdir(tmp_path / "cache") if "part" in name or ".source" in name]


def test_missing_and_empty_files_are_refused(tmp_path, files):
    with pytest.raises(FileNotFoundError, match="There is no file .*nothing.de"):
        ParallelCorpus.open(files[0], tmp_path / "nothing.de")
    with pytest.raises(ValueError, match="is a folder"):
        ParallelCorpus.open(tmp_path, files[1])
    for name, content in [("empty.de", b""), ("bom.de", b"\xef\xbb\xbf"), ("packed.de", gzip.compress(b""))]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=f"{name} is empty"):
            ParallelCorpus.open(files[0], tmp_path / name)
    with pytest.raises(ValueError, match="without a target file"):
        ParallelCorpus.open(files[0])
    with pytest.raises(ValueError, match="not a regular file"):
        ParallelCorpus.open(os.devnull, files[1])


def test_damaged_packed_files_are_refused(tmp_path, files):
    lines = [os.urandom(40).hex() for _ in range(5000)]  # the damage comes after some blocks
    for suffix, kind in ((".gz", "gzip"), (".bz2", "bzip2"), (".xz", "xz")):
        path = write(tmp_path / f"cut.en{suffix}", lines)
        path.write_bytes(path.read_bytes()[:-50])
        with pytest.raises(ValueError, match=f"cut.en{suffix} is a damaged {kind} file"):
            ParallelCorpus.open(path, files[1], cache_dir=tmp_path / "cache")
        assert os.listdir(tmp_path / "cache") == []


def test_a_file_of_another_format_is_refused(tmp_path, files):
    (tmp_path / "train.de").write_text("\n".join(TARGET), encoding="utf-16")
    with pytest.raises(ValueError, match="train.de is a UTF-16 file.*`iconv -f utf-16 -t utf-8`"):
        ParallelCorpus.open(*files)


def test_one_file_on_both_sides_is_refused_without_same_file(tmp_path, files, caplog):
    (tmp_path / "link").symlink_to(files[0])
    os.link(files[0], tmp_path / "hard")
    for same in (files[0], tmp_path / "link", tmp_path / "hard"):
        with pytest.raises(ValueError, match="are the same file.*give --same-file"):
            ParallelCorpus.open(files[0], same)
        corpus = ParallelCorpus.open(files[0], same, same_file=True)
        assert list(corpus.source) == list(corpus.target) == SOURCE
    assert not caplog.messages


def test_two_files_of_one_text_get_one_warning_without_same_file(tmp_path, files, caplog):
    write(tmp_path / "both.tsv", [f"{line}\t{line}" for line in SOURCE])
    for paths in ((files[0], write(tmp_path / "copy", SOURCE)), (files[0], write(tmp_path / "copy.gz", SOURCE))):
        assert list(ParallelCorpus.open(*paths).target) == SOURCE
    assert list(ParallelCorpus.open(tmp_path / "both.tsv").target) == SOURCE
    assert len(caplog.messages) == 3
    assert all("source and target are the same text" in message for message in caplog.messages)
    ParallelCorpus.open(tmp_path / "both.tsv", same_file=True)
    assert list(ParallelCorpus.from_lines(SOURCE, SOURCE).target) == SOURCE
    assert len(caplog.messages) == 3


def test_lines_in_memory_are_checked():
    with pytest.raises(ValueError, match="got 1 source and 2 target lines"):
        ParallelCorpus.from_lines(["a"], ["b", "c"])
    with pytest.raises(ValueError, match="got 0 source"):
        ParallelCorpus.from_lines([], [])
    with pytest.raises(ValueError, match="toy: line 1 holds a line break"):
        ParallelCorpus.from_lines(["a", "b"], ["c", "d\n"], name="toy")


def test_memory_does_not_grow_with_the_text(tmp_path, monkeypatch):
    monkeypatch.setattr("seq2seq.text.lines._BLOCK", 1 << 20)
    line = "the quick brown fox jumps over the lazy dog " * 100
    with gzip.open(tmp_path / "big.tsv.gz", "wt", compresslevel=1) as file:
        file.writelines(f"{line}{number}\t{number}{line}\n" for number in range(4_000))
    tracemalloc.start()
    try:
        corpus = ParallelCorpus.open(tmp_path / "big.tsv.gz", cache_dir=tmp_path)
        num_characters = sum(len(corpus.source[i]) for i in range(len(corpus)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert num_characters > 17e6
    assert peak < 6 * (1 << 20)  # a few blocks


@pytest.mark.parametrize(
    "names, languages",
    [
        (("test.en", "test.de"), ("en", "de")),
        (("a.fr-en.fr", "a.fr-en.en"), ("fr", "en")),
        (("test.src", "test.tgt"), None),
        (("test.en", "test"), None),
        (("test.tsv",), None),
    ],
)
def test_languages_are_told_by_the_endings_of_the_files(tmp_path, names, languages):
    for name in names:
        (tmp_path / name).write_text(f"{name}\tone\n" if name.endswith("tsv") else name)
    corpus = ParallelCorpus.open(*(tmp_path / name for name in names))
    assert corpus.languages == corpus.select([0], name="first").languages == languages


def test_selected_lines_are_a_corpus():
    corpus = ParallelCorpus.from_lines(["a", "b", "c"], ["A", "B", "C"], languages=("en", "de"))
    chosen = corpus.select([2, 0], name="some")
    assert list(chosen) == [("c", "C"), ("a", "A")] and chosen.source[1:] == ["a"] and chosen.name == "some"
    assert chosen.fingerprint == ParallelCorpus.from_lines(["c", "a"], ["C", "A"]).fingerprint
    assert chosen.languages == ("en", "de") and chosen.paths == ()
