import numpy as np
import pytest

from seq2seq.text import ParallelCorpus
from seq2seq.training.corpora import Corpora, choose_corpora, mixed, open_others
from seq2seq.training.options import FinetuneOptions, TrainingOptions


@pytest.fixture
def files(tmp_path):
    """Options for one pair of files for each role."""
    options = {}
    for role in ("train", "valid", "test"):
        for side in ("source", "target"):
            path = tmp_path / f"{role}.{side}"
            path.write_text(f"{role} {side}\n")
            options[f"{role}_{side}"] = (path,) if role == "test" else path
    return options


def corpus(text):
    return ParallelCorpus.from_lines([text], [text.upper()])


def choose(tmp_path, own=None, **options):
    return choose_corpora(TrainingOptions(run_dir=tmp_path, **options), own, tmp_path / "cache")


def test_files_take_the_place_of_the_recipes_own(tmp_path, files):
    def own(options):
        raise AssertionError("not needed")

    chosen = choose(tmp_path, own, **files)
    assert chosen.train[0] == ("train source", "train target")
    assert chosen.valid[0] == ("valid source", "valid target")
    assert chosen.tests["test"][0] == ("test source", "test target")
    assert set(chosen.fingerprints()) == {"train", "valid", "test"}


def test_a_test_file_alone_replaces_only_the_test(tmp_path, files):
    own = Corpora(corpus("a"), corpus("b"), {"c": corpus("c")})
    assert choose(tmp_path, own) == own
    chosen = choose(tmp_path, lambda options: own, test_source=files["test_source"], test_target=files["test_target"])
    assert chosen.train is own.train and chosen.valid is own.valid and list(chosen.tests) == ["test"]


def test_pairs_to_judge_by_that_are_learnt_from_are_counted():
    train = ParallelCorpus.from_lines(["a", "b", "b"], ["A", "B", "C"])
    valid = ParallelCorpus.from_lines(["b", "b", "a", "c"], ["B", "B", "B", "C"])  # "a" -> "B" is new
    chosen = Corpora(train, valid, {"new": corpus("d"), "old": corpus("a")})
    assert chosen.shared_pairs() == {"valid": 2, "old": 1}


def test_test_files_are_named_by_their_full_paths(tmp_path, files, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tests = {f"test_{side}": (files[f"test_{side}"][0].relative_to(tmp_path),) for side in ("source", "target")}
    chosen = choose(tmp_path, **{**files, **tests})
    assert chosen.test_files() == {"test": [str(tmp_path / "test.source"), str(tmp_path / "test.target")]}
    assert Corpora(corpus("a"), corpus("b"), {"c": corpus("c")}).test_files() == {"c": []}


def test_one_tsv_is_both_sides(tmp_path, files):
    table = tmp_path / "train.tsv"
    table.write_text("a\tA\nb\tB\n")
    valid = {name: files[name] for name in ("valid_source", "valid_target")}
    chosen = choose(tmp_path, train_source=table, **valid)
    assert list(chosen.train.target) == ["A", "B"] and chosen.tests == {}


def test_one_file_may_be_both_sides_when_the_options_say_so(tmp_path, files):
    for role in ("train", "valid", "test"):
        files[f"{role}_target"] = files[f"{role}_source"]
    with pytest.raises(ValueError, match="are the same file.*--same-file"):
        choose(tmp_path, **files)
    chosen = choose(tmp_path, **files, same_file=True)
    assert all(one[0][0] == one[0][1] for one in (chosen.train, chosen.valid, chosen.tests["test"]))


def test_the_options_limit_the_length_of_a_line(tmp_path, files):
    chosen = choose(tmp_path, **files, max_line_bytes=5)
    assert chosen.train[0] == ("train", "train") and chosen.tests["test"][0] == ("test ", "test ")
    with pytest.raises(ValueError, match="--max-line-bytes is 3; it has to be between 4 and"):
        choose(tmp_path, **files, max_line_bytes=3)


@pytest.mark.parametrize(
    "names, message",
    [
        (["train_source", "train_target"], "needs --valid-source"),
        (["train_target"], "needs --train-source"),
        ([], "nothing to train on"),
        (["valid_source", "valid_target"], "nothing to train on"),
        (["train_source", "valid_source", "valid_target"], "--train-source .* needs --train-target, its translations"),
    ],
)
def test_missing_files_are_named(tmp_path, files, names, message):
    with pytest.raises(ValueError, match=message):
        choose(tmp_path, **{name: files[name] for name in names})


def test_several_test_sets_are_called_by_their_files(tmp_path, files):
    (tmp_path / "news.en").write_text("news source\n")
    (tmp_path / "news.de").write_text("news target\n")
    files["test_source"] += (tmp_path / "news.en",)
    files["test_target"] += (tmp_path / "news.de",)
    chosen = choose(tmp_path, **files)
    assert list(chosen.tests) == ["test.source", "news.en"]
    assert chosen.tests["news.en"][0] == ("news source", "news target")


def test_test_sets_without_partners_are_refused(tmp_path, files):
    files["test_source"] *= 2
    with pytest.raises(ValueError, match="names 2 files and --test-target 1"):
        choose(tmp_path, **files)
    files["test_target"] *= 2
    with pytest.raises(ValueError, match="two files of --test-source are called test.source"):
        choose(tmp_path, **files)


def mix(tmp_path, **options):
    """A corpus of one pair with two of others added: two lines, and one."""
    for name, text in {"old.en": "a\nb\n", "old.de": "A\nB\n", "more.tsv": "c\tC\n"}.items():
        (tmp_path / name).write_text(text)
    options = {
        name: tuple(tmp_path / file for file in value) if name != "mix_weight" else value
        for name, value in options.items()
    }
    parent = tmp_path / "parent.keras"
    others = open_others(FinetuneOptions(run_dir=tmp_path, parent=parent, **options), None)
    return mixed(Corpora(corpus("own"), corpus("valid")), others)


def test_corpora_are_mixed_by_weight(tmp_path):
    corpora = mix(tmp_path, mix_source=["old.en"], mix_target=["old.de"], mix_weight=(0.5,))
    assert list(corpora.train.source) == ["own", "a", "b"] and list(corpora.train.target) == ["OWN", "A", "B"]
    assert corpora.pair_weights(np.array([0, 2])).tolist() == [1, 0.5]  # line 1 was dropped
    corpora = mix(tmp_path, mix_source=["more.tsv", "more.tsv"], mix_weight=(0.5, 3.0))
    assert corpora.pair_weights(np.arange(3)).tolist() == [1, 0.5, 3]


def test_nothing_to_mix_leaves_all_pairs_alike(tmp_path):
    corpora = mix(tmp_path)
    assert list(corpora.train.source) == ["own"] and corpora.pair_weights(np.arange(1)) is None


def test_mixing_wants_as_many_of_each(tmp_path):
    with pytest.raises(ValueError, match="--mix-source names 1 files and --mix-target 2"):
        mix(tmp_path, mix_source=["old.en"], mix_target=["old.de", "old.de"])
    with pytest.raises(ValueError, match="--mix-weight has 2 numbers for 1 corpora"):
        mix(tmp_path, mix_source=["more.tsv"], mix_weight=(0.5, 3.0))
    with pytest.raises(ValueError, match="--mix-weight is 0.0; it has to be greater than 0"):
        mix(tmp_path, mix_weight=(0.0,))
