"""Text files told from others by their first bytes: packed text is unpacked, other formats are refused by name."""

import bz2
import codecs
import contextlib
import itertools
import lzma
import os
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from seq2seq.text.files import DAMAGED_ZIP, naming_tmpdir

_BLOCK = 1 << 16  # most bytes read or unpacked at a time
_HEAD = 4096  # number of first bytes that show whether a file is text


class _Format(NamedTuple):
    name: str
    magic: bytes  # first bytes of its files
    command: str  # converts a file of it to text


_FORMATS = (
    _Format("gzip", b"\x1f\x8b", "gzip -d"),
    *(_Format("bzip2", b"BZh%d1AY&SY" % level, "bzip2 -d") for level in range(1, 10)),
    _Format("xz", b"\xfd7zXZ\0", "xz -d"),
    _Format("lzma", b"]\0\0", "xz -d"),
    _Format("zip", b"PK\x03\x04", "unzip"),
    _Format("zip", b"PK\x05\x06", "unzip"),  # an empty archive
    _Format("Zstandard", b"\x28\xb5\x2f\xfd", "zstd -d"),
    _Format("7z", b"7z\xbc\xaf\x27\x1c", "7z x"),
    _Format("LZ4", b"\x04\x22\x4d\x18", "lz4 -d"),
    _Format("RAR", b"Rar!\x1a\x07", "unrar x"),
    _Format("lzip", b"LZIP\x01", "lzip -d"),
    _Format("lzop", b"\x89LZO\0", "lzop -d"),
    _Format("compress", b"\x1f\x9d", "gzip -d"),
    _Format("PDF", b"%PDF-", "pdftotext"),
    _Format("Word", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "soffice --convert-to txt"),
    _Format("UTF-32", b"\xff\xfe\0\0", "iconv -f utf-32 -t utf-8"),
    _Format("UTF-32", b"\0\0\xfe\xff", "iconv -f utf-32 -t utf-8"),
    _Format("UTF-16", b"\xff\xfe", "iconv -f utf-16 -t utf-8"),
    _Format("UTF-16", b"\xfe\xff", "iconv -f utf-16 -t utf-8"),
)
_TAR = _Format("tar", b"ustar", "tar -x")  # its magic bytes stand at a later place
_TAR_MAGIC_AT = 257

_DECOMPRESSORS: dict[str, Callable] = {
    "gzip": lambda: zlib.decompressobj(wbits=31),  # 31: with the header of gzip
    "bzip2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
    "lzma": lzma.LZMADecompressor,
}
_PACKED = {*_DECOMPRESSORS, "zip"}


def text_blocks(file: BinaryIO, name: str | os.PathLike) -> Iterator[bytes]:
    """The bytes of a text, block by block; text packed by gzip, bzip2, xz, lzma or zip is unpacked.

    The beginning is read at once, so that a file without text is refused here. The rest is read block by block; a block
    from a pipe is as long as what has arrived.

    Args:
        file: opened for reading, buffered; may be a pipe. The ending of its name plays no role.
        name: of the file, for messages.

    Raises:
        ValueError: the file is no text or has another format, or (while blocks are read) is damaged.
    """
    head, blocks = _begun(iter(lambda: file.read1(_BLOCK), b""))
    found = _format_of(head)
    if found and found.name in _PACKED:
        packed = file if found.name == "zip" and file.seekable() else blocks
        head, blocks = _begun(_unpacked_blocks(packed, found.name, name))
        name = f"{name} (unpacked)"
        found = _format_of(head)
    if found:
        raise ValueError(
            f"{name} is a {found.name} file. Expected UTF-8 text: make it with `{found.command}`, for example."
        )
    _check_is_text(head, name)
    return blocks


def packing(path: str | os.PathLike) -> str | None:
    """The format in which a file is packed, if `text_blocks` unpacks it; else None."""
    with open(path, "rb") as file:
        found = _format_of(file.read(_HEAD))
    return found.name if found and found.name in _PACKED else None


def _unpacked_blocks(packed: BinaryIO | Iterator[bytes], kind: str, name: str | os.PathLike) -> Iterator[bytes]:
    """The contents of a packed file, block by block.

    Args:
        packed: its bytes, block by block; or, for a zip archive, a file with `seek`.
        kind: "gzip", "bzip2", "xz", "lzma" or "zip".
        name: of the file, for messages.

    Raises:
        ValueError: the file is damaged, or a zip archive that does not hold exactly one file.
    """
    try:
        yield from _member(packed, name) if kind == "zip" else _decompressed(packed, _DECOMPRESSORS[kind])
    except (EOFError, OSError, zlib.error, lzma.LZMAError, *DAMAGED_ZIP) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # an error of the disk; the OSError of bz2 about damaged data has no number
        raise ValueError(f"{name} is a damaged {kind} file ({error}). Download or pack it again.") from error


