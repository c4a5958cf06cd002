"""The quickstart through its own `main`, with its tiny config."""

import dataclasses
import json
import random
import re

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

    shown = capsys.readouterr().out.split("everything is in")[1]
    stored = json.loads((tmp_path / "run" / "scores.json").read_text())["test"]["bleu"]
    assert f"\ntest: BLEU = {stored['value']:.2f}  {stored['signature']}\n" in shown
    assert re.search(r"^exact matches: \d+ of 40 \(\d+\.\d%\)$", shown, re.MULTILINE)
    sources = fewer(tiny).tests["test"].source
    drawn = random.Random(tiny.seed).sample(range(40), 5)
    assert re.findall(r"^  source      (.*)$", shown, re.MULTILINE) == [sources[i] for i in drawn]
    assert len(re.findall(r"^  hypothesis  ", shown, re.MULTILINE)) == 5


def test_training_and_validation_files_are_enough(tmp_path, capsys):
    corpus = write_corpus(tmp_path, train=30, valid=4)
    options = {"run_dir": tmp_path / "run", "max_updates": 2, **files(corpus, "train", "valid")}
    assert run(quickstart.main, arguments(dataclasses.replace(quickstart.TINY, **options), quickstart.DEFAULTS)) == 0
    shown = capsys.readouterr().out
    assert "train.en + train.de: 30 of 30 pairs" in shown and "exact matches" not in shown
    assert (tmp_path / "run" / "translator.keras").exists()


def test_as_many_translations_as_there_are(capsys):
    class Test:
        bleu, sources, references, hypotheses = "BLEU = 50.00", ["a", "b"], ["A", "B"], ["A", "C"]

    quickstart.show("test", Test, seed=1)
    shown = capsys.readouterr().out
    assert "test: BLEU = 50.00\nexact matches: 1 of 2 (50.0%)" in shown
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
    assert "--train.source F --train.target F --valid.source F --valid.target F" in shown
    with pytest.raises(ValueError, match="Did you mean --model.units"):
        quickstart.main(["--model.unit", "3"])
