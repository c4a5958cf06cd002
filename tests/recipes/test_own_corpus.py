"""The recipe for a corpus of one's own: what it chooses, and a tiny run through its own `main`."""

import dataclasses
import json
import re

import pytest
from toys import arguments, files, load, write_corpus

from seq2seq.cli import run
from seq2seq.groups import replaced
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


def test_choices_follow_the_words_and_the_letters():
    assert chosen(corpus_of(60_000, distinct=100))["vocab.size"] == 200 + own_corpus.BYTES_AND_LETTERS
    apart = chosen(corpus_of(60_000, distinct=100, shared_letters=0.1))
    assert not apart["vocab.joint"] and apart["vocab.size"] == 100 + own_corpus.BYTES_AND_LETTERS


def schedule(corpus, **options):
    config = replaced(own_corpus.DEFAULTS, {name.replace("__", "."): value for name, value in options.items()})
    return {choice.option: choice.value for choice in own_corpus.choose_schedule(corpus, config)}


def test_the_schedule_follows_the_size_of_an_update():
    few = schedule(corpus_of(300_000), data__batch_tokens=8000)
    assert few == schedule(corpus_of(300_000), data__batch_tokens=2000, accumulate=4)
    many = schedule(corpus_of(300_000), data__batch_tokens=1000)
    assert few["max_updates"] < many["max_updates"] and few["validation.every"] < many["validation.every"]


def test_the_longest_pair_follows_the_lengths_and_the_pieces():
    lengths = [
        schedule(corpus_of(60_000, long_line=long_line), vocab__kind=kind)["data.max_length"]
        for long_line, kind in ((20, "unigram"), (50, "unigram"), (20, "char"), (1000, "unigram"))
    ]
    assert lengths == [100, 200, 300, 500]


def test_help_shows_the_choices_for_5_000_pairs():
    corpus = corpus_of(58_000)
    choices = own_corpus.choose_sizes(corpus) + own_corpus.choose_schedule(corpus, own_corpus.DEFAULTS)
    assert own_corpus.with_choices(choices) == own_corpus.DEFAULTS


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The command line of a run without validation and test files, and its folder, after the run."""
    folder = tmp_path_factory.mktemp("own")
    corpus = write_corpus(folder, train=40)
    options = {"run_dir": folder / "run", "max_updates": 2, **files(corpus, "train")}
    argv = arguments(dataclasses.replace(own_corpus.TINY, **options), own_corpus.DEFAULTS)
    assert run(own_corpus.main, argv) == 0
    return argv, folder / "run"


def test_a_run_keeps_the_pairs_it_holds_out(trained):
    _, folder = trained
    corpus_lines = (folder.parent / "train.en").read_text().splitlines()
    record = json.loads((folder / "run.json").read_text())
    assert record["options"]["model.units"] == 8 and record["options"]["model.dropout"] == 0.3
    assert record["tests"] == {"test": ["test.source.txt", "test.target.txt"]}
    held_out = [(folder / f"{part}.source.txt").read_text().splitlines() for part in ("valid", "test")]
    assert len(set(sum(held_out, []))) == 8 and set(sum(held_out, [])) <= set(corpus_lines)
    assert "test" in json.loads((folder / "scores.json").read_text())


def test_the_same_command_shows_its_choices_and_goes_on(trained, tmp_path, capsys):
    argv, folder = trained
    assert run(own_corpus.main, argv) == 0
    shown = capsys.readouterr().out
    assert "train.en + train.de (training part): 32 pairs to train on" in shown
    assert "validation: 4 pairs, held out" in shown and "test: 4 pairs, held out" in shown
    assert re.search("--model.units 8 +yours; --model.units 256 would be chosen", shown)
    assert "at update 2 of the run in this folder" in shown
    other = write_corpus(tmp_path, train=50)
    argv = [word.replace(str(folder.parent), str(other)) if "train" in word else word for word in argv]
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
