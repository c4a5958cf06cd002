import dataclasses
from pathlib import Path

import numpy as np
import pytest

from seq2seq.tasks.corpora import Corpora, choose_corpora, hold_out, mixed, open_corpora
from seq2seq.tasks.options import DataOptions, ParallelFiles, TestFiles, TranslationOptions
from seq2seq.text import ParallelCorpus


@pytest.fixture
def files(tmp_path):
    """Options for one pair of files for each role."""
    options = {}
    for role in ("train", "valid", "test"):
        paths = {side: tmp_path / f"{role}.{side}" for side in ("source", "target")}
        for side, path in paths.items():
            path.write_text(f"{role} {side}\n")
        options[role] = ParallelFiles(**paths)
    return {**options, "test": TestFiles(source=(paths["source"],), target=(paths["target"],))}


def corpus(text):
    return ParallelCorpus.from_lines([text], [text.upper()])


def choose(tmp_path, own=None, **options):
    return choose_corpora(TranslationOptions(**options), own, tmp_path / "cache")


def test_files_take_the_place_of_the_recipes_own(tmp_path, files):
    def own():
        raise AssertionError("not needed")

    chosen = choose(tmp_path, own, **files)
    assert chosen.train[0] == ("train source", "train target")
    assert chosen.valid[0] == ("valid source", "valid target")
    assert chosen.tests["test"][0] == ("test source", "test target")
    assert set(chosen.fingerprints()) == {"train", "valid", "test"}


def test_a_test_file_alone_replaces_only_the_test(tmp_path, files):
    own = Corpora(corpus("a"), corpus("b"), {"c": corpus("c")})
    assert choose(tmp_path, own) == own
    chosen = choose(tmp_path, lambda: own, test=files["test"])
    assert chosen.train is own.train and chosen.valid is own.valid and list(chosen.tests) == ["test"]


def test_pairs_to_judge_by_that_are_learnt_from_are_counted():
    train = ParallelCorpus.from_lines(["a", "b", "b"], ["A", "B", "C"])
    valid = ParallelCorpus.from_lines(["b", "b", "a", "c"], ["B", "B", "B", "C"])  # "a" -> "B" is new
    chosen = Corpora(train, valid, {"new": corpus("d"), "old": corpus("a")})
    assert chosen.shared_pairs() == {"valid": 2, "old": 1}


def test_test_files_are_named_by_their_full_paths(tmp_path, files, monkeypatch):
    monkeypatch.chdir(tmp_path)
    relative = TestFiles(source=(Path("test.source"),), target=(Path("test.target"),))
    chosen = choose(tmp_path, **{**files, "test": relative})
    (tmp_path / "run").mkdir()
    assert chosen.store(tmp_path / "run") == {"test": [str(tmp_path / "test.source"), str(tmp_path / "test.target")]}
    assert not list((tmp_path / "run").iterdir())


def test_text_without_files_is_stored_in_the_run_folder(tmp_path):
    assert Corpora(corpus("a"), corpus("b"), {"c": corpus("c")}).store(tmp_path) == {
        "c": ["c.source.txt", "c.target.txt"]
    }
    stored = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert stored == {
        **{"valid.source.txt": "b\n", "valid.target.txt": "B\n"},
        **{"c.source.txt": "c\n", "c.target.txt": "C\n"},
    }


def test_one_tsv_is_both_sides(tmp_path, files):
    table = tmp_path / "train.tsv"
    table.write_text("a\tA\nb\tB\n")
    chosen = choose(tmp_path, train=ParallelFiles(source=table), valid=files["valid"])
    assert list(chosen.train.target) == ["A", "B"] and chosen.tests == {}


def test_one_file_may_be_both_sides_when_the_options_say_so(tmp_path, files):
    both = {role: dataclasses.replace(one, target=one.source) for role, one in files.items()}
    with pytest.raises(ValueError, match="are the same file.*--same-file"):
        choose(tmp_path, **both)
    chosen = choose(tmp_path, **both, data=DataOptions(same_file=True))
    assert all(one[0][0] == one[0][1] for one in (chosen.train, chosen.valid, chosen.tests["test"]))


def test_the_options_limit_the_length_of_a_line(tmp_path, files):
    chosen = choose(tmp_path, **files, data=DataOptions(max_line_bytes=5))
    assert chosen.train[0] == ("train", "train") and chosen.tests["test"][0] == ("test ", "test ")


@pytest.mark.parametrize(
    "given, message",
    [
        (["train"], "needs --valid.source"),
        ([], "nothing to train on"),
        (["valid"], "nothing to train on"),
    ],
)
def test_missing_corpora_are_named(tmp_path, files, given, message):
    with pytest.raises(ValueError, match=message):
        choose(tmp_path, **{name: files[name] for name in given})


