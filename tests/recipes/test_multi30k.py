"""Multi30k: its corpus from files and from a server on this machine, and the recipe through its own `main`."""

import dataclasses
import gc
import gzip
import hashlib
import http.server
import threading
from pathlib import Path

import pytest
from toys import ROOT, arguments, files, load, write_corpus

from seq2seq.cli import run
from seq2seq.model import load_model

multi30k = load("recipes", "multi30k")
SIZES = {"train": 30, "val": 4, "test_2016_flickr": 3}
CORPUS = ROOT.parent / "shared" / "data" / "multi30k"


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    """A folder with a Multi30k of few lines, whose sums and sizes the recipe takes for the right ones."""
    folder = write_corpus(tmp_path / "corpus", **SIZES)
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    monkeypatch.setattr(multi30k, "NUM_LINES", SIZES)
    monkeypatch.setattr(multi30k, "SHA256", sums)
    return folder


@pytest.fixture
def server(corpus, monkeypatch):
    """Serves the folder's files as .gz from this machine, and keeps the names of those asked for."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = Path(self.path).name
            server.asked.append(name)
            body = gzip.compress((corpus / name.removesuffix(".gz")).read_bytes())
            self.send_response(server.status)
            self.send_header("Content-Length", str(len(body) - server.bytes_hidden))
            self.end_headers()
            self.wfile.write(body[: len(body) - server.bytes_lost])

        def log_message(self, *arguments):
            """Keep the output of the tests clean."""

    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.status, server.bytes_hidden, server.bytes_lost = [], 200, 0, 0
    monkeypatch.setattr(multi30k, "SOURCE", f"http://127.0.0.1:{server.server_port}/raw")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def tiny(data_dir, **options):
    return dataclasses.replace(multi30k.TINY, data_dir=data_dir, **options)


def contents(corpora):
    return [list(part) for part in (corpora.train, corpora.valid, *corpora.tests.values())]


def test_missing_files_are_fetched_and_found_the_next_time(corpus, server, tmp_path):
    data_dir = tmp_path / "new" / "folder"
    fetched = multi30k.corpora(tiny(data_dir))
    assert sorted(server.asked) == sorted(f"{name}.{language}.gz" for name in SIZES for language in ("en", "de"))
    assert sorted(path.name for path in data_dir.iterdir()) == sorted(multi30k.SHA256)
    assert [len(part) for part in contents(fetched)] == [30, 4, 3] and list(fetched.tests) == ["test_2016_flickr"]
    assert contents(fetched) == contents(multi30k.corpora(tiny(corpus)))
    server.asked.clear()
    assert multi30k.corpora(tiny(data_dir)).fingerprints() == fetched.fingerprints() and not server.asked


def test_only_what_is_missing_is_fetched(corpus, server, tmp_path):
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    for name in ("train.en", "val.de"):
        (data_dir / f"{name}.gz").write_bytes(gzip.compress((corpus / name).read_bytes()))
    (data_dir / "train.de").write_bytes((corpus / "train.de").read_bytes())
    corpora = multi30k.corpora(tiny(data_dir))
    assert sorted(server.asked) == ["test_2016_flickr.de.gz", "test_2016_flickr.en.gz", "val.en.gz"]
    assert contents(corpora) == contents(multi30k.corpora(tiny(corpus)))


def test_other_direction_and_other_languages(corpus, server, tmp_path):
    there, back = (
        multi30k.corpora(tiny(corpus, source_language=source, target_language=target))
        for source, target in (("en", "de"), ("de", "en"))
    )
    assert list(back.train) == [(target, source) for source, target in there.train]
    for name in SIZES:  # no sum is known of French
        (corpus / f"{name}.fr").write_bytes((corpus / f"{name}.de").read_bytes().upper())
    french = multi30k.corpora(tiny(tmp_path / "data", target_language="fr"))
    assert french.valid.target[0] == there.valid.target[0].upper() and "val.fr.gz" in server.asked


def test_other_text_is_refused(corpus, server, tmp_path, monkeypatch):
    monkeypatch.setitem(multi30k.SHA256, "val.en", "0" * 64)
    with pytest.raises(ValueError, match=r"val\.en.* does not match the known hash: expected 0000"):
        multi30k.corpora(tiny(tmp_path / "data"))
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["train.de", "train.en"]
    monkeypatch.setattr(multi30k, "NUM_LINES", {**SIZES, "train": 29})
    with pytest.raises(ValueError, match=r"train\.en and .*train\.de have 30 lines; those of Multi30k have 29\."):
        multi30k.corpora(tiny(corpus))
    with pytest.raises(ValueError, match="--source-language and --target-language are both de; give two languages"):
        multi30k.corpora(tiny(corpus, source_language="de"))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"status": 404}, "404"),
        ({"bytes_lost": 20}, "Connection broken"),
        ({"bytes_lost": 20, "bytes_hidden": 20}, "Compressed file ended"),
        ({"server_port": 9}, "Connection refused"),
    ],
)
@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # pooch 1.9 does not close a broken connection
def test_a_failed_download_leaves_nothing_and_says_what_to_do(server, tmp_path, monkeypatch, answer, message):
    for name, value in answer.items():
        setattr(server, name, value)
    monkeypatch.setattr(multi30k, "SOURCE", f"http://127.0.0.1:{server.server_port}/raw")
    with pytest.raises(ConnectionError, match=rf"/raw/val\.en\.gz cannot be fetched: .*{message}") as error:
        multi30k.local_file(tmp_path / "data", "val.en")
    assert f"by hand and save it as {tmp_path / 'data' / 'val.en.gz'}." in str(error.value)
    assert list((tmp_path / "data").iterdir()) == []
    del error
    gc.collect()  # warns here, where it is ignored


@pytest.mark.skipif(not CORPUS.is_dir(), reason="Multi30k is not on this machine")
def test_sums_are_those_of_multi30k():
    sums = {name: hashlib.sha256((CORPUS / name).read_bytes()).hexdigest() for name in multi30k.SHA256}
    assert sums == multi30k.SHA256
    assert [len(part) for part in contents(multi30k.corpora(tiny(CORPUS)))] == [29_000, 1_014, 1_000]


def test_tiny_trains_on_the_folder(corpus, tmp_path, capsys):
    config = tiny(corpus, run_dir=tmp_path / "run")
    assert run(multi30k.main, arguments(config, multi30k.DEFAULTS)) == 0
    assert "test_2016_flickr: BLEU = " in capsys.readouterr().out
    model = load_model(tmp_path / "run")
    assert type(model.decoder).__name__ == "ConditionalDecoder"
    assert model.source_tokenizer.fingerprint == model.target_tokenizer.fingerprint


def test_training_and_validation_files_of_ones_own_are_enough(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("seq2seq.tasks.scoring._complete_archive", lambda *_: None)  # saves seconds
    own = write_corpus(tmp_path, train=30, valid=4)
    options = {"run_dir": tmp_path / "run", "max_updates": 1, **files(own, "train", "valid")}
    typed = arguments(tiny(tmp_path / "no such folder", **options), multi30k.DEFAULTS)
    assert run(multi30k.main, [*typed, "--vocab.no-joint"]) == 0
    assert "valid.en + valid.de: 4 of 4 pairs" in capsys.readouterr().out
    assert (tmp_path / "run" / "source.model").exists() and not (tmp_path / "no such folder").exists()


def test_help_and_the_nearest_option(capsys):
    with pytest.raises(SystemExit, match="0"):
        multi30k.main(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "Model: bidirectional GRU encoder, conditional GRU decoder" in shown and "--data-dir FOLDER" in shown
    assert "--train.source F --train.target F --valid.source F --valid.target F" in shown
    with pytest.raises(ValueError, match="Did you mean --source-language"):
        multi30k.main(["--source-langage", "de"])
