"""The figures of the embedded corpus."""

from grammar.measure import figures, reordered


def test_the_language_is_rich_and_not_word_for_word():
    measured = figures(5_000, seed=1)
    assert measured.english_lemmas >= 300 and measured.german_lemmas >= 300
    assert 8.3 <= measured.english_length <= 10
    assert measured.reordered >= 30
    assert measured.word_for_word_bleu < 40
    assert "BLEU" in str(measured)


def test_crossing_links_are_what_is_called_reordered():
    assert not reordered([(0, 0), (1, 1), (1, 2)])
    assert reordered([(0, 1), (1, 0)])
