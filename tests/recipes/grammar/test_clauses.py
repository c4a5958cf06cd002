"""Word order and verb forms of both languages, told by one sentence: she calls the teacher."""

import pytest

from grammar import words as lexis
from grammar.clauses import (
    ACCUSATIVE,
    OBJECT,
    Clause,
    Phrase,
    english_clause,
    german_infinitive,
    german_last,
    german_second,
)
from grammar.measure import alignment
from grammar.phrases import Word, noun_phrase, pronoun_phrase

NOUN = {noun.german: noun for noun in lexis.NOUNS}
VERB = {verb.prefix + verb.infinitive: verb for verb in lexis.VERBS}


def text(words):
    return " ".join(word.text for word in words)


def calling(tense, negated=False):
    """She calls the teacher."""
    she = pronoun_phrase(lexis.PRONOUNS["she"], 1)
    teacher = noun_phrase(NOUN["Lehrer"], False, "the", None, 2)
    phrases = [Phrase(teacher.english, teacher.german("a"), ACCUSATIVE, OBJECT)]
    return Clause(she, VERB["anrufen"], tense, 10, phrases, negated)


@pytest.mark.parametrize(
    ("tense", "negated", "english", "main", "subordinate"),
    [
        ("present", False, "she calls the teacher", "sie ruft den Lehrer an", "sie den Lehrer anruft"),
        ("progressive", False, "she is calling the teacher", "sie ruft den Lehrer an", "sie den Lehrer anruft"),
        ("past", True, "she did not call the teacher", "sie rief den Lehrer nicht an",
         "sie den Lehrer nicht anrief"),
        ("perfect", False, "she has called the teacher", "sie hat den Lehrer angerufen",
         "sie den Lehrer angerufen hat"),
        ("pluperfect", False, "she had called the teacher", "sie hatte den Lehrer angerufen",
         "sie den Lehrer angerufen hatte"),
        ("future", True, "she will not call the teacher", "sie wird den Lehrer nicht anrufen",
         "sie den Lehrer nicht anrufen wird"),
        ("can", True, "she cannot call the teacher", "sie kann den Lehrer nicht anrufen",
         "sie den Lehrer nicht anrufen kann"),
        ("must", True, "she does not have to call the teacher", "sie muss den Lehrer nicht anrufen",
         "sie den Lehrer nicht anrufen muss"),
        ("wanted to", False, "she wanted to call the teacher", "sie wollte den Lehrer anrufen",
         "sie den Lehrer anrufen wollte"),
    ],
)  # fmt: skip
def test_a_separable_verb_in_main_and_subordinate_clauses(tense, negated, english, main, subordinate):
    clause = calling(tense, negated)
    assert text(english_clause(clause)) == english
    assert text(german_second(clause)) == main
    assert text(german_last(clause)) == subordinate


def test_questions_and_infinitives():
    assert text(english_clause(calling("past"), question=True)) == "did she call the teacher"
    assert text(german_second(calling("past"), front=[])) == "rief sie den Lehrer an"
    assert text(english_clause(calling("can", True), question=True)) == "can she not call the teacher"
    assert text(german_infinitive(calling("present"), (9,))) == "den Lehrer anzurufen"


def test_verb_second_with_a_fronted_phrase():
    clause = calling("present")
    front = [Word("heute", (20,))]
    assert text(german_second(clause, front=front)) == "heute ruft sie den Lehrer an"


def test_a_separable_verb_is_aligned_with_both_its_parts():
    clause = calling("present")
    english, german = english_clause(clause), german_second(clause)
    assert text(german) == "sie ruft den Lehrer an"
    assert alignment(english, german) == [(0, 0), (1, 1), (1, 4), (2, 2), (3, 3)]
