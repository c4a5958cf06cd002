import numpy as np

from seq2seq.text import translation
from seq2seq.text.translation import Translation, join_translations


def part(text, rows, columns):
    return [Translation(text, -1.0, -2.0, ("s",) * columns, ("t",) * rows, np.ones((rows, columns), np.float32))]


def test_parts_stand_one_after_the_other():
    (joined,) = join_translations(["", " "], [part("a", 1, 2), part("b", 2, 1)])
    assert (joined.text, joined.score, joined.log_prob) == ("a b", -1.0, -4.0)
    assert joined.alignment.tolist() == [[1, 1, 0], [0, 0, 1], [0, 0, 1]]


def test_an_alignment_that_would_fill_the_memory_is_left_out(monkeypatch):
    monkeypatch.setattr(translation, "_LARGEST_ALIGNMENT", 8)
    (joined,) = join_translations(["", " "], [part("a", 1, 2), part("b", 2, 1)])
    assert joined.alignment is None and len(joined.source_pieces) == len(joined.target_pieces) == 3
