import dataclasses
import json

import pytest
from folders import DATA, LAYOUT, again, begin, open_folder

from seq2seq.training.options import CheckpointOptions, RunOptions
from seq2seq.training.record import FORMAT
from seq2seq.training.run_folder import RunFolder


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "my-package"}',
        '["a"]',
        f'{{"format": {FORMAT}}}',
        '{"format": "two", "sessions": []}',
        f'{{"format": {FORMAT}, "sessions": []}}',
    ],
)
def test_a_record_of_something_else_is_refused_and_nothing_is_touched(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    (tmp_path / ".metrics.abcd1234.part.csv").touch()
    with pytest.raises(ValueError, match="damaged, or not the record of a run"), open_folder(tmp_path):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {"run.json", ".metrics.abcd1234.part.csv"}


@pytest.mark.parametrize("field", ["data", "planned_updates", "precision"])
def test_a_record_that_lost_a_field_is_damaged(tmp_path, field):
    begin(tmp_path)
    record = json.loads((tmp_path / "run.json").read_text())
    del record[field]
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match=f"run.json is damaged: it has no {field}"):
        again(tmp_path)


@pytest.mark.parametrize(
    "field", [{"sessions": 5}, {"data": ["train"]}, {"options": None}, {"vocabularies": "joint"}, {"format": [2]}]
)
def test_a_record_with_a_field_of_another_type_is_damaged(tmp_path, field):
    begin(tmp_path)
    RunFolder(tmp_path, LAYOUT).add_to_record(field)
    with pytest.raises(ValueError, match=f"run.json is damaged, or .*{min(field)} is "):
        again(tmp_path)


def test_same_options_continue_and_precision_is_kept(tmp_path):
    begin(tmp_path)
    record = again(tmp_path, precision="bfloat16", max_updates=7, checkpoints=CheckpointOptions(keep_last=5))
    assert record["precision"] == "float32" and len(record["sessions"]) == 2


def test_other_options_are_listed(tmp_path):
    begin(tmp_path)
    with pytest.raises(ValueError, match="--optimizer.learning-rate: was 0.001, now 0.002") as error:
        again(tmp_path, learning_rate=0.002, seed=4)
    assert "--seed: was 1, now 4" in str(error.value) and "--run-dir" in str(error.value)
    assert len(str(error.value).splitlines()) == 4


def test_an_option_the_recipe_no_longer_has_is_a_difference(tmp_path):
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Config(RunOptions):
        units: int = 3

    with open_folder(tmp_path) as run:
        run.start(Config(run_dir=tmp_path), DATA, "float32")
    begin_marker = tmp_path / "checkpoints"
    begin_marker.mkdir()
    (begin_marker / "update-00000000.npz").touch()
    with pytest.raises(ValueError, match="--units: was 3, now unknown"):
        again(tmp_path)


def test_other_text_is_an_error(tmp_path):
    begin(tmp_path)
    with pytest.raises(ValueError, match="valid: was bbbb.*, now cccc"):
        again(tmp_path, data={"train": "a" * 64, "valid": "c" * 64})


def test_newer_format_is_refused(tmp_path):
    (tmp_path / "run.json").write_text('{"format": 99, "sessions": []}')
    with pytest.raises(ValueError, match="format 99.*newer version"), open_folder(tmp_path):
        pass


def test_an_older_format_is_not_continued(tmp_path):
    begin(tmp_path)
    record = tmp_path / "run.json"
    older = record.read_text().replace(f'"format": {FORMAT}', f'"format": {FORMAT - 1}')
    record.write_text(older)
    with pytest.raises(ValueError, match=f"run of format {FORMAT - 1}, from an older version .* Its model still"):
        again(tmp_path)
    assert record.read_text() == older


@pytest.mark.parametrize("damaged", [b'{"form', b"[" * 100_000, b"\xe1" * 10_000])
def test_damaged_record_is_refused(tmp_path, damaged):
    (tmp_path / "run.json").write_bytes(damaged)
    with pytest.raises(ValueError, match="run.json is damaged") as error, open_folder(tmp_path):
        pass
    assert len(str(error.value)) < 500  # without the contents
