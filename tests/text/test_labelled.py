import gzip

import pytest

from seq2seq.text.corpus import ParallelCorpus
from seq2seq.text.labelled import check_labels, known_labels, open_labelled, open_tagged
from seq2seq.text.labels import Labels

CONLLU = """\
# sent_id = 1
1-2\tzum\t_\t_\t_\t_\t_\t_\t_\t_
1\tzu\tzu\tADP\tAPPR\t_\t0\troot\t_\t_
2\tdem\tder\tDET\tART\tCase=Dat|Gender=Masc\t0\troot\t_\t_
2.1\tleer\t_\tX\t_\t_\t_\t_\t_\t_

1\t10 000\t_\tNUM\tCARD\tCase=Acc\t0\troot\t_\t_
"""


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_lines_and_their_labels(tmp_path):
    text, labels = (
        written(tmp_path / "a.txt", "She reads.\nHe ran.\n"),
        written(tmp_path / "a.lab", "present \n past\n"),
    )
    corpus = open_labelled(text, labels)
    assert list(corpus.target) == ["present", "past"] and list(corpus.source) == ["She reads.", "He ran."]
    both = open_labelled(written(tmp_path / "b.tsv", "She reads.\tpresent\nHe ran.\tpast\n"))
    assert list(both.source) == list(corpus.source) and list(both.target) == list(corpus.target)


@pytest.mark.parametrize(
    "text, labels, message",
    [
        ("a\nb\n", "x\n \n", r"a.lab:2 has no label"),
        ("a\n\n", "x\ny\n", r"a.txt:2 has no text"),
        ("a\nb\nc\n", "x\ny\n", r"a.txt:3 has no partner; .*a.lab ends at line 2. Give files of equal length"),
    ],
)
def test_wrong_lines_are_named(tmp_path, text, labels, message):
    with pytest.raises(ValueError, match=message):
        open_labelled(written(tmp_path / "a.txt", text), written(tmp_path / "a.lab", labels))


@pytest.mark.parametrize(
    "column, tags",
    [("upos", ["ADP DET", "NUM"]), ("xpos", ["APPR ART", "CARD"]), ("feats:Case", ["_ Dat", "Acc"])],
)
def test_conllu(tmp_path, column, tags):
    """Comments, ranges and empty words are no words; a blank inside a word becomes a low line."""
    path = tmp_path / "a.conllu.gz"
    path.write_bytes(gzip.compress(CONLLU.encode()))
    corpus = open_tagged(path, column)
    assert list(corpus.source) == ["zu dem", "10_000"] and list(corpus.target) == tags


def test_two_columns(tmp_path):
    corpus = open_tagged(written(tmp_path / "a.txt", "\nein\tDET\nHund NOUN\n\n\nja\tADV"))
    assert list(corpus.source) == ["ein Hund", "ja"] and list(corpus.target) == ["DET NOUN", "ADV"]


@pytest.mark.parametrize(
    "name, text, message",
    [
        ("a.txt", "ein DET\nHund\n", "a.txt:2 has 1 columns; expected a word and its tag"),
        ("a.conllu", CONLLU + "\n1\tja\n", "a.conllu:9 has 2 columns; expected 10 between tabs"),
        ("a.txt", "\n \n", "a.txt has no words"),
    ],
)
def test_files_that_are_not_tagged_are_refused(tmp_path, name, text, message):
    with pytest.raises(ValueError, match=message):
        open_tagged(written(tmp_path / name, text))


def test_a_column_has_a_known_name(tmp_path):
    with pytest.raises(ValueError, match="--column is 'case'; it has to be upos, xpos, or a feature"):
        open_tagged(tmp_path / "a.conllu", "case")
    with pytest.raises(ValueError, match="No word of .*A.CONLLU has a value of --column feats:Gendre. Give upos"):
        open_tagged(written(tmp_path / "A.CONLLU", CONLLU), "feats:Gendre")


def test_labels_of_other_text_are_known_to_the_training_text(tmp_path, caplog):
    train = ParallelCorpus.from_lines(["a b", "c"], ["X Y", "X"], name="train")
    labels = known_labels([train], per_word=True)
    assert labels.names == ("X", "Y")
    check_labels(train, labels, per_word=True)
    assert not caplog.messages
    check_labels(ParallelCorpus.from_lines(["a", "b"], ["X", "Z"], name="valid"), labels, per_word=True)
    (message,) = caplog.messages
    assert "valid, sentence 2 has the label 'Z', which the training text does not have; 1 of 2 labels" in message
    with pytest.raises(ValueError, match="valid, sentence 1 has 2 words and 1 tags"):
        check_labels(ParallelCorpus.from_lines(["a b"], ["X"], name="valid"), labels, per_word=True)
    files = written(tmp_path / "v.txt", "a\nb\n"), written(tmp_path / "v.lab", "no such\n?\n")
    with pytest.raises(ValueError, match="v.lab:1 has the label 'no such', .* nor any other .* Is it the right file"):
        check_labels(open_labelled(*files), Labels(["X", "Y"]), per_word=False)
    with pytest.raises(ValueError, match="corpus has one label alone"):
        known_labels([ParallelCorpus.from_lines(["a"], ["X"])], per_word=False)
