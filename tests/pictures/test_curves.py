import pytest
from matplotlib.image import imread

from seq2seq.pictures import learning_curves

HEADER = "update,epoch,learning_rate,gold_probability,replaced,train_loss,valid_loss,valid_bleu,best\n"
ROWS = "300,1.0,0.001,1.0,0.0,4.0,3.9,1.5,1\n600,2.0,0.001,1.0,0.0,3.0,3.2,10.25,1\n900,3.0,0.001,1.0,0,2.5,3.3,9,0\n"


def drawn(folder, rows=ROWS, header=HEADER, training=None):
    """The picture of a run with these tables, as SVG, which names each of its texts in a comment."""
    (folder / "metrics.csv").write_text(header + rows)
    if training is not None:
        (folder / "training.csv").write_text(training)
    return learning_curves(folder, folder / "curves.svg").read_text()


def test_learning_curves_go_into_the_run_folder(tmp_path):
    (tmp_path / "metrics.csv").write_text(HEADER + ROWS)
    assert learning_curves(tmp_path) == tmp_path / "learning_curves.png"
    assert imread(tmp_path / "learning_curves.png").shape[0] > 500
    assert learning_curves(tmp_path / "metrics.csv", tmp_path / "x.svg").read_text().startswith("<?xml")


def test_the_run_is_named_and_the_kept_weights_are_marked_once(tmp_path):
    """Those of the last row with `best`, whichever figure decided; in an earlier version's table nothing says it."""
    run = tmp_path / "$my$ run"
    run.mkdir()
    text = drawn(run)
    assert "<!-- $my$ run -->" in text
    assert text.count("weights kept") == 1 and "<!-- weights kept: update 600, loss 3.200, BLEU 10.25 -->" in text
    older = drawn(run, "300,1.0,0.001,4.0,3.9\n", "update,epoch,learning_rate,train_loss,valid_loss\n")
    assert "weights kept" not in older


def test_the_training_loss_is_drawn_from_training_csv(tmp_path):
    """A loss of 0.1, which only that table has, is on the log scale."""
    training = "update,learning_rate,train_loss\n30,0.001,7.0\n60,0.001,\n90,0.001,0.1\n"
    assert "<!-- 0.1 -->" in drawn(tmp_path, training=training)
    (tmp_path / "training.csv").unlink()
    assert "<!-- 0.1 -->" not in drawn(tmp_path)


@pytest.mark.parametrize(
    ("losses", "bleu", "headings"),
    [
        ((9.0, 2.0), (1.0, 30.0), ["loss in nats per target token (log scale)", "validation BLEU"]),
        ((9.0, 4.0), (0.0, 0.0), ["loss in nats per target token", "validation BLEU"]),
        ((9.0, 9.0), (38.0, 39.5), ["loss in nats per target token", "validation BLEU (axis does not start at 0)"]),
    ],
)
def test_headings_tell_the_scale(tmp_path, losses, bleu, headings):
    row = "{0}00,1,0.001,1,0,{1},{1},{2},1\n".format
    text = drawn(tmp_path, "".join(row(*figures) for figures in zip((1, 2), losses, bleu, strict=True)))
    for heading in headings:
        assert f"<!-- {heading} -->" in text


def test_further_scores_risk_and_sampling_have_panels_where_there_are_any(tmp_path):
    plain = drawn(tmp_path)
    further = ("validation chrF", "risk in training", "gold probability", "share replaced")
    assert not any(f"<!-- {name} -->" in plain for name in further)
    header = HEADER.replace("train_loss", "train_risk,train_loss").replace("\n", ",valid_chrf\n")
    rows = "0,0,0.001,1,,,,3.9,1,1,20\n300,1,0.001,0.5,0.2,0.6,4,3.8,2,1,30\n"
    text = drawn(tmp_path, rows, header)
    assert all(f"<!-- {name} -->" in text for name in further)


def test_tables_without_figures_are_drawn(tmp_path):
    assert "validation BLEU" in drawn(tmp_path, "0,0,0.001,1,,,nan,inf,1\n")


@pytest.mark.parametrize("training", ["", "update,learning_rate,train_loss\n", "update,learning_rate,train_loss\n,,\n"])
def test_damaged_tables_are_drawn_as_far_as_they_go(tmp_path, training):
    rows = "300,1,0.001,1,0,4,1.7e308,-1.7e308,1,77,78\n,,,,,,,,\n"
    assert "validation BLEU" in drawn(tmp_path, rows, training=training)


def test_a_run_without_a_table_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="metrics.csv; a run writes it"):
        learning_curves(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00u", "is not the table of a run: 'utf-8' codec can't decode"),
        (b"update,learning_rate\n5,0.1\n", "has no column train_loss.*; its columns are update, learning_rate"),
        (HEADER.encode(), "has no rows"),
        (f"{HEADER}5,1,0,1,0,1,1,1,1\n10,2,0.1,1,0,0.5,?,2,1\n".encode(), r"csv:3 has '\?' where a number should"),
    ],
)
def test_a_wrong_table_is_named(tmp_path, content, message):
    (tmp_path / "metrics.csv").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        learning_curves(tmp_path)
