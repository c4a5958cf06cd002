"""Word forms of both languages."""

import pytest

from grammar import words as lexis
from grammar.morphology import (
    english_comparative,
    english_past,
    english_plural,
    english_progressive,
    english_third,
    german_noun,
    german_past,
    german_present,
)

NOUN = {noun.german: noun for noun in lexis.NOUNS}
VERB = {verb.prefix + verb.infinitive: verb for verb in lexis.VERBS}


def test_weak_nouns_and_dative_plurals():
    assert [german_noun(NOUN["Student"], case, False) for case in "nadg"] == ["Student"] + 3 * ["Studenten"]
    assert german_noun(NOUN["Nachbar"], "a", False) == "Nachbarn"
    assert [german_noun(NOUN[noun], "d", True) for noun in ("Kind", "Auto", "Frau", "Apfel")] == [
        "Kindern", "Autos", "Frauen", "Äpfeln",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="Milch is a mass noun"):
        german_noun(NOUN["Milch"], "n", True)


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("lesen", "lese liest liest lesen las lasen"),
        ("arbeiten", "arbeite arbeitest arbeitet arbeiten arbeitete arbeiteten"),
        ("zeichnen", "zeichne zeichnest zeichnet zeichnen zeichnete zeichneten"),
        ("fahren", "fahre fährst fährt fahren fuhr fuhren"),
        ("reisen", "reise reist reist reisen reiste reisten"),
        ("haben", "habe hast hat haben hatte hatten"),
        ("einladen", "lade lädst lädt laden lud luden"),
        ("tanzen", "tanze tanzt tanzt tanzen tanzte tanzten"),
    ],
)
def test_german_verbs(verb, forms):
    present = [german_present(VERB[verb], person) for person in ("1s", "2s", "3s", "3p")]
    past = [german_past(VERB[verb], person) for person in ("3s", "3p")]
    assert present + past == forms.split()


def test_english_inflection():
    assert [english_plural(word) for word in ("story", "boy", "church", "potato", "bus")] == [
        "stories", "boys", "churches", "potatoes", "buses",
    ]  # fmt: skip
    assert [english_third(verb) for verb in ("have", "go", "cry", "wash", "fall asleep")] == [
        "has", "goes", "cries", "washes", "falls asleep",
    ]  # fmt: skip
    assert [english_progressive(verb) for verb in ("sit", "write", "lie", "forget", "get up", "draw")] == [
        "sitting", "writing", "lying", "forgetting", "getting up", "drawing",
    ]  # fmt: skip
    assert [english_past(verb) for verb in ("work", "love", "cry", "travel")] == [
        "worked",
        "loved",
        "cried",
        "travelled",
    ]
    assert [english_comparative(word) for word in ("big", "friendly", "rich", "polite")] == [
        "bigger", "friendlier", "richer", "more polite",
    ]  # fmt: skip
