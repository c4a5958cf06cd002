"""What translator.zip tells of the tests. The scores themselves: tests/training/test_run.py."""

import types

from seq2seq.tasks.scoring import _complete_archive
from seq2seq.translator.archive import ExportError


def test_a_model_that_cannot_be_exported_has_no_archive(tmp_path, monkeypatch, caplog):
    def refuse(path, precision):
        raise ExportError("no such operation")

    monkeypatch.setattr("seq2seq.tasks.scoring.exported", refuse)
    _complete_archive(types.SimpleNamespace(path=tmp_path), {}, 5, None)
    assert not (tmp_path / "translator.zip").exists()
    assert "there is no translator.zip: no such operation" in caplog.text
