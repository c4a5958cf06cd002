"""Noun phrases and prepositional phrases in both languages.

A phrase has its English words, and a function that gives its German words in a case. Each word has *links*: two words
of the two languages are aligned if they share one. `im` has the links of `in` and of `the`.
"""

from collections.abc import Callable
from typing import NamedTuple

from grammar import lexicon
from grammar.morphology import (
    BARE,
    CONTRACTIONS,
    DEFINITE,
    EIN,
    MIXED,
    STRONG,
    WEAK,
    Adjective,
    Noun,
    article,
    german_adjective,
    german_noun,
)


class Word(NamedTuple):
    """A word of either language and the links by which it is aligned.

    A German word also has its part of speech, with case and gender where it has them: "DET-dat-f", "PRON-acc", "VERB".
    Where it is empty, `grammar.tags` tells it from the word alone.
    """

    text: str
    links: tuple[int, ...]
    tag: str = ""


Words = list[Word]


def tagged(kind: str, case: str, gender: str = "") -> str:
    """The tag of a German word: tagged("NOUN", "d", "f") is "NOUN-dat-f"; the gender of plurals is p."""
    return "-".join(filter(None, (kind, {"n": "nom", "a": "acc", "d": "dat", "g": "gen"}[case], gender)))


class Determiner(NamedTuple):
    """English singular and plural, German stem, its table of endings, and the endings it leaves to adjectives."""

    english: str
    english_plural: str
    german: str
    endings: dict | None
    adjective_endings: dict


DETERMINERS = {
    "the": Determiner("the", "the", "", DEFINITE, WEAK),
    "a": Determiner("a", "", "ein", EIN, MIXED),
    "no": Determiner("a", "any", "kein", EIN, MIXED),
    "there is no": Determiner("no", "no", "kein", EIN, MIXED),
    "this": Determiner("this", "these", "dies", STRONG, WEAK),
    "every": Determiner("every", "", "jed", STRONG, WEAK),
    "which": Determiner("which", "which", "welch", STRONG, WEAK),
    "all": Determiner("", "all", "all", STRONG, WEAK),
    "many": Determiner("", "many", "viel", STRONG, BARE),
    "some": Determiner("", "some", "einig", STRONG, BARE),
    "how many": Determiner("", "how many", "wie viel", STRONG, BARE),
    "bare": Determiner("", "", "", None, BARE),
}
for _english, _german in zip(lexicon.NUMBERS[::2], lexicon.NUMBERS[1::2], strict=True):
    DETERMINERS[_english] = Determiner("", _english, _german, None, BARE)
for _subject, (_english, _german) in lexicon.POSSESSIVES.items():
    DETERMINERS[_subject] = Determiner(_english, _english, _german, EIN, MIXED)


class Pronoun(NamedTuple):
    """A personal pronoun, or `who` and `what` in questions: two English forms, three German ones."""

    english: str
    english_object: str
    german: dict[str, str]
    person: str


class NounPhrase(NamedTuple):
    """A noun phrase of both languages.

    `person` is one of 1s 2s 3s 1p 3p; `gender` one of m f n p and `None` where no relative clause is to follow;
    `kind` its determiner, pronoun, name or owned;
    `pronoun` the English subject pronoun that can stand for it later on (`None`: none does so well).
    """

    english: Words
    english_object: Words
    german: Callable[[str], Words]
    person: str
    gender: str | None
    pronoun: str | None
    kind: str
    animal: bool = False


def pronoun_phrase(pronoun: Pronoun, link: int) -> NounPhrase:
    """A pronoun as a noun phrase."""
    links = (link,)
    return NounPhrase(
        [Word(pronoun.english, links)],
        [Word(pronoun.english_object, links)],
        lambda case: [Word(pronoun.german[case], links, tagged("PRON", case))],
        pronoun.person,
        None,
        pronoun.english,
        "pronoun",
    )


def name_phrase(english: str, german: str, gender: str | None, link: int) -> NounPhrase:
    """A name of a person or a place, the same in all cases."""
    words = [Word(english, (link,))]
    pronoun = {"m": "he", "f": "she"}.get(gender or "")
    return NounPhrase(
        words, words, lambda case: [Word(german, (link,), tagged("NAME", case))], "3s", None, pronoun, "name"
    )


def noun_phrase(
    noun: Noun,
    plural: bool,
    determiner: str,
    adjective: Adjective | None,
    link: int,
    *,
    possessor: Words | None = None,
    genitive: Words | None = None,
    negation: tuple[int, ...] = (),
) -> NounPhrase:
    """A noun with determiner and perhaps an adjective; uses the links `link` to `link + 2`.

    Args:
        noun, plural, determiner, adjective: the words; `determiner` is a key of `DETERMINERS`.
        link: first of three links that nothing else uses.
        possessor: English possessor before the noun (`the teacher's`); then the determiner is German only.
        genitive: what stands for it in German: after the noun (`das Buch des Lehrers`).
        negation: link of the English `not` that German expresses as `kein`.
    """
    det = DETERMINERS[determiner]
    english = list(possessor or ())
    described = adjective.english if adjective else noun.english
    if possessor is None:
        text = det.english_plural if plural else det.english
        if text:
            text = article(described) if text == "a" else text
            english += [Word(part, (link,)) for part in text.split()] if " " in text else [Word(text, (link,))]
    if adjective:
        english.append(Word(adjective.english, (link + 1,)))
    english.append(Word(noun.english_plural if plural else noun.english, (link + 2,)))
    column = "p" if plural else noun.gender

    def german(case: str) -> Words:
        key = (case, column)
        text = det.german + (det.endings[key] if det.endings else "")
        words = [Word(part, (link, *negation), tagged("DET", *key)) for part in text.split()] if text else []
        if adjective:
            inflected = german_adjective(adjective.german, det.adjective_endings[key])
            words.append(Word(inflected, (link + 1,), tagged("ADJ", *key)))
        words.append(Word(german_noun(noun, case, plural), (link + 2,), tagged("NOUN", *key)))
        return words + genitive if genitive else words

    stands_for = noun.pronoun if not plural else "they" if noun.human else None
    return NounPhrase(english, english, german, "3p" if plural else "3s", column, stands_for, determiner, noun.animal)


class Preposition(NamedTuple):
    """An English preposition and the German one with its case."""

    english: str
    german: str
    case: str


def prepositional_phrase(preposition: Preposition, phrase: NounPhrase, link: int) -> tuple[Words, Words]:
    """Both languages of a prepositional phrase; German contracts `in dem` to `im` and the like."""
    links = (link,)
    english = [Word(part, links) for part in preposition.english.split()] + phrase.english_object
    german = phrase.german(preposition.case)
    contracted = CONTRACTIONS.get(f"{preposition.german} {german[0].text}") if phrase.kind == "the" else None
    if contracted:
        return english, [Word(contracted, links + german[0].links, "ADP"), *german[1:]]
    return english, [Word(preposition.german, links, "ADP"), *german]
