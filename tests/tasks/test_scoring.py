"""What translator.zip tells of the tests. The scores themselves: tests/training/test_run.py."""

import types

import pytest

from seq2seq.tasks.scoring import _complete_archive, _languages
from seq2seq.text import ParallelCorpus
from seq2seq.translator.archive import ExportError


@pytest.mark.parametrize(
    "names, languages",
    [
        (("test.en", "test.de"), ("en", "de")),
        (("a.fr-en.fr.gz", "a.fr-en.en.xz"), ("fr", "en")),
        (("test.src", "test.tgt"), None),
        (("test.en", "test"), None),
        (("test.tsv",), None),
        ((), None),
    ],
)
def test_languages_are_told_by_the_endings_of_the_files(tmp_path, names, languages):
    paths = tuple(tmp_path / name for name in names)
    corpus = ParallelCorpus(["a"], ["b"], name="test", fingerprint="f", paths=paths)
    assert _languages([corpus]) == languages
    assert _languages([]) is None


def test_a_model_that_cannot_be_exported_has_no_archive(tmp_path, monkeypatch, caplog):
    def refuse(path, precision):
        raise ExportError("no such operation")

    monkeypatch.setattr("seq2seq.tasks.scoring.exported", refuse)
    _complete_archive(types.SimpleNamespace(path=tmp_path), {}, 5, None)
    assert not (tmp_path / "translator.zip").exists()
    assert "there is no translator.zip: no such operation" in caplog.text
