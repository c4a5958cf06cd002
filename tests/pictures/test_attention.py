import numpy as np
import pytest
from matplotlib.image import imread

from seq2seq.pictures import attention_map
from seq2seq.text.translation import Translation


def translation(sources, targets, text=""):
    alignment = np.random.default_rng(1).dirichlet(np.ones(len(sources)), size=len(targets))
    return Translation(text, -1.0, -2.0, tuple(sources), tuple(targets), alignment.astype("float32"))


def is_whole(picture):
    """Nothing is cut off: a picture has an edge that is white on all sides."""
    edges = (picture[:10], picture[-10:], picture[:, :10], picture[:, -10:])
    return all((edge == 1).all() for edge in edges)


def test_an_attention_map_grows_with_the_sentence(tmp_path):
    small = imread(attention_map(translation("abc", "xy"), tmp_path / "new" / "small.png"))
    large = imread(attention_map(translation("abc" * 20, "xy" * 20), tmp_path / "large.png"))
    assert large.shape[0] > 3 * small.shape[0]
    assert large.shape[1] > 3 * small.shape[1]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["large.png", "new"]


def test_axes_and_colours_are_named_and_a_blank_is_a_dot(tmp_path):
    text = attention_map(translation(["▁a", "▁"], ["▁b", "c"], "bc"), tmp_path / "map.svg").read_text()
    for label in ("source", "translation", "attention weight", "Attention: bc", "·a", "·", "·b", "c"):
        assert f"<!-- {label} -->" in text
    assert "▁" not in text


@pytest.mark.parametrize(
    ("size", "text"), [(1, "word " * 2000), (30, "word " * 2000), (1, "x" * 9000), (1, "長" * 3000), (1, "$x$\n\x00")]
)
def test_long_titles_and_labels_are_not_cut_off(tmp_path, size, text):
    pieces = ["b" * 5000, *"a" * size]
    picture = imread(attention_map(translation(pieces, pieces, text), tmp_path / "map.png"))
    assert is_whole(picture) and max(picture.shape) < 2000


def test_a_very_long_line_still_fits_into_a_picture(tmp_path):
    picture = imread(attention_map(translation("a" * 3000, "b" * 3), tmp_path / "long.png"))
    assert picture.shape[1] < 10_000


def test_labels_are_only_text(tmp_path):
    odd = ["▁$x$", "日本", "🦄", "\x00", "\ud800", "<0x0A>", "\\frac", "</s>"]
    assert is_whole(imread(attention_map(translation(odd, odd), tmp_path / "odd.png")))


def test_the_darkest_cell_is_the_strongest_weight(tmp_path):
    certain = Translation("", 0.0, 0.0, ("a", "b"), ("x", "y"), np.eye(2, dtype="float32"))
    picture = imread(attention_map(certain, tmp_path / "map.png"))[:, :, :3]
    rows, columns = np.nonzero(np.isclose(picture * 255, [8, 48, 107], atol=2).all(-1))  # the darkest blue
    first, second = rows < np.quantile(rows, 0.4), rows > np.quantile(rows, 0.6)
    assert columns[first].mean() < columns[second].mean()  # the first target piece looks at the first source


def test_without_an_alignment_there_is_nothing_to_draw(tmp_path):
    with pytest.raises(ValueError, match="no alignment.*alignments=True"):
        attention_map(Translation("ja", -1.0, -2.0), tmp_path / "map.png")
    empty = Translation("", 0.0, 0.0, ("a",), (), np.zeros((0, 1), "float32"))
    with pytest.raises(ValueError, match="no alignment"):
        attention_map(empty, tmp_path / "map.png")
