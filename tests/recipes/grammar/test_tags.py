from grammar.tags import tagged_sentences


def test_words_have_the_right_tags():
    """Read by hand; seed 1."""
    lines = zip(*tagged_sentences(1, train=0, valid=0, test=8)["test"], strict=True)
    tagged = [" ".join(map("/".join, zip(text.split(), tags.split(), strict=True))) for text, tags in lines]
    assert (
        "Der/DET-nom-m Freund/NOUN-nom-m muss/AUX ins/ADP Hotel/NOUN-acc-n kommen/VERB ,/PUNCT wenn/SCONJ er/PRON-nom "
        "neun/DET-acc-p Lehrer/NOUN-acc-p einlädt/VERB ./PUNCT"
    ) in tagged
    assert (
        "Im/ADP Juli/NOUN werden/AUX die/DET-nom-p alten/ADJ-nom-p Frauen/NOUN-nom-p schwimmen/VERB ./PUNCT"
    ) in tagged


def test_nouns_of_the_test_are_not_in_training():
    parts = tagged_sentences(2, train=300, valid=20, test=20)
    nouns = {
        part: [
            {word for word, tag in zip(text.split(), tags.split(), strict=True) if tag.startswith("NOUN")}
            for text, tags in zip(*lines, strict=True)
        ]
        for part, lines in parts.items()
    }
    known = set().union(*nouns["train"])
    assert all(sentence - known for part in ("valid", "test") for sentence in nouns[part])
