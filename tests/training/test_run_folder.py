import errno
import json
import os
import subprocess
import sys

import pytest
from folders import DATA, LAYOUT, again, begin, open_folder

from seq2seq.training.record import FORMAT
from seq2seq.training.run_folder import RunFolder


def test_record_tells_command_versions_machine_and_corpora(tmp_path):
    begin(tmp_path / "run")
    record = json.loads((tmp_path / "run/run.json").read_text())
    assert record["format"] == FORMAT and record["data"] == DATA and record["precision"] == "float32"
    session = record["sessions"][0]
    assert {"python", "tensorflow", "keras", "sentencepiece", "sacrebleu", "seq2seq"} <= set(session["versions"])
    assert session["machine"]["cores"] >= 1 and session["command"] and session["started"]


def test_what_a_killed_process_left_half_written_goes(tmp_path):
    begin(tmp_path)
    (tmp_path / "cache").mkdir()
    leftovers = [".metrics.abcd1234.part.csv", "checkpoints/.update-00000003.abcd1234.part.npz"]
    leftovers += [".translator.abcd1234.part.keras", "cache/.ids-12.abcd1234.part.bin"]
    for name in leftovers:
        (tmp_path / name).touch()
    again(tmp_path)
    assert not list(tmp_path.rglob("*.part*"))


STRANGERS = [".thesis.abcd1234.part.tex", "own.model", "cache/notes/.ids.abcd1234.part.bin", "checkpoints/best.npz"]


def test_files_that_no_run_named_are_never_removed(tmp_path):
    """Neither when a run goes on, nor when it begins anew, though they look like its own."""
    again(tmp_path)
    for name in STRANGERS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("mine")
    (tmp_path / ".translator.abcd1234.part.keras").mkdir()  # folders least of all
    again(tmp_path, learning_rate=0.5)  # anew: it has no checkpoint yet
    begin(tmp_path, learning_rate=0.5)
    again(tmp_path, learning_rate=0.5)
    assert all((tmp_path / name).read_text() == "mine" for name in STRANGERS)
    assert (tmp_path / ".translator.abcd1234.part.keras").is_dir()


@pytest.mark.parametrize(
    "names",
    [
        ["cache/mine"],
        ["log.txt"],
        ["lock", "cache/a", "log.txt"],
        [".a.abcd1234.part"],
        [".translator.x.part/translator.keras"],
        ["source.model"],
    ],
)
def test_a_folder_without_a_record_is_never_touched(tmp_path, names):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
    with pytest.raises(ValueError, match="is not the folder of a run"), open_folder(tmp_path):
        pass
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == set(names)
    assert all((tmp_path / name).read_text() == "mine" for name in names)


@pytest.mark.parametrize("was_there", [True, False])
@pytest.mark.parametrize("error", [ValueError("a line without a partner"), FileNotFoundError("train.de")])
def test_a_first_start_that_is_refused_leaves_the_folder_as_it_was(tmp_path, was_there, error):
    folder = tmp_path / "run"
    if was_there:
        folder.mkdir()
    with pytest.raises(type(error)), open_folder(folder) as run:
        run.log.write_text("it begins")
        run.cache.mkdir()
        (run.cache / "train.en-0123").write_text("unpacked")
        raise error
    assert folder.exists() == was_there
    assert not was_there or not list(folder.iterdir())


def test_a_first_start_that_is_refused_leaves_a_strangers_lock(tmp_path):
    """A folder with nothing but a file of this name counts as empty, for a start may be killed so early."""
    (tmp_path / "lock").write_text("mine")
    with pytest.raises(FileNotFoundError), open_folder(tmp_path):
        raise FileNotFoundError("train.de")
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
    assert (tmp_path / "lock").read_text() == "mine"


def test_a_first_start_that_was_killed_goes_on(tmp_path):
    """Its folder has a record, though the corpus was still being read."""
    with pytest.raises(KeyboardInterrupt), open_folder(tmp_path / "run") as run:
        run.cache.mkdir()
        (run.cache / "train.en-0123").touch()
        raise KeyboardInterrupt
    assert len(again(tmp_path / "run")["sessions"]) == 1


def test_a_first_start_that_was_killed_while_it_wrote_its_record_goes_on(tmp_path):
    for name in ("lock", ".run.abcd1234.part.json"):
        (tmp_path / name).write_text('{"form')
    begin(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"lock", "run.json", "checkpoints"}


@pytest.mark.parametrize("was_there", [True, False])
def test_a_full_disk_at_the_first_record_leaves_the_folder_as_it_was(tmp_path, was_there, monkeypatch):
    def write(path, text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr("seq2seq.training.run_folder.write_text", write)
    folder = tmp_path / "run"
    if was_there:
        folder.mkdir()
    with pytest.raises(OSError, match="No space left"), open_folder(folder):
        pass
    assert folder.exists() == was_there and not list(folder.glob("*"))


def test_what_a_first_start_wrote_goes_but_no_folder_that_came_to_lie_there(tmp_path):
    with pytest.raises(ValueError, match="a line"), open_folder(tmp_path / "run") as run:
        (run.cache / "mine.d").mkdir(parents=True)
        (run.cache / "ids-12.bin").touch()
        raise ValueError("a line without a partner")
    assert [path.name for path in (tmp_path / "run").rglob("*")] == ["cache", "mine.d"]


def test_only_files_that_the_record_names_are_removed(tmp_path):
    again(tmp_path)
    for name in ("metrics.csv", "source.model"):
        (tmp_path / name).write_text("mine")
    RunFolder(tmp_path, LAYOUT).add_to_record({"files": ["run.json", "lock", "metrics.csv"]})
    again(tmp_path)
    assert (tmp_path / "source.model").read_text() == "mine" and not (tmp_path / "metrics.csv").exists()


def test_a_run_that_was_given_up_says_so_at_once(tmp_path):
    begin(tmp_path)
    RunFolder(tmp_path, LAYOUT).add_to_record({"gave_up": "the validation loss is nan."})
    with (
        pytest.raises(ValueError, match="the run in .* was given up: the validation loss is nan"),
        open_folder(tmp_path),
    ):
        pass


def test_run_without_checkpoint_is_recorded_anew(tmp_path):
    again(tmp_path)
    (tmp_path / "source.model").touch()
    record = again(tmp_path, learning_rate=0.5)
    assert record["options"]["optimizer.learning_rate"] == 0.5 and len(record["sessions"]) == 1
    assert not (tmp_path / "source.model").exists()


def test_trained_model_without_checkpoints_is_not_begun_anew(tmp_path):
    begin(tmp_path)
    run = RunFolder(tmp_path, LAYOUT)
    run.model.touch()
    run.metrics.touch()
    (run.checkpoints / "update-00000000.npz").unlink()
    with pytest.raises(ValueError, match="holds a trained model, but no checkpoint .* Use a new --run-dir"):
        again(tmp_path)
    assert run.metrics.exists()


def test_folder_with_other_things_is_refused(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(ValueError, match="contains thesis.tex"), open_folder(tmp_path):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_file_is_refused(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(ValueError, match="is a file"), open_folder(tmp_path / "run"):
        pass


def test_second_process_is_refused_and_the_lock_dies_with_its_process(tmp_path):
    script = f"""
import time
from seq2seq.tasks.task import Layout
from seq2seq.training.run_folder import RunFolder
with RunFolder.open({str(tmp_path)!r}, Layout("model", ())):
    print("locked", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(ValueError, match="another process is training"), open_folder(tmp_path):
            pass
        process.kill()
        process.wait()
    with open_folder(tmp_path):
        pass
