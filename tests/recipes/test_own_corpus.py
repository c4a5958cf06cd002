"""The recipe for a corpus of one's own: what it chooses, and a tiny run through its own `main`."""

import json
import re

import pytest
from toys import load, write_corpus

from seq2seq.cli import run
from seq2seq.groups import as_json
from seq2seq.text.statistics import CorpusStatistics, SideStatistics

own_corpus = load("recipes", "own_corpus")


def corpus_of(words, distinct=5_000, shared_letters=1.0, long_line=20):
    side = SideStatistics(words, distinct, long_line)
    return CorpusStatistics(words // 10, side, side, shared_letters)


def chosen(corpus):
    return {choice.option: choice.value for choice in own_corpus.choose_sizes(corpus)}


def test_more_text_gets_a_larger_vocabulary_and_less_dropout():
    small, medium, large = (chosen(corpus_of(words)) for words in (10_000, 60_000, 20_000_000))
    assert small["vocab.size"] < medium["vocab.size"] < large["vocab.size"]
    assert small["model.dropout"] >= medium["model.dropout"] > large["model.dropout"]
    assert small["data.batch_tokens"] < medium["data.batch_tokens"] < large["data.batch_tokens"]


def test_choices_follow_the_words_the_letters_and_the_lengths():
    assert chosen(corpus_of(60_000, distinct=100))["vocab.size"] == 200 + own_corpus.BYTES_AND_LETTERS
    assert chosen(corpus_of(60_000))["vocab.joint"] and not chosen(corpus_of(60_000, shared_letters=0.1))["vocab.joint"]
    assert chosen(corpus_of(60_000, long_line=1000))["data.max_length"] == 250


def test_the_schedule_follows_the_batches():
    def schedule(batch_tokens):
        choices = own_corpus.choose_schedule(corpus_of(300_000), batch_tokens)
        return {choice.option: choice.value for choice in choices}

    few, many = schedule(8000), schedule(1000)
    assert few["max_updates"] < many["max_updates"] and few["validation.every"] < many["validation.every"]


def test_every_choice_is_an_option():
    corpus = corpus_of(60_000)
    choices = own_corpus.choose_sizes(corpus) + own_corpus.choose_schedule(corpus, 1000)
    values = as_json(own_corpus.with_choices(choices))
    assert {choice.option: choice.value for choice in choices}.items() <= values.items()


def test_help_shows_the_choices_for_5_000_pairs():
    corpus = corpus_of(58_000)
    choices = own_corpus.choose_sizes(corpus) + own_corpus.choose_schedule(corpus, 1000)
    assert own_corpus.with_choices(choices) == own_corpus.DEFAULTS


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The command line of a run without validation and test files, and its folder, after the run."""
    folder = tmp_path_factory.mktemp("own")
    corpus = write_corpus(folder, train=40)
    options = {
        **{"--train.source": corpus / "train.en", "--train.target": corpus / "train.de", "--run-dir": folder / "run"},
        **{"--max-updates": 2, "--validation.every": 1, "--model.units": 8, "--model.embedding-dim": 8},
    }
    argv = [str(word) for option in options.items() for word in option]
    assert run(own_corpus.main, argv) == 0
    return argv, folder / "run"


def test_a_run_keeps_the_pairs_it_holds_out(trained):
    _, folder = trained
    record = json.loads((folder / "run.json").read_text())
    assert record["options"]["model.units"] == 8 and record["options"]["model.dropout"] == 0.3
    assert record["tests"] == {"test": ["test.source.txt", "test.target.txt"]}
    assert len((folder / "valid.source.txt").read_text().splitlines()) == 4
    assert json.loads((folder / "scores.json").read_text())["test"]["bleu"]["value"] >= 0


def test_the_same_command_shows_its_choices_and_goes_on(trained, tmp_path, capsys):
    argv, _ = trained
    assert run(own_corpus.main, argv) == 0
    shown = capsys.readouterr().out
    assert "train.en + train.de (training part): 32 pairs to train on" in shown
    assert "validation: 4 pairs, held out" in shown and "test: 4 pairs, held out" in shown
    assert re.search("--model.units 8 +yours; --model.units 256 would be chosen", shown)
    assert "at update 2 of the run in this folder" in shown
    other = write_corpus(tmp_path, train=50)
    argv = [*argv[:1], str(other / "train.en"), argv[2], str(other / "train.de"), *argv[4:]]
    assert run(own_corpus.main, argv) == 2
    assert "holds a run on other data" in capsys.readouterr().err


def test_named_files_are_taken_as_they_are(tmp_path):
    corpus = write_corpus(tmp_path, train=40, valid=5, test=3)
    paths = [[str(corpus / f"{part}.{side}") for side in ("en", "de")] for part in ("train", "valid", "test")]
    (train, valid, test) = (
        [f"--{part}.source", one, f"--{part}.target", other]
        for part, (one, other) in zip(("train", "valid", "test"), paths, strict=True)
    )
    for given, sizes in (([*valid, *test], (40, 5, 3)), (valid, (36, 5, 4)), (test, (36, 4, 3))):
        corpora = own_corpus.open_corpora(own_corpus.parse(own_corpus.DEFAULTS, None, [*train, *given]))
        assert (len(corpora.train), len(corpora.valid), len(corpora.tests["test"])) == sizes


def test_text_to_train_on_has_to_be_named(capsys):
    assert run(own_corpus.main, []) == 2
    assert "error: give your text: --train.source FILE --train.target FILE" in capsys.readouterr().err
