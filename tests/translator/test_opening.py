"""Which engine a path gets, and when a model is exported."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seq2seq.model.archive import save_model
from seq2seq.translator import Translator
from seq2seq.translator.archive import ExportError
from seq2seq.translator.tensorflow_engine import TensorFlowEngine

LINES = ["ein Hund", "", "zwei kleine Katzen"]
LIMITED = {"max_length_factor": 0.5}


@pytest.fixture
def training(run_folder, tmp_path):
    """A run folder with the Keras archive alone, as in the middle of training."""
    shutil.copy(run_folder / "translator.keras", tmp_path)
    return tmp_path


@pytest.fixture
def exports(archive, monkeypatch):
    """The models that were exported, instead of an export of each: the graphs are always the same."""
    models = []
    monkeypatch.setattr("seq2seq.translator.export.to_onnx", lambda model: models.append(model) or archive.graphs)
    return models


@pytest.mark.parametrize("options", [{"beam_size": 1}, {"beam_size": 3, "n_best": 3, "alignments": True}])
def test_keras_and_exported_models_translate_alike(run_folder, options):
    paths = [run_folder / "translator.keras", run_folder, run_folder / "translator.zip"]
    expected, *others = [Translator.load(path).search(LINES, **options, **LIMITED) for path in paths]
    for found in others:
        for mine, its in zip(sum(found, []), sum(expected, []), strict=True):
            assert mine.text == its.text and mine.score == pytest.approx(its.score, abs=2e-5)
            if "alignments" in options and mine.text:
                np.testing.assert_allclose(mine.alignment, its.alignment, atol=1e-5)


def test_the_first_use_exports_and_newer_weights_do_again(training, model, exports, caplog):
    caplog.set_level("INFO", "seq2seq")
    for _ in range(2):
        Translator.load(training)
        assert len(exports) == 1 and caplog.text.count("exporting") == 1
    weights = model.get_weights()
    try:
        model.set_weights([2 * weight for weight in weights])
        save_model(model, training / "translator.keras")
    finally:
        model.set_weights(weights)
    Translator.load(training)
    assert len(exports) == 2
    np.testing.assert_array_equal(exports[1].get_weights()[0], 2 * weights[0])


@pytest.mark.parametrize(
    "name, precision, damage",
    [
        ("translator.zip", "float32", lambda whole: whole[:-99]),
        ("translator.zip", "float32", lambda whole: b""),
        ("translator.int8.zip", "int8", lambda whole: whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]),
    ],
)
def test_a_damaged_export_in_a_run_folder_is_made_again(training, exports, caplog, name, precision, damage):
    Translator.load(training, precision=precision)
    whole = (training / name).read_bytes()
    (training / name).write_bytes(damage(whole))
    Translator.load(training, precision=precision)
    assert (training / name).read_bytes() == whole
    assert caplog.text.count(f"{training / name} is damaged and is made again") == 1


OPTIONS = {"validation.every": 300, "max_updates": 2000}


@pytest.mark.parametrize(
    "record, first",
    [
        (json.dumps({"options": OPTIONS}), ", after update 300, "),
        (json.dumps({"options": {**OPTIONS, "max_updates": 200}}), ", after update 200, "),
        (json.dumps({"options": {**OPTIONS, "max_updates": None}}), ", after update 300, "),
        (json.dumps({"options": {"validation.every": "\x1b[2J", "max_updates": True}}), " "),
        (json.dumps({"options": [1]}), " "),
        (json.dumps({"format": 3}), " "),
        ("[" * 100_000, " "),
        ("\0", " "),
    ],
)
def test_a_run_that_was_not_validated_says_when_it_will_be(tmp_path, record, first):
    (tmp_path / "run.json").write_text(record)
    expected = f"{tmp_path} has no model yet: its first validation{first}writes it. log.txt .* same training command"
    with pytest.raises(FileNotFoundError, match=expected):
        Translator.load(tmp_path)


def test_a_damaged_export_by_itself_is_refused(run_folder, tmp_path):
    (tmp_path / "translator.zip").write_bytes((run_folder / "translator.zip").read_bytes()[:-99])
    with pytest.raises(ValueError, match="translator.zip is not a translator, or a damaged one"):
        Translator.load(tmp_path)


def test_a_model_that_cannot_be_exported_is_run_by_tensorflow(training, caplog, monkeypatch):
    def refuse(model):
        raise ExportError("the model cannot be exported to ONNX: no such operation")

    monkeypatch.setattr("seq2seq.translator.export.to_onnx", refuse)
    assert isinstance(Translator.load(training).engine, TensorFlowEngine)
    assert "no such operation; TensorFlow runs the model instead" in caplog.text
    with pytest.raises(ValueError, match="no such operation"):
        Translator.load(training, precision="int8")


def test_a_read_only_folder_translates_too(training, exports, caplog, monkeypatch):
    def refuse(*arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("seq2seq.translator.opening.write_archive", refuse)
    assert len(Translator.load(training).translate(["ja"], **LIMITED)) == 1
    assert "translator.zip cannot be kept (Permission denied); the next start has to make it again" in caplog.text


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=f"{tmp_path} has no translator.keras"):
        Translator.load(tmp_path)
    with pytest.raises(FileNotFoundError, match="no run folder or file .*nowhere"):
        Translator.load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["translator.zip", "model", "keras.txt"])
def test_only_a_file_named_keras_is_opened_by_keras(run_folder, tmp_path, monkeypatch, name):
    """A Keras model from a stranger, named like a file that can do no harm, may hold code."""
    monkeypatch.setattr("seq2seq.model.load_model", None)
    shutil.copy(run_folder / "translator.keras", tmp_path / name)
    for precision in ("float32", "int8"):
        with pytest.raises(ValueError, match=f"{name} is not a translator, or a damaged one: it "):
            Translator.load(tmp_path / name, precision=precision)


@pytest.mark.parametrize(
    "name, precision, message",
    [
        ("translator.zip", "bfloat16", "holds exported graphs, which compute in float32 or int8, not in bfloat16"),
        ("translator.keras", "int8", "int8 is for exported models. Make one: seq2seq export .* --int8"),
    ],
)
def test_a_precision_of_the_other_engine_is_refused(run_folder, name, precision, message):
    with pytest.raises(ValueError, match=message):
        Translator.load(run_folder / name, precision=precision)


WITHOUT_TENSORFLOW = """
import importlib, os, pkgutil, sys
import seq2seq