def _begun(blocks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Reads blocks up to the first line feed or `_HEAD` bytes. Returns these bytes, and all blocks from the first."""
    head = b""
    for block in blocks:
        head += block
        if b"\n" in block or len(head) >= _HEAD:
            break
    return head, itertools.chain([head] if head else [], blocks)


def _format_of(head: bytes) -> _Format | None:
    if head[_TAR_MAGIC_AT:].startswith(_TAR.magic):
        return _TAR
    return next((known for known in _FORMATS if head.startswith(known.magic)), None)


def _decompressed(blocks: Iterator[bytes], new_decompressor: Callable) -> Iterator[bytes]:
    """The contents of one packed stream or of several in a row, with zeros between them, as the formats allow."""
    decompressor = new_decompressor()
    for data in blocks:
        is_full = False
        while data or is_full:
            if decompressor.eof:
                data = data.lstrip(b"\0")
                if not data:
                    break
                decompressor = new_decompressor()
            block = decompressor.decompress(data, _BLOCK)
            if block:
                yield block
            is_full = len(block) == _BLOCK and not decompressor.eof  # more may be waiting
            data = decompressor.unused_data if decompressor.eof else getattr(decompressor, "unconsumed_tail", b"")
    if not decompressor.eof:
        raise EOFError("it ends too early")


def _member(packed: BinaryIO | Iterator[bytes], name: str | os.PathLike) -> Iterator[bytes]:
    """The contents of the only file in a zip archive; an archive from a pipe is stored on disk first."""
    with contextlib.ExitStack() as stack:
        if not hasattr(packed, "seek"):
            stack.enter_context(naming_tmpdir())
            stored = stack.enter_context(tempfile.TemporaryFile())
            stored.writelines(packed)
            packed = stored
        archive = stack.enter_context(zipfile.ZipFile(packed))
        files = (member for member in archive.infolist() if not member.is_dir())
        members = [member for member in files if not member.filename.startswith("__MACOSX/")]  # macOS adds its own
        if len(members) != 1:
            names = ", ".join(member.filename for member in members[:3]) + ", ..." * (len(members) > 3)
            raise ValueError(
                f"{name} is a zip archive of {len(members)} files{names and f' ({names})'}. Expected one file in it: "
                "unpack it with `unzip` and give the text."
            )
        if members[0].flag_bits & 1:
            raise ValueError(f"{name} is a zip archive with a password. Unpack it with `unzip`.")
        member = stack.enter_context(archive.open(members[0]))
        yield from iter(lambda: member.read(_BLOCK), b"")


def _check_is_text(head: bytes, name: str | os.PathLike) -> None:
    """Refuses UTF-16 and UTF-32 without a byte order mark, and files that are no text at all.

    Both hold NUL bytes, and many bytes that UTF-8 text does not have. A few such bytes are left to the reader of lines.
    """
    head = head[:_HEAD]
    text = head.decode("utf-8", errors="replace")
    num_strange = sum(c == "\ufffd" or (unicodedata.category(c) == "Cc" and not c.isspace()) for c in text)
    if head.count(0) < 2 or 5 * num_strange < len(text):
        return
    encoding = _wide_encoding(head)
    if encoding:
        raise ValueError(f"{name} is text in {encoding.upper()}. Convert it: `iconv -f {encoding} -t utf-8`.")
    raise ValueError(
        f"{name} is no text: it begins with the bytes {head[:8].hex(' ')}. Expected UTF-8 text, plain or packed by "
        "gzip, bzip2, xz or zip."
    )


def _wide_encoding(head: bytes) -> str | None:
    """The variant of UTF-16 or UTF-32 in which the bytes are text; None if they are text in none."""
    num_ascii = {}
    for encoding in ("utf-32le", "utf-32be", "utf-16le", "utf-16be"):
        with contextlib.suppress(UnicodeDecodeError):
            text = codecs.getincrementaldecoder(encoding)().decode(head)  # the last character may be cut off
            if not any(unicodedata.category(c) in ("Cc", "Cn", "Co", "Cs") and not c.isspace() for c in text):
                num_ascii[encoding] = sum(c.isascii() for c in text)
    return max(num_ascii, key=num_ascii.get, default=None)
