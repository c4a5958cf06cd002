"""Formats told apart by their first bytes, from files and from pipes."""

import bz2
import functools
import gzip
import io
import lzma
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from seq2seq.text import packed
from seq2seq.text.packed import packing, text_blocks

gzipped = functools.partial(gzip.compress, mtime=0)  # test names hold the bytes, and no clock may change them

TEXT = "Zwei Hunde laufen.\n\n日本語 é\r\n".encode() * 30


def zipped(*names, data=TEXT):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"" if name.endswith("/") else data)
    return file.getvalue()


def lzma_alone(data):
    return lzma.compress(data, format=lzma.FORMAT_ALONE)


PACKERS = {
    "plain": bytes,
    "gzip": gzipped,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lzma_alone,
    "zip": lambda data: zipped("text.en", data=data),
    "zip of a Mac": lambda data: zipped("folder/", "folder/text.en", "__MACOSX/folder/._text.en", data=data),
}


class Drip(io.RawIOBase):
    """A pipe that gives one byte at a time."""

    def __init__(self, data):
        self._data = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, buffer):
        return self._data.readinto(memoryview(buffer)[:1])


def read(data, name="text.en"):
    return b"".join(text_blocks(io.BufferedReader(io.BytesIO(data)), name))


@pytest.mark.parametrize("packer", PACKERS)
def test_packed_text_is_read_from_files_of_any_name_and_from_pipes(packer, tmp_path):
    data = PACKERS[packer](TEXT)
    (tmp_path / "text.en").write_bytes(data)
    with open(tmp_path / "text.en", "rb") as file:
        assert b"".join(text_blocks(file, "text.en")) == TEXT
    assert packing(tmp_path / "text.en") == (None if packer == "plain" else packer.split()[0])
    assert b"".join(text_blocks(io.BufferedReader(Drip(data)), "pipe")) == TEXT


@pytest.mark.parametrize("pack", [gzipped, bz2.compress, lzma.compress])
def test_packed_streams_may_follow_one_another(pack):
    """As `cat a.gz b.gz`, parallel packers and tapes, which fill up with zeros, make them."""
    assert read(pack(TEXT) + pack(b"more") + bytes(8)) == TEXT + b"more"
    with pytest.raises(ValueError, match="text.en is a damaged"):
        read(pack(TEXT) + b"more")


@pytest.mark.parametrize("packer", list(PACKERS)[1:])
def test_blocks_of_well_packed_text_stay_small(packer):
    sizes = [len(block) for block in text_blocks(io.BytesIO(PACKERS[packer](b"x" * 3_000_000)), "bomb")]
    assert sum(sizes) == 3_000_000 and max(sizes) <= packed._BLOCK


def test_text_that_only_begins_like_another_format_is_text():
    for text in (b"", b"\n", b"P", b"PK", b"PK yes\n", b"BZh9 is one\n", b"]\n", b"7z\n", b"LZIP\n"):
        assert read(text) == text
        assert b"".join(text_blocks(io.BufferedReader(Drip(text)), "pipe")) == text


def test_a_few_odd_bytes_are_left_to_the_reader_of_lines():
    odd = [b"a\x00b\nc\n", b"\x00\n", b"\xff\n", b"caf\xe9\n" * 100, b"\x1b[1m\n"]
    for text in (*odd, b"A man\x00rides.\n\xff\xfe\x00\n" + TEXT):
        assert read(text) == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x28\xb5\x2f\xfd\x24", "text.en is a Zstandard file. .* `zstd -d`"),
        (b"7z\xbc\xaf\x27\x1c\x00", "7z file.*`7z x`"),
        (b"\x04\x22\x4d\x18", "LZ4 file.*`lz4 -d`"),
        (b"Rar!\x1a\x07\x01\x00", "RAR file"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF file.*`pdftotext`"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "Word file"),
        (gzipped(gzipped(TEXT)), r"text.en \(unpacked\) is a gzip file.*`gzip -d`"),
        (bz2.compress(b"%PDF-1.7"), r"text.en \(unpacked\) is a PDF file"),
        (zipped("a.en", "a.de"), r"zip archive of 2 files \(a.en, a.de\).*`unzip`"),
        (zipped("a/", "1", "2", "3", "4"), r"zip archive of 4 files \(1, 2, 3, ...\)"),
        (zipped(), "zip archive of 0 files. Expected one"),
    ],
)
def test_other_formats_are_refused_by_name(data, message):
    for file in (io.BytesIO(data), Drip(data)):
        with pytest.raises(ValueError, match=message):
            text_blocks(io.BufferedReader(file), "text.en")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0",
        b"SQLite format 3\0\x10\0\1\1\0\x40\x20\x20\0\0\0\2\0\0\0\2",
        bytes(4096),  # a crash leaves such a file
        Path(sys.executable).resolve().read_bytes()[:10_000],
        gzipped(bytes(range(256)) * 20),
    ],
)
def test_a_file_that_is_no_text_is_refused(data):
    with pytest.raises(ValueError, match=r"text.en.* is no text: it begins with the bytes ([0-9a-f]{2} ){7}"):
        read(data)


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:xz"])
def test_an_archive_of_files_is_no_text(mode):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        member = tarfile.TarInfo("text.en")
        member.size = len(TEXT)
        archive.addfile(member, io.BytesIO(TEXT))
    with pytest.raises(ValueError, match="is a tar file.*`tar -x`"):
        read(file.getvalue())


def test_a_zip_archive_with_a_password_is_refused():
    data = bytearray(zipped("text.en"))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    with pytest.raises(ValueError, match="zip archive with a password"):
        read(bytes(data))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be"])
def test_utf_16_and_utf_32_are_refused_with_the_remedy(encoding):
    for text in ("Two dogs run.\n", "a\n", "日本語のテキスト。\n今日は雨\n", "Γειά σου\n", "привет, мир\n"):
        for data in (text.encode(encoding), gzipped(text.encode(encoding)), (text * 1000 + "🦄").encode(encoding)):
            with pytest.raises(ValueError, match=f"text.en.* is .*{encoding.upper()}.* `iconv -f {encoding} -t utf-8`"):
                read(data)


@pytest.mark.parametrize("packer", list(PACKERS)[1:])
def test_a_damaged_file_is_named(packer):
    whole = PACKERS[packer](TEXT)
    kind = packer.split()[0]
    cut = range(16, len(whole), 5) if kind != "lzma" else range(16, len(whole) - 8, 5)  # lzma has no end to miss
    for end in cut:
        with pytest.raises(ValueError, match=f"text.en is a damaged {kind} file .*again"):
            read(whole[:end])


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zip"])  # those with a checksum
def test_a_wrong_bit_never_changes_the_text(packer):
    whole = PACKERS[packer](TEXT)
    for place in range(40, len(whole) - 30, 3):
        wrong = bytearray(whole)
        wrong[place] ^= 4
        try:
            found = read(bytes(wrong))
        except ValueError:
            continue
        assert found == TEXT  # a bit that no one reads
