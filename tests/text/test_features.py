import numpy as np
import pytest

from seq2seq.text.features import Features, npy_lines


def test_lines_of_numbers_are_vectors():
    features = Features(["tense=past", "length", "plural"])
    vectors = features.read(["1 0.5  0", "0 -1e3 1\t"])
    assert vectors.dtype == np.float32 and vectors.tolist() == [[1, 0.5, 0], [0, -1000, 1]]
    assert features.pieces(vectors[0]) == ["tense=past", "length"]
    assert features.describe("1 0.5 0") == "tense=past length=0.5"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 2", r"in.txt:2 has 2 numbers \('1 2'\); the model reads vectors of 3 numbers"),
        ("1 2 x", "in.txt:2 holds something else than numbers: '1 2 x'"),
        ("1 2 nan", "in.txt:2 holds a number that is not finite"),
        ("1 2 1e99", "in.txt:2 holds a number that is not finite, or too large"),
    ],
)
def test_lines_that_are_no_vectors_are_named(line, message):
    with pytest.raises(ValueError, match=message):
        Features("abc").read(["1 2 3", line], "in.txt")
    with pytest.raises(ValueError, match="A line h"):
        Features("abc").read([line])


def test_names_are_kept_in_a_file():
    features = Features(["a", "ä"])
    assert Features.from_json(features.model) == features != Features(["a", "b"])
    assert features.fingerprint == Features(["a", "ä"]).fingerprint
    for data, message in ((b"{", "no JSON"), (b"{}", "no list"), (b"[]", "got 0 names"), (b"[1]", "each with a name")):
        with pytest.raises(ValueError, match=message):
            Features.from_json(data)


def test_names_stand_for_the_numbers_that_are_not_0():
    features = Features(["tense=past", "length", "plural"])
    vectors = features.read(["tense=past length=2.5", "plural"])
    np.testing.assert_array_equal(vectors, [[1, 2.5, 0], [0, 0, 1]])
    assert features.describe("1 2.5 0") == "tense=past length=2.5"
    with pytest.raises(ValueError, match="in.txt:2 names 'tense=pas', which .* did you mean tense=past?"):
        features.read(["plural", "tense=pas"], "in.txt")
    with pytest.raises(ValueError, match="A line names 'length=x', which"):
        features.read(["length=x"])


def test_an_array_becomes_lines_that_give_the_same_numbers(tmp_path):
    array = np.random.default_rng(1).normal(size=(3, 2))
    np.save(tmp_path / "a.npy", array)
    np.testing.assert_array_equal(Features("ab").read(list(npy_lines(tmp_path / "a.npy"))), array.astype(np.float32))


def test_files_that_hold_no_vectors_are_named(tmp_path):
    (tmp_path / "text.npy").write_text("1 2 3")
    np.save(tmp_path / "row.npy", np.zeros(3))
    np.save(tmp_path / "objects.npy", np.array([[{}]], object), allow_pickle=True)
    np.savez(tmp_path / "several.npz", np.zeros((1, 2)))
    (tmp_path / "several.npz").rename(tmp_path / "several.npy")
    (tmp_path / "empty.npy").touch()
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (%d, 3)}\n" % 10**30
    (tmp_path / "huge.npy").write_bytes(b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header)
    no_arrays = dict.fromkeys(("text", "objects", "several", "empty", "huge"), "is no .npy file")
    for name, message in {**no_arrays, "row": r"shape \(3,\)"}.items():
        with pytest.raises(ValueError, match=message):
            list(npy_lines(tmp_path / f"{name}.npy"))
    np.save(tmp_path / "large.npy", np.array([[1e300]]))
    assert list(npy_lines(tmp_path / "large.npy")) == ["inf"]
