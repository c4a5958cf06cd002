from seq2seq.text import ParallelCorpus
from seq2seq.text.statistics import SideStatistics, corpus_statistics


def test_words_are_what_spaces_separate():
    lines = ["a man, a dog"] * 98 + ["x " * 9, "y " * 50]
    found = corpus_statistics(ParallelCorpus.from_lines(lines, ["ein Mann"] * 100))
    assert found.pairs == 100
    assert found.source == SideStatistics(words=98 * 4 + 59, distinct_words=5, long_line=9)
    assert found.target == SideStatistics(words=200, distinct_words=2, long_line=2)


def test_letters_without_spaces_between_words_are_words():
    found = corpus_statistics(ParallelCorpus.from_lines(["two cats"], ["两只 cat猫。"]))
    assert found.target == SideStatistics(words=5, distinct_words=5, long_line=5)


def test_shared_letters_are_those_of_the_same_script():
    def shared(source, target):
        return corpus_statistics(ParallelCorpus.from_lines([source], [target])).shared_letters

    assert shared("A cat.", "Acta!") == 1.0
    assert shared("abc", "abxy") == 0.5
    assert shared("a cat", "ένα 3") == shared("a cat", "3 + 3") == 0.0
