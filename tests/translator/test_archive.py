"""translator.zip: what was written is read, and a damaged or hostile one is refused in a sentence."""

import dataclasses
import io
import json
import random
import zipfile
from hashlib import sha256

import onnx
import pytest
from onnx.helper import make_graph, make_node

from seq2seq.search import SearchOptions
from seq2seq.translator import Translator
from seq2seq.translator.archive import FORMAT, read_archive, write_archive

LINES = ["ein Hund", "zwei kleine Katzen, ja?"]


@pytest.fixture
def path(run_folder):
    return run_folder / "translator.zip"


@pytest.fixture
def expected(path):
    return Translator.load(path).translate(LINES, beam_size=2, max_length_factor=0.5)


def rewritten(path, target, change):
    """A copy of an archive in which change(name, data) has been made; None leaves a part out."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return target


def with_index(path, target, **values):
    def change(name, data):
        if name != "index.json":
            return data
        index = {**json.loads(data), **values}
        return json.dumps({key: value for key, value in index.items() if value is not ...})

    return rewritten(path, target, change)


def with_graph(path, target, name, graph):
    """A copy of an archive with another graph, whose sum in the index is right."""
    with zipfile.ZipFile(path) as file:
        sums = json.loads(file.read("index.json"))["sha256"] | {f"{name}.onnx": sha256(graph).hexdigest()}
    with_index(path, target.with_suffix(".tmp"), sha256=sums)
    return rewritten(target.with_suffix(".tmp"), target, lambda part, data: graph if part == f"{name}.onnx" else data)


def test_an_archive_is_read_as_it_was_written(archive, tmp_path):
    archive = dataclasses.replace(
        archive, search=SearchOptions(beam_size=3), languages=("en", "de"), scores={"test": {"bleu": {"value": 40.8}}}
    )
    write_archive(archive, tmp_path / "one.zip")
    write_archive(archive, tmp_path / "other.zip")
    assert read_archive(tmp_path / "one.zip") == archive
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()
    assert read_archive(tmp_path / "one.zip").source_tokenizer is not None


def test_a_model_that_predicts_lengths_needs_a_reader_that_knows_them(archive, tmp_path):
    """Its first token is no word, which versions before format 2 would print."""
    found = {}
    for number in (0, 30):
        write_archive(dataclasses.replace(archive, num_lengths=number), tmp_path / "one.zip")
        with zipfile.ZipFile(tmp_path / "one.zip") as file:
            found[read_archive(tmp_path / "one.zip").num_lengths] = json.loads(file.read("index.json"))["format"]
    assert found == {0: 1, 30: 2}


def test_an_index_of_the_last_release_is_that_of_a_translator(path, archive, tmp_path):
    """It names no kind of model."""
    assert read_archive(with_index(path, tmp_path / "old.zip", kind=...)) == archive


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "oracle"}, "kind='oracle'; this version of seq2seq knows translator, "),
        ({"kind": "tagger"}, "says that it is a tagger, but it holds encoder.onnx, index.json, joint.model"),
        ({"format": FORMAT + 1}, rf"has format {FORMAT + 1}; this version .* reads formats up to {FORMAT}"),
        ({"format": "1"}, "format='1'; expected a value of type int"),
        ({"format": True}, "format='True'; expected a value of type int"),
        ({"max_source_length": 1e9}, "expected a value of type int"),
        ({"max_source_length": 10**9}, "has to be between 2 and 1,000,000"),
        ({"max_source_length": -1}, "has to be between"),
        ({"precision": "float8"}, "known are float32 and int8"),
        ({"search": {"beam_size": 0}}, "beam_size is 0"),
        ({"search": {"beam_size": "5"}}, "wrong search options"),
        ({"search": {"os.system": 1}}, "wrong search options"),
        ({"search": {"a\n\x1b[2J": 1}}, "There is no search option a \\?\\[2J"),
        ({"search": []}, "search='\\[\\]'; expected a value of type dict"),
        ({"languages": ["en"]}, "expected the names of two"),
        ({"languages": ["e" * 100, "de"]}, "expected the names of two"),
        ({"scores": 1}, "expected a value of type dict"),
        ({"sha256": {}}, "is damaged: its checksum differs"),
        ({"sha256": ...}, "sha256='None'; expected a value of type dict"),
        ({"fingerprint": None}, "fingerprint='None'"),
    ],
)
def test_a_wrong_field_of_the_index_is_named(path, tmp_path, values, message):
    with pytest.raises(ValueError, match=message):
        read_archive(with_index(path, tmp_path / "wrong.zip", **values))


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"format": 1e999}', b"{" * 2_000_000])
def test_a_damaged_index_is_refused(path, tmp_path, text):
    target = rewritten(path, tmp_path / "wrong.zip", lambda name, data: text if name == "index.json" else data)
    with pytest.raises(ValueError, match="is not a translator, or a damaged one"):
        read_archive(target)


@pytest.mark.parametrize(
    "extra", ["../../escape", "/etc/passwd", "code.py", "encoder.onnx.data", "source.model", "a\nb\x1b[2J", "a" * 900]
)
def test_nothing_else_may_lie_in_an_archive(path, tmp_path, extra):
    target = rewritten(path, tmp_path / "wrong.zip", lambda name, data: data)
    with zipfile.ZipFile(target, "a") as file:
        file.writestr(extra, "x")
    with pytest.raises(ValueError, match="it holds ") as refused:
        read_archive(target)
    assert str(refused.value).isprintable() and len(str(refused.value)) < 500
    assert {entry.name for entry in tmp_path.iterdir()} == {"wrong.zip"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_no_part_comes_twice(path, tmp_path):
    target = rewritten(path, tmp_path / "wrong.zip", lambda name, data: data)
    with zipfile.ZipFile(target, "a") as file:
        file.writestr("index.json", "{}")
    with pytest.raises(ValueError, match="it holds "):
        read_archive(target)


def test_a_directory_of_thousands_of_entries_is_refused_before_it_is_read(path, tmp_path, monkeypatch):
    target = rewritten(path, tmp_path / "wrong.zip", lambda name, data: data)
    with zipfile.ZipFile(target, "a") as file:
        for number in range(100):
            file.writestr(str(number), "")
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(ValueError, match=r"its directory has \d,\d+ bytes; at most 4,096 are allowed"):
        read_archive(target)


def test_bombs_are_refused_before_they_are_unpacked(path, tmp_path):
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, bytes(50 << 20) if name == "step.onnx" else old.read(name))
    with pytest.raises(ValueError, match="in it is compressed; an exported model holds uncompressed files"):
        read_archive(tmp_path / "bomb.zip")


def test_a_hostile_graph_is_refused_when_it_is_read(path, tmp_path):
    model = onnx.ModelProto(graph=make_graph([make_node("Steal", [], ["y"], domain="evil")], "graph", [], []))
    target = with_graph(path, tmp_path / "hostile.zip", "step", model.SerializeToString())
    with pytest.raises(ValueError, match="hostile.zip is not a translator.* asks for operators of b'evil'"):
        read_archive(target)


def test_300_damaged_archives_are_refused_or_translate_as_before(path, expected, tmp_path):
    """Bits flipped, pieces cut out, doubled or overwritten, anywhere in the file."""
    whole, draw, refused = path.read_bytes(), random.Random(1), 0
    for number in range(300):
        data = bytearray(whole)
        at, length = draw.randrange(len(data)), draw.choice([1, 4, 60])
        if number % 4 == 0:
            data[at] ^= 1 << draw.randrange(8)
        elif number % 4 == 1:
            del data[at : at + length]
        elif number % 4 == 2:
            data[at:at] = data[at : at + length]
        else:
            data[at : at + length] = draw.randbytes(length)
        target = tmp_path / "damaged.zip"
        target.write_bytes(data)
        try:
            found = Translator.load(target).translate(LINES, beam_size=2, max_length_factor=0.5)
        except ValueError as error:
            assert "\n" not in str(error) and str(target) in str(error)
            refused += 1
        else:
            assert found == expected
    assert refused > 250


def test_cut_off_files_and_other_files_are_refused(path, tmp_path):
    whole = path.read_bytes()
    for size in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.zip").write_bytes(whole[:size])
        with pytest.raises(ValueError, match="cut.zip"):
            Translator.load(tmp_path / "cut.zip")
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("text.txt", "text")
    (tmp_path / "other.zip").write_bytes(other.getvalue())
    with pytest.raises(ValueError, match="other.zip"):
        Translator.load(tmp_path / "other.zip")
