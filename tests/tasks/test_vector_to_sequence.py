import numpy as np
import pytest

from seq2seq.tasks.vector_options import VectorFiles
from seq2seq.tasks.vector_to_sequence import corpora_of, exact_match, open_vectors


@pytest.fixture
def files(tmp_path):
    """Function of the numbers of vectors and of texts -> VectorFiles, an array and as lines."""

    def write(num_vectors, num_texts, kind=".npy"):
        vectors, target = tmp_path / f"vectors{kind}", tmp_path / "target.txt"
        array = np.arange(2 * num_vectors).reshape(num_vectors, 2)
        if kind == ".npy":
            np.save(vectors, array)
        else:
            vectors.write_text("".join(f"{one} {other}\n" for one, other in array))
        target.write_text("".join(f"text {number}\n" for number in range(num_texts)))
        return VectorFiles(vectors=vectors, target=target)

    return write


class Options:
    def __init__(self, **groups):
        self.train = self.valid = self.test = VectorFiles()
        self.__dict__ |= groups


@pytest.mark.parametrize("kind", [".npy", ".txt"])
def test_arrays_and_lines_are_read_alike(files, kind):
    corpus = open_vectors("train", files(2, 2, kind))
    assert list(corpus.source) == ["0 1", "2 3"] and list(corpus.target) == ["text 0", "text 1"]


def test_files_that_do_not_fit_are_named(files):
    with pytest.raises(ValueError, match=r"vectors.npy has 3 vectors, but .*target.txt has 2 lines"):
        open_vectors("train", files(3, 2))
    with pytest.raises(ValueError, match="--test.target is missing: vectors and their texts come as two files"):
        open_vectors("test", VectorFiles(vectors=files(3, 2).vectors))


def test_own_vectors_take_the_place_of_the_recipes(files):
    both = files(2, 2)
    corpora, is_own = corpora_of(Options(train=both, valid=both), None)
    assert len(corpora.train) == len(corpora.valid) == 2 and not corpora.tests and not is_own
    assert corpora_of(Options(), lambda: "own") == ("own", True)
    with pytest.raises(ValueError, match="--train.vectors needs --valid.vectors"):
        corpora_of(Options(train=both), None)
    with pytest.raises(ValueError, match="need --train.vectors"):
        corpora_of(Options(valid=both), lambda: "own")
    with pytest.raises(ValueError, match="there is nothing to train on"):
        corpora_of(Options(), None)


def test_exact_match_is_a_share_of_whole_lines():
    assert exact_match(["a b", "a c", ""], ["a b", "a b", ""]) == pytest.approx(2 / 3)
