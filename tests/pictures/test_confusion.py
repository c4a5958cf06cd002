import numpy as np
import pytest

from seq2seq.pictures import confusion_matrix


def test_rows_are_percentages_and_labels_that_never_occur_are_left_out(tmp_path):
    counts = np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]])
    path = confusion_matrix(counts, ["past", "pres$ent$", "never"], tmp_path / "matrix.svg", title="test")
    text = path.read_text()
    for shown in ("past (4)", "pres$ent$ (4)", "75", "25", "100", "chosen", "test. Percent of each row"):
        assert f"<!-- {shown} -->" in text
    assert "never" not in text and "<!-- 0 -->" not in text


def test_of_many_labels_the_most_frequent_are_drawn(tmp_path):
    counts = np.diag(np.arange(1, 101))
    text = confusion_matrix(counts, [f"label {i}" for i in range(100)], tmp_path / "matrix.svg").read_text()
    assert "<!-- label 99 -->" in text and "<!-- label 60 -->" in text and "<!-- label 59 -->" not in text


def test_counts_have_a_label_each(tmp_path):
    with pytest.raises(ValueError, match=r"Got counts of shape \(2, 2\) for 3 labels"):
        confusion_matrix(np.eye(2), "abc", tmp_path / "matrix.png")
