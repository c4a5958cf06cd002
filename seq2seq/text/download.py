"""Files from the internet, whole and checked, or not at all."""

import hashlib
import http.client
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from seq2seq.text.files import written_beside
from seq2seq.text.packed import unpacked_blocks

_BLOCK = 1 << 20
_TIMEOUT = 60  # seconds without a byte


def fetch(url: str, path: str | os.PathLike, *, sha256: str | None = None, unpack_gzip: bool = True) -> Path:
    """Downloads a file, unless it is there already.

    It is written beside its place and renamed only when it has arrived whole, so an interrupted download
    leaves nothing behind. Proxies are taken from the environment (`https_proxy`).

    Args:
        url: http, https or file.
        path: where the file is to be. Missing folders are made; a file that is there is checked and kept,
            not replaced.
        sha256: the hexadecimal sum that the file must have, after unpacking.
        unpack_gzip: store the text of a gzipped file, not the gzipped file.

    Returns:
        `path`.

    Raises:
        ConnectionError: the server cannot be reached, or does not send the (whole) file.
        ValueError: the file is not the one expected: its sum differs, or it is damaged gzip.
    """
    path = Path(path)
    if path.exists():
        with open(path, "rb") as file:
            _check_sum(
                hashlib.file_digest(file, "sha256").hexdigest(),
                sha256,
                str(path),
                "Remove it to fetch it anew.",
            )
        return path
    by_hand = f"Try again, or download it by hand and save it as {path}."
    with written_beside(path) as beside, tempfile.TemporaryFile(dir=path.parent) as packed:
        for block in _blocks(url, by_hand):
            packed.write(block)
        packed.flush()
        packed.seek(0)
        is_gzip = packed.peek(2)[:2] == b"\x1f\x8b"
        blocks = iter(lambda: packed.read(_BLOCK), b"")
        with open(beside, "w+b") as file:
            file.writelines(unpacked_blocks(blocks, "gzip", url, by_hand) if is_gzip and unpack_gzip else blocks)
            file.seek(0)
            _check_sum(hashlib.file_digest(file, "sha256").hexdigest(), sha256, url, "It was not saved. " + by_hand)
    return path


def _blocks(url: str, by_hand: str) -> Iterator[bytes]:
    """What the server sends, block by block."""
    request = urllib.request.Request(url, headers={"User-Agent": "seq2seq-keras"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
            announced, received = response.headers.get("Content-Length"), 0
            while block := response.read(_BLOCK):
                received += len(block)
                yield block
    except urllib.error.HTTPError as error:
        with error:  # it holds the connection
            raise ConnectionError(f"{url}: the server answers {error.code} {error.reason}. {by_hand}") from error
    except (
        OSError,
        http.client.HTTPException,
    ) as error:  # no network, no such server, time out, connection lost
        raise ConnectionError(f"{url} cannot be downloaded: {getattr(error, 'reason', error)}. {by_hand}") from error
    if announced is not None and received != int(announced):
        raise ConnectionError(f"{url} broke off after {received} of {announced} bytes. {by_hand}")


def _check_sum(found: str, expected: str | None, name: str, advice: str) -> None:
    if expected is not None and found != expected.lower():
        raise ValueError(f"{name} has sha256 {found}; expected {expected}. {advice}")
