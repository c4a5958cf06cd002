import subprocess
import sys
import tempfile
import time
import zipfile

import h5py
import keras
import numpy as np
import pytest
from tiny import tiny_batch, tiny_model

from seq2seq.layers import ZeroBridge
from seq2seq.model import ConditionalDecoder, InputFeedingDecoder, RNNDecoder, load_model
from seq2seq.model.archive import save_model
from seq2seq.text import Tokenizer

ALL_OF_THE_CONTRACT = {"cell": "slow_units", "attention": "coverage"}  # see tests/support/parts.py
VARIANTS = {
    "rnn": (RNNDecoder, {**ALL_OF_THE_CONTRACT, "options": {"num_layers": 2, "tied_output": True, "dropout": 0.1}}),
    "feeding": (InputFeedingDecoder, {**ALL_OF_THE_CONTRACT, "encoder": {"bidirectional": "lower"}}),
    "conditional": (ConditionalDecoder, {**ALL_OF_THE_CONTRACT, "options": {"num_layers": 2}}),
    "plain": (RNNDecoder, {"attention": "none", "cell": "lstm", "options": {"bridge": ZeroBridge()}}),
    "stacked": (RNNDecoder, {"encoder": {"num_layers": 2, "layer_norm": True}, "attention": "scaled"}),
    "shared": (RNNDecoder, {"share_embeddings": True, "options": {"tied_output": True}}),
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """A saved model and its logits on `tiny_batch`."""
    model = tiny_model(dtype="float32")
    path = tmp_path_factory.mktemp("archive") / "model.keras"
    model.save(path)
    return path, model(tiny_batch()).numpy()


def rewritten(archive, path, change):
    """A copy of an archive in which change(name, data) has been made to each file."""
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)
    return path


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_model_saved_and_loaded_gives_the_same_logits(tmp_path, variant):
    decoder, options = VARIANTS[variant]
    model = tiny_model(decoder, dtype="float32", label_smoothing=0.1, max_source_length=33, **options)
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(tiny_batch()), model(tiny_batch()))
    assert len(loaded.weights) == len(model.weights)
    assert (loaded.label_smoothing, loaded.max_source_length) == (0.1, 33)
    assert type(loaded.decoder) is decoder and loaded.get_config() == model.get_config()


def test_a_new_process_computes_the_same_logits(archive, tmp_path):
    path, logits = archive
    code = """
import sys, numpy as np
from seq2seq.model import load_model
batch = np.load(sys.argv[2])
np.save(sys.argv[3], load_model(sys.argv[1])({name: batch[name] for name in batch}))
"""
    np.savez(tmp_path / "batch.npz", **tiny_batch())
    command = [sys.executable, "-c", code, path, tmp_path / "batch.npz", tmp_path / "logits.npy"]
    subprocess.run(command, check=True)
    np.testing.assert_array_equal(np.load(tmp_path / "logits.npy"), logits)


@pytest.mark.parametrize("joint", [True, False])
def test_tokenizers_travel_in_the_archive(tmp_path, joint):
    lines = ["ab", "ba"]
    source = Tokenizer.train(lines, kind="word", vocab_size=9)
    target = source if joint else Tokenizer.train(["ab", "cd"], kind="word", vocab_size=9)
    model = tiny_model(dtype="float32")
    model.source_tokenizer, model.target_tokenizer = source, target
    model.save(tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    assert loaded.source_tokenizer.model == source.model
    assert loaded.target_tokenizer.model == target.model
    assert (loaded.source_tokenizer is loaded.target_tokenizer) == joint


def test_an_archive_holds_no_optimizer(tmp_path):
    model = tiny_model(dtype="float32")
    model.compile("adam")
    model.save(tmp_path / "model.keras", include_optimizer=False)
    assert not load_model(tmp_path / "model.keras").compiled


def test_refuses_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.keras is no file; a model archive is a .keras file"):
        load_model(tmp_path / "nowhere.keras")


def test_refuses_a_foreign_archive(tmp_path):
    foreign = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    foreign.save(tmp_path / "foreign.keras")
    with pytest.raises(ValueError, match="foreign.keras holds a Sequential, not a model of this toolkit"):
        load_model(tmp_path / "foreign.keras")


@pytest.mark.parametrize("content", [b"", b"not a zip file at all"])
def test_refuses_a_file_that_is_no_archive(tmp_path, content):
    (tmp_path / "text.keras").write_bytes(content)
    with pytest.raises(ValueError, match="text.keras is not a model archive"):
        load_model(tmp_path / "text.keras")


def test_refuses_an_archive_that_was_cut_off(archive, tmp_path):
    whole = archive[0].read_bytes()
    (tmp_path / "cut.keras").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="cut.keras is not a model archive"):
        load_model(tmp_path / "cut.keras")


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000])
def test_refuses_a_damaged_configuration(archive, tmp_path, content):
    changed = rewritten(archive[0], tmp_path / "torn.keras", lambda name, data: content if "config" in name else data)
    with pytest.raises(ValueError, match="torn.keras is a damaged model archive"):
        load_model(changed)