def test_missing_sides_are_named(tmp_path, files):
    source, target = files["train"].source, files["train"].target
    with pytest.raises(ValueError, match="--train.target .* needs --train.source"):
        choose(tmp_path, **{**files, "train": ParallelFiles(target=target)})
    with pytest.raises(ValueError, match="--train.source .* needs --train.target, its translations"):
        choose(tmp_path, **{**files, "train": ParallelFiles(source=source)})


def test_several_test_sets_are_called_by_their_files(tmp_path, files):
    (tmp_path / "news.en").write_text("news source\n")
    (tmp_path / "news.de").write_text("news target\n")
    source, target = files["test"].source, files["test"].target
    files["test"] = TestFiles(source=(*source, tmp_path / "news.en"), target=(*target, tmp_path / "news.de"))
    chosen = choose(tmp_path, **files)
    assert list(chosen.tests) == ["test.source", "news.en"]
    assert chosen.tests["news.en"][0] == ("news source", "news target")


def test_test_sets_without_partners_are_refused(tmp_path, files):
    source, target = files["test"].source * 2, files["test"].target
    with pytest.raises(ValueError, match="names 2 files and --test.target 1"):
        choose(tmp_path, **{**files, "test": TestFiles(source=source, target=target)})
    with pytest.raises(ValueError, match="two files of --test.source are called test.source"):
        choose(tmp_path, **{**files, "test": TestFiles(source=source, target=target * 2)})


def test_corpora_are_mixed_by_weight(tmp_path):
    for name, text in {"old.en": "a\nb\n", "old.de": "A\nB\n", "more.tsv": "c\tC\n"}.items():
        (tmp_path / name).write_text(text)
    old, more = ([tmp_path / name] for name in ("old.en", "more.tsv"))
    own = Corpora(corpus("own"), corpus("valid"))

    (other,) = open_corpora("mix", old, [tmp_path / "old.de"], DataOptions(), None)
    corpora = mixed(own, [(other, 0.5)])
    assert list(corpora.train.source) == ["own", "a", "b"] and list(corpora.train.target) == ["OWN", "A", "B"]
    assert corpora.pair_weights(np.array([0, 2])).tolist() == [1, 0.5]  # line 1 was dropped

    others = open_corpora("mix", more * 2, [], DataOptions(), None)
    corpora = mixed(own, list(zip(others, (0.5, 3.0), strict=True)))
    assert corpora.pair_weights(np.arange(3)).tolist() == [1, 0.5, 3]


def test_nothing_to_mix_leaves_all_pairs_alike():
    own = Corpora(corpus("own"), corpus("valid"))
    assert mixed(own, []) is own and own.pair_weights(np.arange(1)) is None


def numbers(count):
    return ParallelCorpus.from_lines([f"s{i}" for i in range(count)], [f"t{i}" for i in range(count)], name="numbers")


def test_held_out_pairs_follow_from_the_seed():
    kept, valid, test = hold_out(numbers(60), seed=1, parts=("valid", "test")).values()
    assert (len(kept), len(valid), len(test)) == (48, 6, 6)
    assert sorted([*kept, *valid, *test]) == sorted(numbers(60))  # so no pair is in two of them
    again, other = (hold_out(numbers(60), seed=seed, parts=("valid", "test"))["test"] for seed in (1, 2))
    assert again.fingerprint == test.fingerprint != other.fingerprint
    assert [len(corpus) for corpus in hold_out(numbers(12_000), seed=1).values()] == [11_000, 1_000]


def test_copies_of_a_pair_stay_together_and_count():
    lines = [f"{i}" for i in range(20)] * 4
    kept, held_out = hold_out(ParallelCorpus.from_lines(lines, [f"t{line}" for line in lines]), seed=3).values()
    assert set(kept).isdisjoint(held_out) and len(kept) + len(held_out) == 80
    assert len(held_out) == 4 * len(set(held_out)) == 8


@pytest.mark.parametrize("corpus", [numbers(9), ParallelCorpus.from_lines(["a"] * 20, ["A"] * 20, name="numbers")])
def test_too_small_a_corpus_to_hold_out_from(corpus):
    with pytest.raises(ValueError, match="numbers has [91] different pairs, too few to hold some out.*--test.source"):
        hold_out(corpus, seed=1, parts=("test",))


def test_a_test_set_cannot_take_the_name_of_another_part(tmp_path, files):
    (tmp_path / "valid").write_text("a\n")
    files["test"] = TestFiles(source=(tmp_path / "valid", *files["test"].source), target=files["test"].target * 2)
    with pytest.raises(ValueError, match="called valid, as another part of the data"):
        choose(tmp_path, **files)
