import math

import numpy as np
import pytest

from seq2seq.text.label_scores import label_scores


def test_scores_by_hand():
    """Of label 0: 2 right of 3 chosen, 1 missed. Of label 1: 1 right, 1 wrong, 1 missed. Label 2 never occurs."""
    scores = label_scores([0, 0, 0, 1, 1], [0, 0, 1, 1, 0], 3)
    assert scores.confusion.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert scores.accuracy == 3 / 5
    np.testing.assert_allclose(scores.f1[:2], [2 * 2 / (4 + 1 + 1), 2 * 1 / (2 + 1 + 1)])
    assert math.isnan(scores.f1[2]) and scores.macro_f1 == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_labels_without_partner_are_refused():
    for chosen, right in (([0], [0, 1]), ([], [])):
        with pytest.raises(ValueError, match=f"Got {len(chosen)} chosen and {len(right)} right labels"):
            label_scores(chosen, right, 2)