@pytest.mark.parametrize("place", [0, 60, 0.5, 0.8])
def test_refuses_an_archive_with_a_damaged_byte(archive, tmp_path, place):
    data = bytearray(archive[0].read_bytes())
    data[place if isinstance(place, int) else int(place * len(data))] ^= 0xFF
    (tmp_path / "damaged.keras").write_bytes(data)
    with pytest.raises(ValueError, match="damaged.keras is a damaged model archive"):
        load_model(tmp_path / "damaged.keras")


def test_refuses_another_zip_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "photos.keras", "w") as photos:
        photos.writestr("a.jpg", b"")
    with pytest.raises(ValueError, match="photos.keras is a zip file, but not a model archive"):
        load_model(tmp_path / "photos.keras")


def test_refuses_a_weight_that_is_not_the_one_saved(archive, tmp_path):
    """One weight file entry of zeros: Keras alone would load it without a word."""

    def zero_a_weight(name, data):
        if name != "model.weights.h5":
            return data
        (tmp_path / "weights.h5").write_bytes(data)
        with h5py.File(tmp_path / "weights.h5", "r+") as file:
            datasets = []
            file.visititems(lambda _, item: datasets.append(item) if isinstance(item, h5py.Dataset) else None)
            datasets[0][...] = 0.0
        return (tmp_path / "weights.h5").read_bytes()

    path = rewritten(archive[0], tmp_path / "zeroed.keras", zero_a_weight)
    with pytest.raises(ValueError, match="zeroed.keras was saved with .* 1 differ from them.*damaged"):
        load_model(path)


def test_refuses_an_archive_without_checksums(archive, tmp_path):
    path = rewritten(
        archive[0], tmp_path / "bare.keras", lambda name, data: None if name.endswith("weights.json") else data
    )
    with pytest.raises(ValueError, match="bare.keras"):
        load_model(path)


@pytest.mark.parametrize("year", [1970, 2150])
def test_an_archive_knows_no_clock(archive, tmp_path, monkeypatch, year):
    """A board without a battery may believe in 1970, which no zip file can hold."""
    model = load_model(archive[0])
    save_model(model, tmp_path / "now.keras")
    monkeypatch.setattr(time, "time", lambda: (year - 1970) * 365.25 * 86400)
    monkeypatch.setattr(time, "localtime", lambda *seconds: time.struct_time((year, 1, 1, 0, 0, 0, 3, 1, 0)))
    save_model(model, tmp_path / "then.keras")
    assert (tmp_path / "then.keras").read_bytes() == (tmp_path / "now.keras").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"now.keras", "then.keras"}


def test_the_archive_is_that_of_keras(archive, tmp_path):
    model = load_model(archive[0])
    save_model(model, tmp_path / "model.keras")
    with zipfile.ZipFile(archive[0]) as theirs, zipfile.ZipFile(tmp_path / "model.keras") as ours:
        assert sorted(theirs.namelist()) == sorted(ours.namelist())
    np.testing.assert_array_equal(load_model(tmp_path / "model.keras")(tiny_batch()), archive[1])


def test_a_full_temporary_folder_is_no_obstacle(archive, tmp_path, monkeypatch):
    model = load_model(archive[0])
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    save_model(model, tmp_path / "model.keras")
    assert (tmp_path / "model.keras").stat().st_size > 1000
