"""`seq2seq evaluate` with a translator that is a dictionary."""

import json

import pytest

import seq2seq.translator
from seq2seq.cli import evaluate
from seq2seq.search import SearchOptions
from seq2seq.text.evaluation import bleu

SOURCE = ["Two dogs run in the old park today.", "A man rides a very big brown horse.", ""] * 8
TARGET = ["Zwei Hunde laufen heute im alten Park.", "Ein Mann reitet ein sehr großes braunes Pferd.", ""] * 8
HYPOTHESES = ["Zwei Hunde laufen heute im alten Wald.", TARGET[1], ""] * 8


class Dictionary:
    """Stands in for the translator: looks whole lines up and notes how it was called."""

    calls = []

    @classmethod
    def load(cls, run, *, precision):
        cls.calls = [("load", str(run), precision)]
        translator = cls()
        translator.precision = precision
        return translator

    def translate(self, lines, **search):
        self.calls.append(("translate", search))
        return [dict(zip(SOURCE, HYPOTHESES, strict=True))[line] for line in lines]


@pytest.fixture
def run_folder(tmp_path, monkeypatch):
    """A run folder whose record names the test files."""
    monkeypatch.setattr(seq2seq.translator, "Translator", Dictionary)
    run = tmp_path / "run"
    run.mkdir()
    options = {}
    for side, lines in (("source", SOURCE), ("target", TARGET)):
        file = tmp_path / f"test.{side}"
        file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        options[f"test_{side}"] = [str(file)]
    (run / "run.json").write_text(json.dumps({"format": 1, "options": options}), encoding="utf-8")
    return run


def test_scores_with_signature_and_interval(run_folder, capsys):
    source, target = run_folder.parent / "test.source", run_folder.parent / "test.target"
    assert evaluate.main([str(run_folder), "--source", str(source), "--target", str(target)]) == 0
    first, *scores = capsys.readouterr().out.splitlines()
    assert first.startswith(f"24 sentences of {source}, beam 5, ")
    assert scores[0] == str(bleu(HYPOTHESES, TARGET, confidence=True))
    assert [line.split()[0] for line in scores] == ["BLEU", "chrF2", "TER"]


def test_test_files_are_those_the_run_recorded(run_folder, capsys):
    assert evaluate.main([str(run_folder), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["sentences"] == 24
    assert result["target"] == str(run_folder.parent / "test.target")
    assert result["scores"][0]["value"] == pytest.approx(bleu(HYPOTHESES, TARGET).value)
    assert result["scores"][0]["low"] <= result["scores"][0]["value"] <= result["scores"][0]["high"]


def test_search_options_reach_the_translator(run_folder, capsys):
    evaluate.main([str(run_folder), "--beam-size", "2", "--length-penalty", "0.6"])
    (load, (_, search)) = Dictionary.calls
    assert load == ("load", str(run_folder), "float32")
    assert search == vars(SearchOptions(beam_size=2, length_penalty=0.6))


def test_translations_are_written_when_asked_for(run_folder, tmp_path, capsys):
    evaluate.main([str(run_folder), "--output", str(tmp_path / "out" / "test.de")])
    assert (tmp_path / "out" / "test.de").read_text("utf-8") == "".join(line + "\n" for line in HYPOTHESES)


def test_test_files_have_to_be_named_somewhere(run_folder, tmp_path):
    with pytest.raises(ValueError, match="x.keras names no test files. Give --source and --target"):
        evaluate.main([str(tmp_path / "x.keras")])
    (run_folder / "run.json").write_text('{"options": {"test_source": []}}', encoding="utf-8")
    with pytest.raises(ValueError, match="run.json names no test files"):
        evaluate.main([str(run_folder)])


def test_a_target_alone_is_refused(run_folder):
    with pytest.raises(ValueError, match="--target a.de has no --source"):
        evaluate.main([str(run_folder), "--target", "a.de"])


@pytest.mark.parametrize("record", ["{", "{}", "[]", '{"options": 3}'])
def test_a_damaged_record_is_named(tmp_path, record):
    (tmp_path / "run.json").write_text(record)
    with pytest.raises(ValueError, match="run.json is damaged"):
        evaluate.main([str(tmp_path)])
