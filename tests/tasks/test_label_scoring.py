from seq2seq.tasks.label_scoring import majority_labels
from seq2seq.text.corpus import ParallelCorpus


def test_the_baseline_knows_counts_alone():
    lines = ParallelCorpus.from_lines(["a", "b", "c"], ["past", "future", "past"])
    assert majority_labels(lines, ["x", "b"], per_word=False) == ["past", "past"]
    words = ParallelCorpus.from_lines(["die Frau die", "die Frau Frau"], ["D N D", "P N N"])
    assert majority_labels(words, ["die neue Frau"], per_word=True) == ["D N N"]  # of all words most are N
