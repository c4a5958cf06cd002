"""Which labels are known: those of the training text, and of all text that chance divides."""

import pytest

from seq2seq.tasks import Tagging
from seq2seq.tasks.label_options import TaggingOptions


def test_a_label_that_chance_holds_out_is_known_but_not_one_of_another_file(tmp_path):
    words = "".join(f"word{number} TAG{number}\nword COMMON\n\n" for number in range(20))
    (tmp_path / "train.txt").write_text(words)
    task = Tagging(TaggingOptions(train=tmp_path / "train.txt"), seed=1)
    task.read(tmp_path)
    assert len(task.labels) == 21 > 1 + len(task.corpora.train.source)
    (tmp_path / "other.txt").write_text("word OTHER\n")
    both = TaggingOptions(train=tmp_path / "train.txt", test=tmp_path / "other.txt")
    with pytest.raises(ValueError, match="other.txt, sentence 1 has the label 'OTHER', which the training text does"):
        Tagging(both, seed=1).read(tmp_path)
