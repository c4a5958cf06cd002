from types import SimpleNamespace

from seq2seq.tasks import Corpora, label_scoring
from seq2seq.tasks.label_scoring import majority_labels
from seq2seq.text.corpus import ParallelCorpus
from seq2seq.translator.archive import ExportError


def test_the_baseline_knows_counts_alone():
    lines = ParallelCorpus.from_lines(["a", "b", "c"], ["past", "future", "past"])
    assert majority_labels(lines, ["x", "b"], per_word=False) == ["past", "past"]
    words = ParallelCorpus.from_lines(["die Frau die", "die Frau Frau"], ["D N D", "P N N"])
    assert majority_labels(words, ["die neue Frau"], per_word=True) == ["D N N"]  # of all words most are N


def test_a_model_that_cannot_be_exported_leaves_the_run_finished(monkeypatch, caplog, tmp_path):
    def refuse(path, kind):
        raise ExportError("no such operation")

    monkeypatch.setattr(label_scoring.Labeller, "load", refuse)
    folder, corpora = SimpleNamespace(path=tmp_path), Corpora(None, None, {"test": None})
    assert label_scoring.score_labels(folder, "tagger", corpora, best_update=1, per_word=True) == {}
    assert "there is no tagger.zip, so the test is not scored: no such operation" in caplog.text
