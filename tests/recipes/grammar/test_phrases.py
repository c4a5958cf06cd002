"""Noun phrases and prepositional phrases: what agrees with what."""

import pytest

from grammar import words as lexis
from grammar.phrases import Preposition, noun_phrase, prepositional_phrase

NOUN = {noun.german: noun for noun in lexis.NOUNS}
ADJECTIVE = {adjective.german: adjective for adjective in lexis.ADJECTIVES}


def text(words):
    return " ".join(word.text for word in words)


@pytest.mark.parametrize(
    ("determiner", "noun", "plural", "forms"),
    [
        ("the", "Hund", False, "der alte Hund|den alten Hund|dem alten Hund|des alten Hundes"),
        ("the", "Katze", False, "die alte Katze|die alte Katze|der alten Katze|der alten Katze"),
        ("the", "Pferd", False, "das alte Pferd|das alte Pferd|dem alten Pferd|des alten Pferdes"),
        ("the", "Hund", True, "die alten Hunde|die alten Hunde|den alten Hunden|der alten Hunde"),
        ("a", "Hund", False, "ein alter Hund|einen alten Hund|einem alten Hund|eines alten Hundes"),
        ("a", "Katze", False, "eine alte Katze|eine alte Katze|einer alten Katze|einer alten Katze"),
        ("a", "Pferd", False, "ein altes Pferd|ein altes Pferd|einem alten Pferd|eines alten Pferdes"),
        ("no", "Hund", True, "keine alten Hunde|keine alten Hunde|keinen alten Hunden|keiner alten Hunde"),
        ("we", "Pferd", False, "unser altes Pferd|unser altes Pferd|unserem alten Pferd|unseres alten Pferdes"),
        ("this", "Hund", False, "dieser alte Hund|diesen alten Hund|diesem alten Hund|dieses alten Hundes"),
        ("two", "Katze", True, "zwei alte Katzen|zwei alte Katzen|zwei alten Katzen|zwei alter Katzen"),
        ("many", "Pferd", True, "viele alte Pferde|viele alte Pferde|vielen alten Pferden|vieler alter Pferde"),
        ("all", "Pferd", True, "alle alten Pferde|alle alten Pferde|allen alten Pferden|aller alten Pferde"),
        ("bare", "Bier", False, "altes Bier|altes Bier|altem Bier|alten Bieres"),
        ("bare", "Milch", False, "alte Milch|alte Milch|alter Milch|alter Milch"),
    ],
)
def test_determiners_and_adjectives_agree_in_all_cases(determiner, noun, plural, forms):
    phrase = noun_phrase(NOUN[noun], plural, determiner, ADJECTIVE["alt"], 0)
    assert [text(phrase.german(case)) for case in "nadg"] == forms.split("|")


def test_adjectives_that_change_before_an_ending():
    phrase = noun_phrase(NOUN["Auto"], False, "a", ADJECTIVE["teuer"], 0)
    assert text(phrase.german("n")) == "ein teures Auto" and text(phrase.english) == "an expensive car"


@pytest.mark.parametrize(
    ("german", "noun", "case", "phrase"),
    [
        ("in", "Garten", "d", "im Garten"), ("in", "Kino", "a", "ins Kino"), ("an", "See", "d", "am See"),
        ("zu", "Bahnhof", "d", "zum Bahnhof"), ("zu", "Universität", "d", "zur Universität"),
        ("von", "Park", "d", "vom Park"), ("bei", "Arzt", "d", "beim Arzt"), ("in", "Küche", "a", "in die Küche"),
        ("während", "Film", "g", "während des Films"),
    ],
)  # fmt: skip
def test_prepositions_contract_with_the_article(german, noun, case, phrase):
    article_and_noun = noun_phrase(NOUN[noun], False, "the", None, 0)
    assert text(prepositional_phrase(Preposition("in", german, case), article_and_noun, 9)[1]) == phrase
    this = noun_phrase(NOUN[noun], False, "this", None, 0)
    assert text(prepositional_phrase(Preposition("in", german, case), this, 9)[1]).startswith(f"{german} dies")


def test_the_indefinite_article_goes_by_sound():
    phrase = noun_phrase(NOUN["Universität"], False, "a", None, 0)
    assert text(phrase.english) == "a university"
    assert text(noun_phrase(NOUN["Apfel"], False, "a", None, 0).english) == "an apple"
