"""`seq2seq evaluate` with a translator that is a dictionary."""

import json

import pytest

import seq2seq.translator
from seq2seq.cli import evaluate
from seq2seq.search import SearchOptions
from seq2seq.text.scores import bleu

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
    (run / "translator.keras").touch()
    files = [tmp_path / "test.source", tmp_path / "test.target"]
    for file, lines in zip(files, (SOURCE, TARGET), strict=True):
        file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    record(run, {"test": list(map(str, files))})
    return run


def record(run, tests):
    (run / "run.json").write_text(json.dumps({"format": 1, "tests": tests}), encoding="utf-8")


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


def test_text_that_changed_since_is_named(run_folder, caplog):
    values = json.loads((run_folder / "run.json").read_text()) | {"data": {"test": "0" * 64}}
    (run_folder / "run.json").write_text(json.dumps(values))
    assert evaluate.main([str(run_folder), "--json"]) == 0
    assert "test.target changed since the run was tested on this text" in caplog.text


def test_search_options_reach_the_translator(run_folder, capsys):
    evaluate.main([str(run_folder), "--beam-size", "2", "--length-penalty", "0.6"])
    (load, (_, search)) = Dictionary.calls
    assert load == ("load", str(run_folder), "float32")
    assert search == vars(SearchOptions(beam_size=2, length_penalty=0.6))


def test_translations_are_written_when_asked_for(run_folder, tmp_path, capsys):
    evaluate.main([str(run_folder), "--output", str(tmp_path / "out" / "test.de")])
    assert (tmp_path / "out" / "test.de").read_text("utf-8") == "".join(line + "\n" for line in HYPOTHESES)


def test_each_test_set_of_the_run_is_evaluated(run_folder, tmp_path, capsys):
    rows = tmp_path / "both.tsv"
    rows.write_text("".join(f"{line}\t{SOURCE[1]}\n" for line in SOURCE), encoding="utf-8")
    files = [str(tmp_path / "test.source"), str(tmp_path / "test.target")]
    record(run_folder, {"test": files, "both.tsv": [str(rows)], "in memory": []})
    evaluate.main([str(run_folder)])
    shown = capsys.readouterr().out
    assert f"24 sentences of {files[0]}" in shown and f"24 sentences of {rows}" in shown
    with pytest.raises(ValueError, match="--output is one file, but .* was tested on 2 texts"):
        evaluate.main([str(run_folder), "--output", "out.de"])
    rows.unlink()
    with pytest.raises(FileNotFoundError, match=r"both.tsv, which .*run.json names, is no longer there"):
        evaluate.main([str(run_folder)])


@pytest.mark.parametrize("precious", ["test.source", "test.target", "run/translator.keras"])
def test_nothing_that_is_read_is_written_over(run_folder, tmp_path, precious):
    before = (tmp_path / precious).read_bytes()
    with pytest.raises(ValueError, match=f"--output .*{precious} is also .*would be lost"):
        evaluate.main([str(run_folder), "--output", str(tmp_path / precious)])
    assert (tmp_path / precious).read_bytes() == before


def test_test_files_have_to_be_named_somewhere(run_folder, tmp_path):
    (tmp_path / "x.keras").touch()
    with pytest.raises(ValueError, match="x.keras names no test files. Give --source and --target"):
        evaluate.main([str(tmp_path / "x.keras")])
    record(run_folder, {})
    with pytest.raises(ValueError, match="run.json names no test files"):
        evaluate.main([str(run_folder)])


def test_a_target_alone_is_refused(run_folder):
    with pytest.raises(ValueError, match="--target a.de has no --source"):
        evaluate.main([str(run_folder), "--target", "a.de"])


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "[" * 100_000,
        "\xe1" * 10_000,
        '{"tests": 3}',
        '{"tests": {"a": 3}}',
        '{"tests": {"a": ["b", "c", "d"]}}',
    ],
)
def test_a_damaged_record_is_named(run_folder, text):
    (run_folder / "run.json").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match="run.json is damaged") as error:
        evaluate.main([str(run_folder)])
    assert len(str(error.value)) < 500  # without the contents


def test_a_run_without_a_model_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="has no translator.keras"):
        evaluate.main([str(tmp_path)])


def test_one_file_may_be_both_sides_and_lines_have_a_limit(run_folder, capsys):
    source = str(run_folder.parent / "test.source")
    with pytest.raises(ValueError, match="are the same file.*--same-file"):
        evaluate.main([str(run_folder), "--source", source, "--target", source])
    assert evaluate.main([str(run_folder), "--source", source, "--target", source, "--same-file"]) == 0
    with pytest.raises(KeyError, match="Two d"):  # the translator here knows whole lines only
        evaluate.main([str(run_folder), "--max-line-bytes", "5"])


def test_a_tokenizer_is_refused_before_anything_is_loaded(tmp_path):
    with pytest.raises(ValueError, match="Unknown tokenizer '13' for BLEU. Did you mean 13a"):
        evaluate.main([str(tmp_path), "--tokenize", "13"])


def test_the_tokenizer_follows_the_references_and_missing_4_grams_bring_a_warning(run_folder, tmp_path, capsys, caplog):
    def evaluated(reference):
        caplog.clear()
        (tmp_path / "other.target").write_text(f"{reference}\n" * len(SOURCE), encoding="utf-8")
        files = ["--source", str(tmp_path / "test.source"), "--target", str(tmp_path / "other.target")]
        evaluate.main([str(run_folder), *files])
        return capsys.readouterr().out

    assert "|tok:zh|" in evaluated("两只狗在公园里跑。") and not caplog.messages
    evaluated("狗")
    assert caplog.messages == [
        "BLEU is no measure of the references: no line has four tokens in a row (tokenizer zh). Go by chrF."
    ]
