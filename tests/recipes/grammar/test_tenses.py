from grammar.tenses import TENSES, labelled_sentences


def test_each_sentence_has_its_tense_and_occurs_once():
    parts = labelled_sentences(1, train=300, valid=30, test=30)
    lines = [line for sentences, _ in parts.values() for line in sentences]
    assert len(set(lines)) == 360 and set(parts["train"][1]) == set(TENSES)
    for sentences, tenses in parts.values():
        for line, tense in zip(sentences, tenses, strict=True):
            words = line.replace("?", "").replace(".", "").lower().split()
            assert ("will" in words) == (tense == "future")
            if tense == "progressive":
                assert {"am", "is", "are"} & set(words) and any(word.endswith("ing") for word in words)
            if tense == "perfect":
                assert {"has", "have"} & set(words)


def test_the_same_seed_gives_the_same_sentences():
    assert labelled_sentences(3, train=20, valid=2, test=2) == labelled_sentences(3, train=20, valid=2, test=2)
