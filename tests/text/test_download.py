import gzip
import hashlib
import http.server
import threading

import pytest

from seq2seq.text.download import fetch

TEXT = b"Zwei Hunde laufen.\nEin Mann reitet.\n" * 1000
SHA256 = hashlib.sha256(TEXT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.num_requests += 1
        body = {
            "/text": TEXT,
            "/text.gz": gzip.compress(TEXT),
            "/broken.gz": gzip.compress(TEXT)[:-20],
            "/short": TEXT,
            "/moved": b"",
        }.get(self.path)
        if body is None:
            return self.send_error(404)
        self.send_response(302 if self.path == "/moved" else 200)
        if self.path == "/moved":
            self.send_header("Location", "/text")
        self.send_header("Content-Length", str(len(body) + 7 * (self.path == "/short")))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Keep the output of the tests clean."""


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.num_requests = 0
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("name", ["text", "text.gz", "moved"])
def test_fetch(server, tmp_path, name):
    path = tmp_path / "new" / "folder" / "text"
    assert fetch(f"{server.url}/{name}", path, sha256=SHA256.upper()) == path
    assert path.read_bytes() == TEXT
    assert [file.name for file in path.parent.iterdir()] == ["text"]


def test_gzip_can_stay_packed(server, tmp_path):
    path = fetch(f"{server.url}/text.gz", tmp_path / "text.gz", unpack_gzip=False)
    assert gzip.decompress(path.read_bytes()) == TEXT


def test_a_file_that_is_there_is_kept(server, tmp_path):
    path = tmp_path / "text"
    path.write_bytes(TEXT)
    fetch(f"{server.url}/text", path, sha256=SHA256)
    path.write_bytes(b"mine")
    fetch(f"{server.url}/text", path)
    with pytest.raises(ValueError, match=f"text has sha256 [0-9a-f]+; expected {SHA256}. Remove it"):
        fetch(f"{server.url}/text", path, sha256=SHA256)
    assert path.read_bytes() == b"mine"
    assert server.num_requests == 0


@pytest.mark.parametrize(
    "name, sha256, error, message",
    [
        ("text.gz", "0" * 64, ValueError, f"text.gz has sha256 {SHA256}; expected 0000.* It was not saved"),
        ("nothing", None, ConnectionError, "/nothing: the server answers 404 Not Found. .*save it as"),
        ("short", None, ConnectionError, f"broke off after {len(TEXT)} of {len(TEXT) + 7} bytes"),
        ("broken.gz", None, ValueError, "damaged gzip file"),
    ],
)
def test_a_failed_download_leaves_nothing(server, tmp_path, name, sha256, error, message):
    with pytest.raises(error, match=message):
        fetch(f"{server.url}/{name}", tmp_path / "text", sha256=sha256)
    assert list(tmp_path.iterdir()) == []


def test_no_network(server, tmp_path):
    server.shutdown()
    server.server_close()
    with pytest.raises(ConnectionError, match="cannot be downloaded: .*refused.* save it as"):
        fetch(f"{server.url}/text", tmp_path / "text")
    assert list(tmp_path.iterdir()) == []
