import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.image import imread

from seq2seq.pictures import attention_map, learning_curves
from seq2seq.text.translation import Translation

HEADER = "update,epoch,learning_rate,gold_probability,train_loss,valid_loss,valid_bleu\n"


def translation(sources, targets):
    alignment = np.random.default_rng(1).dirichlet(np.ones(len(sources)), size=len(targets))
    return Translation("", -1.0, -2.0, tuple(sources), tuple(targets), alignment.astype("float32"))


def test_an_attention_map_grows_with_the_sentence(tmp_path):
    small = imread(attention_map(translation("abc", "xy"), tmp_path / "new" / "small.png"))
    large = imread(attention_map(translation("abc" * 20, "xy" * 20), tmp_path / "large.png"))
    assert large.shape[0] > 3 * small.shape[0]
    assert large.shape[1] > 3 * small.shape[1]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["large.png", "new"]


def test_a_very_long_line_still_fits_into_a_picture(tmp_path):
    picture = imread(attention_map(translation("a" * 3000, "b" * 3), tmp_path / "long.png"))
    assert picture.shape[1] < 10_000


def test_labels_are_only_text(tmp_path):
    odd = ["▁$x$", "日本", "🦄", "\x00", "<0x0A>", "\\frac", "</s>"]
    assert attention_map(translation(odd, odd), tmp_path / "odd.png").stat().st_size


def test_the_darkest_cell_is_the_strongest_weight(tmp_path):
    certain = Translation("", 0.0, 0.0, ("a", "b"), ("x", "y"), np.eye(2, dtype="float32"))
    picture = imread(attention_map(certain, tmp_path / "map.png"))[:, :, :3]
    rows, columns = np.nonzero(np.isclose(picture * 255, [8, 48, 107], atol=2).all(-1))  # the darkest blue
    above = rows < rows.mean()
    assert columns[above].mean() < columns[~above].mean()  # the first target piece looks at the first source


def test_without_an_alignment_there_is_nothing_to_draw(tmp_path):
    with pytest.raises(ValueError, match="no alignment.*alignments=True"):
        attention_map(Translation("ja", -1.0, -2.0), tmp_path / "map.png")


def test_learning_curves_go_into_the_run_folder(tmp_path):
    rows = "100,1.0,0.001,1.0,4.0,3.9,1.5\n200,2.0,0.001,0.9,3.0,3.2,10.25\n300,3.0,0.0005,0.75,2.5,,\n"
    (tmp_path / "metrics.csv").write_text(HEADER + rows)
    assert learning_curves(tmp_path) == tmp_path / "learning_curves.png"
    assert imread(tmp_path / "learning_curves.png").shape[0] > 500
    assert learning_curves(tmp_path / "metrics.csv", tmp_path / "x.svg").read_text().startswith("<?xml")
    assert "<!-- gold probability (dashed) -->" in (tmp_path / "x.svg").read_text()


def test_of_equal_bleu_the_lowest_loss_is_marked_and_chrf_is_drawn_beside_it(tmp_path, monkeypatch):
    marked = []
    monkeypatch.setattr(Axes, "annotate", lambda self, text, place, **how: marked.append((text, *map(float, place))))
    rows = "100,1.0,0.001,1.0,4.0,3.9,0.0,1.5\n200,2.0,0.001,1.0,3.0,3.2,0.0,4.0\n300,3.0,0.001,1.0,2.5,3.5,0.0,3.0\n"
    (tmp_path / "metrics.csv").write_text(HEADER.replace("\n", ",valid_chrf\n") + rows)
    text = learning_curves(tmp_path, tmp_path / "curves.svg").read_text()
    assert marked == [("3.200", 200.0, 3.2), ("0.00", 200.0, 0.0)]
    assert "<!-- BLEU -->" in text and "<!-- chrF -->" in text


def test_risk_is_drawn_where_there_is_one(tmp_path):
    header = HEADER.replace("train_loss", "train_risk,train_loss")
    (tmp_path / "metrics.csv").write_text(
        header + "100,1.0,0.001,1.0,,4.0,3.9,0.0\n200,1.0,0.001,1.0,0.6,4.0,3.9,1.0\n"
    )
    text = learning_curves(tmp_path, tmp_path / "curves.svg").read_text()
    assert "<!-- risk in training (dashed) -->" in text and "gold probability" not in text


def test_one_row_is_drawn(tmp_path):
    (tmp_path / "metrics.csv").write_text(HEADER + "100,1.0,0.001,1.0,4.0,3.9,0.0\n")
    assert learning_curves(tmp_path).is_file()


def test_a_run_without_a_table_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="metrics.csv; a run writes it"):
        learning_curves(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00u", "is not the table of a run: 'utf-8' codec can't decode"),
        (b"update,learning_rate\n5,0.1\n", "has no column train_loss.*; its columns are update, learning_rate"),
        (HEADER.encode(), "has no rows"),
        (f"{HEADER}5,1,0.1,1,0.5,0.5,1\n10,2,0.1,1,0.5,?,2\n".encode(), r"csv:3 has '\?' where a number should stand"),
    ],
)
def test_a_wrong_table_is_named(tmp_path, content, message):
    (tmp_path / "metrics.csv").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        learning_curves(tmp_path)