def check(what, *heavy):
    found = {"tensorflow", "keras", "h5py", "onnx", "matplotlib", *heavy} & set(sys.modules)
    assert not found, f"{what} loads {found}"

from seq2seq.cli.main import COMMANDS, main
main(["--help"])
check("seq2seq --help", "numpy", "tyro")
for room in ("text", "search", "cli"):
    for module in pkgutil.walk_packages(importlib.import_module(f"seq2seq.{room}").__path__, f"seq2seq.{room}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    check(f"seq2seq.{room}")
for command in COMMANDS:
    try:
        main([command, "--help"])
    except SystemExit as end:
        assert end.code == 0
    check(f"{command} --help")

from seq2seq.translator import Translator
translator = Translator.load(sys.argv[1])
assert len(translator.translate(["ein Hund"])) == 1
if os.fork() == 0:  # as a worker of gunicorn --preload
    os._exit(len(translator.translate(["ein Hund", "ja"])))
assert os.waitstatus_to_exitcode(os.wait()[1]) == 2
check("translating")
assert not os.listdir(os.environ["HOME"])

import seq2seq.pictures
assert not {"tensorflow", "keras", "matplotlib.pyplot"} & set(sys.modules)
"""


def test_imports_help_and_translating_load_no_tensorflow(run_folder, tmp_path):
    """One fresh process, in a home of its own: onnxruntime keeps files of what it reports to its makers unless told."""
    environment = {**os.environ, "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW, str(run_folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=Path(__file__).parents[2])
    assert (done.returncode, done.stderr) == (0, "")
    assert "usage: seq2seq COMMAND" in done.stdout and "usage: seq2seq finetune" in done.stdout
