from grammar.meanings import Described, described, names_of, vector_lines


def test_meanings_and_sentences_are_distinct_and_repeat():
    sentences = described(200, seed=3)
    assert sentences == described(250, seed=3)[:200] != described(200, seed=4)
    for part in (lambda one: one.english, lambda one: one.german, lambda one: tuple(one.meaning.items())):
        assert len({part(one) for one in sentences}) == 200


def test_a_meaning_names_what_the_sentence_says():
    for one in described(200, seed=3):
        assert one.english.endswith("?") == (one.meaning["kind"] == "question")
        assert one.meaning["subject.head"].lower() in one.english.lower()
        assert set(one.meaning) >= {"kind", "tense", "negation", "verb", "subject.head"}


def test_a_vector_has_a_one_for_each_feature():
    sentences = [Described({"tense": "past", "verb": "read"}, "", ""), Described({"verb": "eat"}, "", "")]
    names = names_of(sentences)
    assert names == ["tense=past", "verb=eat", "verb=read"]
    assert vector_lines(sentences, names) == ["1 0 1", "0 1 0"]
