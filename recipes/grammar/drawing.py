"""Random noun phrases and adverbials that make sense.

All randomness comes from `random.Random(seed).random()`, the one method whose sequence Python guarantees never
to change; nothing depends on hash order, so a seed gives the same sentences on every machine.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

from grammar import words as lexis
from grammar.clauses import (
    COMPANY,
    E_COMPANY,
    E_GOAL,
    E_PLACE,
    E_TIME,
    GOAL,
    PLACE,
    TIME,
    Phrase,
)
from grammar.morphology import Adjective, Noun, Verb
from grammar.phrases import (
    NounPhrase,
    Preposition,
    Word,
    name_phrase,
    noun_phrase,
    prepositional_phrase,
    pronoun_phrase,
)

Item = TypeVar("Item")

IN = Preposition("in", "in", "d")
HUMAN = lexis.expand("human")
HOMES = lexis.nouns_of(("home",))
PETS = lexis.nouns_of(("pets",))
PLACES = lexis.nouns_of(("inside", "beside"))
BUILDINGS = lexis.nouns_of(("building",))
LANDMARKS = lexis.nouns_of(("building", "landmark"))
SURFACES = lexis.nouns_of(("surface",))
KIN = lexis.nouns_of(("kin",))
ADULTS = lexis.nouns_of(("person",))
AROUND = [
    Preposition("behind", "hinter", "d"),
    Preposition("in front of", "vor", "d"),
    Preposition("next to", "neben", "d"),
]
# Tenses that a time goes with, by its letter in the lexicon.
TENSES_OF_TIME = {
    "n": ("progressive",),
    "p": ("progressive", "future"),
    "f": ("future",),
    "a": ("past",),
    "r": ("present",),
}
NUMBERS = [english for english, _ in lexis.NUMBERS]
PLURALS = ["bare", "the", "the", "possessive", "these", "some", "many", "all", "number", "number"]
NOT_BESIDE_NOT = ("every", "all", "many", "some", *NUMBERS)
# What nobody calls his own (his station), or not everybody (his skirt).
UNOWNED = frozenset(("building", "sight", "transport", "show", "womens"))
INDEFINITES = ("a", "no", "bare", "some", "many", *NUMBERS)
FOR_VERBS = ("buy", "cook", "write", "order", "draw", "repair", "wash")


class Drawing:
    """Draws the parts of clauses.

    Args:
        rng: source of all choices; only its `random()` is called.
    """

    def __init__(self, rng: random.Random):
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

    # --- noun phrases ---

    def pronoun(self, english: str) -> NounPhrase:
        """A personal pronoun."""
        return pronoun_phrase(lexis.PRONOUNS[english], self.link())

    def name(self) -> NounPhrase:
        """A person's name."""
        return name_phrase(*self.pick(lexis.NAMES), self.link())

    def _adjective(self, noun: Noun, probability: float) -> Adjective | None:
        choices = lexis.ADJECTIVES_OF[noun]
        return self.pick(choices) if choices and self.chance(probability) else None

    def noun(self, noun: Noun, plural: bool, determiner: str, *, adjective: float = 0.4, negation=()) -> NounPhrase:
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
            owner = Word(f"{german}s", links)
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

    # --- adverbials ---

    def place(self, nouns: Sequence[Noun], cities: bool = True) -> Phrase:
        """Where: in the garden, at the station, in Berlin, behind the church; `nouns` are those for in and at."""
        draw = self._random() if cities and nouns is not PETS else 0.15 + 0.85 * self._random()
        if draw < 0.15:
            english, german = self.pick(lexis.CITIES)
            words = prepositional_phrase(IN, name_phrase(english, german, None, self.link()), self.link())
        elif draw < 0.4:
            building = self.noun(self.pick(LANDMARKS), False, "the", adjective=0.3)
            words = prepositional_phrase(self.pick(AROUND), building, self.link())
        else:
            noun = self.pick(nouns)
            preposition = IN if "inside" in noun.classes else Preposition("at", "an", "d")
            words = prepositional_phrase(preposition, self.noun(noun, False, "the", adjective=0.2), self.link())
        return Phrase(*words, PLACE, E_PLACE)

    def goal(self, city: bool, people: bool = True) -> Phrase:
        """Where to: to the park (in den Park), to the station (zum Bahnhof), to the baker (zum Bäcker), to Berlin."""
        if city:
            english, german = self.pick(lexis.CITIES)
            to = Preposition("to", "nach", "d")
            words = prepositional_phrase(to, name_phrase(english, german, None, self.link()), self.link())
        elif people and self.chance(0.15):
            noun = self.noun(self.pick(ADULTS), False, "the", adjective=0.0)
            words = prepositional_phrase(Preposition("to", "zu", "d"), noun, self.link())
        else:
            noun = self.pick(PLACES if people else PETS)
            to = Preposition("to", "in", "a") if "inside" in noun.classes else Preposition("to", "zu", "d")
            words = prepositional_phrase(to, self.noun(noun, False, "the", adjective=0.15), self.link())
        return Phrase(*words, GOAL, E_GOAL)

    def time(self, tense: str) -> Phrase | None:
        """When: a time that goes with the tense, if there is any."""
        if tense in ("past", "future") and self.chance(0.68):
            return self._date(tense)
        times = [row for row in lexis.TIMES if tense in TENSES_OF_TIME[row[2]]]
        if not times:
            return None
        english, german, _ = self.pick(times)
        return self._adverb(english, german)

    def _adverb(self, english: str, german: str) -> Phrase:
        """A time whose words are aligned all with all."""
        links = (self.link(),)
        words = [[Word(part, links) for part in text.split()] for text in (english, german)]
        return Phrase(*words, TIME, E_TIME)

    def _date(self, tense: str) -> Phrase:
        """On Monday, in May, in winter, at six o'clock, after the concert, three days ago, in three days."""
        draw = self._random()
        if draw < 0.28:
            english, german = self.pick(lexis.WEEKDAYS)
            return self._adverb(f"on {english}", f"am {german}")
        if draw < 0.52:
            english, german = self.pick(lexis.MONTHS)
            return self._adverb(f"in {english}", f"im {german}")
        if draw < 0.65:
            english, german = self.pick(lexis.SEASONS)
            return self._adverb(f"in {english}", f"im {german}")
        if draw < 0.75:
            english, german = self.pick(lexis.NUMBERS)
            return self._adverb(f"at {english} o'clock", f"um {german} Uhr")
        if draw < 0.92:
            event = self.noun(self.pick(lexis.NOUNS_BY_CLASS["event"]), False, "the", adjective=0.2)
            when = self.pick((("after", "nach", "d"), ("before", "vor", "d"), ("during", "während", "g")))
            return Phrase(*prepositional_phrase(Preposition(*when), event, self.link()), TIME, E_TIME)
        english, german = self.pick(lexis.NUMBERS)
        unit, einheit = self.pick((("days", "Tagen"), ("weeks", "Wochen"), ("months", "Monaten"), ("years", "Jahren")))
        if tense == "past":
            return self._adverb(f"{english} {unit} ago", f"vor {german} {einheit}")
        return self._adverb(f"in {english} {unit}", f"in {german} {einheit}")

    def company(self, verb: Verb, owner: str | None) -> Phrase:
        """With whom or, for some verbs, for whom."""
        preposition = Preposition("with", "mit", "d")
        if verb.english in FOR_VERBS:
            preposition = Preposition("for", "für", "a")
        person = self.noun(self.pick(KIN), False, self.possessive(owner), adjective=0.1)
        return Phrase(*prepositional_phrase(preposition, person, self.link()), COMPANY, E_COMPANY)
