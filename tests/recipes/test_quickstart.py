"""The quickstart through its own `main`, with its tiny config."""

import dataclasses
import json
import random
import re
import shlex

import pytest
from toys import arguments, files, load, write_corpus

from seq2seq.cli import run

quickstart = load("recipes", "quickstart")


def test_tiny_trains_and_shows_what_was_learnt(tmp_path, capsys, monkeypatch):
    small = quickstart.corpora

    def fewer(config):  # 500 sentences to validate and test take longer than all the rest
        corpora = small(config)
        for corpus in corpora.train, corpora.valid, corpora.tests["test"]:
            corpus.source, corpus.target = corpus.source[:40], corpus.target[:40]
        return corpora

    monkeypatch.setattr(quickstart, "corpora", fewer)
    tiny = dataclasses.replace(quickstart.TINY, run_dir=tmp_path / "run")
    assert run(quickstart.main, arguments(tiny, quickstart.DEFAULTS)) == 0

    before, shown = capsys.readouterr().out.split("everything is in")
    stored = json.loads((tmp_path / "run" / "scores.json").read_text())["test"]["bleu"]
    assert f"\ntest: BLEU = {stored['value']:.2f}  {stored['signature']}\n" in before and "BLEU" not in shown
    assert re.search(r"^test: \d+ of 40 translations are exactly the reference$", shown, re.MULTILINE)
    sources = fewer(tiny).tests["test"].source
    drawn = [sources[i] for i in random.Random(tiny.seed).sample(range(40), 5)]
    assert re.findall(r"^  source      (.*)$", shown, re.MULTILINE) == drawn
    assert len(re.findall(r"^  hypothesis  ", shown, re.MULTILINE)) == 5
    assert (tmp_path / "run" / "attention.png").read_bytes().startswith(b"\x89PNG") and "/attention.png\n" in shown
    assert f"seq2seq translate {tmp_path}/run" in shown and f"seq2seq evaluate {tmp_path}/run" in shown
    assert "own_corpus.py --train.source train.en --train.target train.it --run-dir runs/mine" in shown
    typed = re.search(r"^  (echo .*)$", shown, re.MULTILINE)[1]
    assert shlex.split(typed)[1] in drawn


def test_training_and_validation_files_are_enough(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("seq2seq.tasks.scoring._complete_archive", lambda *_: None)  # saves seconds
    corpus = write_corpus(tmp_path, train=30, valid=4)
    options = {"run_dir": tmp_path / "run", "max_updates": 1, **files(corpus, "train", "valid")}
    assert run(quickstart.main, arguments(dataclasses.replace(quickstart.TINY, **options), quickstart.DEFAULTS)) == 0
    shown = capsys.readouterr().out
    assert "train.en + train.de: 30 of 30 pairs" in shown and "exactly the reference" not in shown
    assert f"seq2seq translate {tmp_path}/run" in shown and "own_corpus.py" not in shown
    assert (tmp_path / "run" / "translator.keras").exists()


def test_as_many_translations_as_there_are(capsys):
    class Test:
        sources, references, hypotheses = ["a", "b"], ["A", "B"], ["A", "C"]

    quickstart.show("test", Test, quickstart.draw_examples(Test, seed=1))
    shown = capsys.readouterr().out
    assert "test: 1 of 2 translations are exactly the reference" in shown
    assert sorted(re.findall("source      (.)", shown)) == ["a", "b"]


def test_corpus_is_the_grammar_with_test_sentences_held_out():
    corpora = quickstart.corpora(dataclasses.replace(quickstart.TINY, train_pairs=50))
    assert (len(corpora.train), len(corpora.valid), len(corpora.tests["test"])) == (50, 500, 500)
    assert set(corpora.train.source).isdisjoint([*corpora.valid.source, *corpora.tests["test"].source])


def test_help_and_the_nearest_option(capsys):
    with pytest.raises(SystemExit, match="0"):
        quickstart.main(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "Model: bidirectional GRU encoder, GRU decoder" in shown and "--train-pairs NUMBER" in shown
    assert "--train.source train.en --train.target train.it" in shown
    with pytest.raises(ValueError, match="Did you mean --model.units"):
        quickstart.main(["--model.unit", "3"])
