"""Random noun phrases that make sense.

All randomness comes from `random.Random(seed).random()`, the one method whose sequence Python guarantees never to
change. Nothing depends on hash order, so a seed gives the same sentences on every machine.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

from grammar import words as lexis
from grammar.morphology import Adjective, Noun
from grammar.phrases import (
    NounPhrase,
    Word,
    name_phrase,
    noun_phrase,
    pronoun_phrase,
)

Item = TypeVar("Item")

HUMAN = lexis.expand("human")
HOMES = lexis.nouns_of(("home",))
PETS = lexis.nouns_of(("pets",))
PLACES = lexis.nouns_of(("inside", "beside"))
BUILDINGS = lexis.nouns_of(("building",))
SURFACES = lexis.nouns_of(("surface",))
KIN = lexis.nouns_of(("kin",))
ADULTS = lexis.nouns_of(("person",))
NUMBERS = [english for english, _ in lexis.NUMBERS]
PLURALS = ["bare", "the", "the", "possessive", "these", "some", "many", "all", "number", "number"]
NOT_BESIDE_NOT = ("every", "all", "many", "some", *NUMBERS)
# Classes of things that get no possessive: nobody says "his station", and not everybody "his skirt".
UNOWNED = frozenset(("building", "sight", "transport", "show", "womens"))
INDEFINITES = ("a", "no", "bare", "some", "many", *NUMBERS)


class Drawing:
    """Draws noun phrases.

    Args:
        rng: source of all choices; only its `random()` is called.
    """

    def __init__(self, rng: random.Random) -> None:
        self._random = rng.random
        self._links = 0

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items, all equally likely."""
        return items[int(self._random() * len(items))]

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random() < probability

    def link(self, count: int = 1) -> int:
        """First of `count` links that nothing else uses."""
        self._links += count
        return self._links - count

    def pronoun(self, english: str) -> NounPhrase:
        """A personal pronoun."""
        return pronoun_phrase(lexis.PRONOUNS[english], self.link())

    def name(self) -> NounPhrase:
        """A person's name."""
        return name_phrase(*self.pick(lexis.NAMES), self.link())

    def _adjective(self, noun: Noun, probability: float) -> Adjective | None:
        choices = lexis.ADJECTIVES_OF[noun]
        return self.pick(choices) if choices and self.chance(probability) else None

    def noun(
        self, noun: Noun, plural: bool, determiner: str, *, adjective: float = 0.4, negation: tuple[int, ...] = ()
    ) -> NounPhrase:
        """A noun phrase with this determiner; `adjective` is the probability of having one."""
        return noun_phrase(noun, plural, determiner, self._adjective(noun, adjective), self.link(3), negation=negation)

    def possessive(self, owner: str | None) -> str:
        """Determiner my, his ...: mostly that of the subject, whose English pronoun is `owner`."""
        if owner and self.chance(0.75):
            return owner
        return self.pick(("I", "you", "he", "she", "we")) if owner is None else self.pick(("I", owner))

    def subject(self, classes: tuple[str, ...], nouns: Sequence[Noun]) -> NounPhrase:
        """Subject of a clause: a pronoun or a name if people can be it, else a noun."""
        if "kin" in classes:
            draw = self._random()
            if draw < 0.3:
                return self.pronoun(self.pick(("I", "you", "he", "she", "we", "they")))
            if draw < 0.45:
                return self.name()
        noun = self.pick(nouns)
        if "kin" in noun.classes:
            plural = "parent" not in noun.classes and self.chance(0.2)
            return self.noun(noun, plural, self.pick(("I", "you", "he", "she", "we", "I")), adjective=0.1)
        if self.chance(0.3):
            return self.noun(noun, True, self._plural(("bare", "possessive")))
        determiner = self.pick(("the", "the", "the", "a", "this", "every" if self.chance(0.5) else "the"))
        return self.noun(noun, False, determiner)

    def _plural(self, without: tuple[str, ...] = (), owner: str | None = None) -> str:
        """Determiner of a plural."""
        determiner = self.pick(PLURALS)
        while determiner in without:
            determiner = self.pick(PLURALS)
        if determiner == "number":
            return self.pick(NUMBERS)
        if determiner == "possessive":
            return self.possessive(owner)
        return "this" if determiner == "these" else determiner

    def person(self, subject: NounPhrase, nouns: Sequence[Noun]) -> NounPhrase:
        """A person as an object: a pronoun other than the subject's, a name, or a definite noun phrase."""
        draw = self._random()
        if draw < 0.2:
            own = {"I": "we", "we": "I"}.get(subject.pronoun, "")
            same = ("she", "they") if subject.pronoun in ("she", "they") else (subject.pronoun, own)  # sie ... sie
            choices = [word for word in lexis.PRONOUNS if word not in same]
            return self.pronoun(self.pick(choices))
        if draw < 0.3 and subject.kind != "name":
            return self.name()
        noun = self.pick(nouns)
        if "kin" in noun.classes:
            plural = "parent" not in noun.classes and self.chance(0.15)
            return self.noun(noun, plural, self.possessive(subject.pronoun), adjective=0.15)
        plural = self.chance(0.25)
        return self.noun(
            noun,
            plural,
            self._plural(("bare", "possessive")) if plural else self.pick(("the", "the", "a", "this")),
        )

    def thing(
        self, noun: Noun, owner: str | None, negation: tuple[int, ...] | None, adjective: float
    ) -> tuple[NounPhrase, bool]:
        """A thing as an object, and whether German negates it with kein.

        Args:
            noun: the thing.
            owner: English pronoun of the subject; "" after have (one has a dog, not the dog).
            negation: links of the English not, `None` if there is none.
            adjective: probability of an adjective.
        """
        mass, plural = noun.german_plural is None, self.chance(0.3)
        if owner == "":
            determiner = "a" if not plural else "bare" if negation else self.pick(NUMBERS)
        elif mass:
            determiner = self.pick(("bare", "bare", "bare", "the", "possessive"))
        elif plural:
            unwanted = (*NOT_BESIDE_NOT, "number") if negation else ()
            determiner = self._plural(unwanted + ("possessive",) if noun.classes & UNOWNED else unwanted, owner)
        else:
            determiner = self.pick(("the", "the", "a", "a", "possessive", "this", "genitive"))
        if determiner in ("possessive", "genitive") and noun.classes & UNOWNED:
            determiner = "this"
        if determiner == "genitive" and "fruit" in noun.classes:
            determiner = "the"
        if determiner == "possessive":
            determiner = self.possessive(owner)
        inside = negation is not None and determiner in ("a", "bare")
        if determiner == "genitive":
            return self._owned(noun), False
        if inside:
            plural = plural or mass
            return self._negated(noun, determiner, plural and not mass, negation), True
        return self.noun(noun, plural and not mass, determiner, adjective=adjective), False

    def _negated(self, noun: Noun, determiner: str, plural: bool, negation: tuple[int, ...]) -> NounPhrase:
        """`not a book`, `not any books` or `not any milk`: kein."""
        phrase = self.noun(noun, plural, "no", negation=negation)
        if determiner == "bare" and not plural:  # a mass noun: any milk, not a milk
            phrase.english[0] = Word("any", phrase.english[0].links)
        return phrase

    def _owned(self, noun: Noun) -> NounPhrase:
        """The teacher's book: das Buch des Lehrers; Anna's book: Annas Buch."""
        if self.chance(0.4):
            english, german, _ = self.pick(lexis.NAMES)
            links = (self.link(),)
            phrase = self.noun(noun, False, "bare")
            owner = Word(f"{german}s", links, "NAME-gen")
            return phrase._replace(
                english=[Word(f"{english}'s", links), *phrase.english],
                english_object=[Word(f"{english}'s", links), *phrase.english],
                german=lambda case: [owner, *phrase.german(case)],
                kind="owned",
            )
        owner = self.noun(self.pick(ADULTS), False, "the", adjective=0.0)
        *start, last = owner.english
        possessor = [*start, Word(f"{last.text}'s", last.links)]
        adjective = self._adjective(noun, 0.2)
        return noun_phrase(
            noun, False, "the", adjective, self.link(3), possessor=possessor, genitive=owner.german("g")
        )._replace(kind="owned")
