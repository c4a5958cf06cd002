"""Random phrases and clauses that make sense: who does what to whom, where and when.

All randomness comes from `random.Random(seed).random()`, the one method whose sequence Python guarantees never
to change; nothing depends on hash order, so a seed gives the same sentences on every machine.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from typing import TypeVar

from seq2seq.text.grammar import words as lexis
from seq2seq.text.grammar.clauses import (
    ACCUSATIVE,
    BE,
    COMPANY,
    DATIVE,
    E_COMPANY,
    E_GOAL,
    E_PLACE,
    E_TIME,
    GOAL,
    INDEFINITE,
    MODAL,
    NOT,
    OBJECT,
    PLACE,
    PRONOUN,
    TIME,
    TO_OBJECT,
    Clause,
    Phrase,
)
from seq2seq.text.grammar.morphology import Adjective, Noun, Verb
from seq2seq.text.grammar.phrases import (
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
SURFACES = lexis.nouns_of(("surface",))
KIN = lexis.nouns_of(("kin",))
ADULTS = lexis.nouns_of(("person",))
AROUND = [
    Preposition("behind", "hinter", "d"),
    Preposition("in front of", "vor", "d"),
    Preposition("next to", "neben", "d"),
]
# Tenses of a plain sentence, each as often as it stands here.
TENSES = [
    "present",
    "progressive",
    "progressive",
    "past",
    "past",
    "perfect",
    "future",
    "future",
] * 2 + sorted(MODAL)
# Tenses that a time goes with, by its letter in the lexicon.
TENSES_OF_TIME = {"p": ("progressive", "future"), "f": ("future",), "a": ("past",), "r": ("present",)}
NUMBERS = [english for english, _ in lexis.NUMBERS]
PLURALS = ["bare", "the", "the", "possessive", "these", "some", "many", "all", "number", "number"]
NOT_BESIDE_NOT = ("every", "all", "many", "some", *NUMBERS)
# What nobody calls his own: his station.
UNOWNED = frozenset(("building", "sight", "transport", "show"))
INDEFINITES = ("a", "no", "bare", "some", "many", *NUMBERS)
FOR_VERBS = ("buy", "cook", "write", "order", "draw", "repair", "wash")


class Sampler:
    """Draws the parts of sentences.

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

    def noun(
        self, noun: Noun, plural: bool, determiner: str, *, adjective: float = 0.4, negation=()
    ) -> NounPhrase:
        """A noun phrase with this determiner; `adjective` is the probability of having one."""
        return noun_phrase(
            noun, plural, determiner, self._adjective(noun, adjective), self.link(3), negation=negation
        )

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
            same = (
                ("she", "they") if subject.pronoun in ("she", "they") else (subject.pronoun, own)
            )  # sie ... sie
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
        self, noun: Noun, owner: str | None, negation: tuple[int, ...] | None
    ) -> tuple[NounPhrase, bool]:
        """A thing as an object, and whether German negates it with kein (`negation`: links of not, None: no not)."""
        mass, plural = noun.german_plural is None, self.chance(0.3)
        if owner == "":  # after have: one has a dog, not the dog
            determiner = "a" if not plural else "bare" if negation else self.pick(NUMBERS)
        elif mass:
            determiner = self.pick(("bare", "bare", "bare", "the", "possessive"))
        elif plural:
            unwanted = (*NOT_BESIDE_NOT, "number") if negation else ()
            determiner = self._plural(
                unwanted + ("possessive",) if noun.classes & UNOWNED else unwanted, owner
            )
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
        return self.noun(noun, plural and not mass, determiner), False

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
            )
        owner = self.noun(self.pick(ADULTS), False, "the", adjective=0.0)
        *start, last = owner.english
        possessor = [*start, Word(f"{last.text}'s", last.links)]
        adjective = self._adjective(noun, 0.2)
        return noun_phrase(
            noun, False, "the", adjective, self.link(3), possessor=possessor, genitive=owner.german("g")
        )._replace(kind="owned")

    # --- adverbials ---

    def place(self, nouns: Sequence[Noun]) -> Phrase:
        """Where: in the garden, at the station, in Berlin, behind the church; `nouns` are those for in and at."""
        draw = self._random() if nouns is not PETS else 0.3 + 0.7 * self._random()
        if draw < 0.15:
            english, german = self.pick(lexis.CITIES)
            words = prepositional_phrase(IN, name_phrase(english, german, None, self.link()), self.link())
        elif draw < 0.4:
            building = self.noun(self.pick(BUILDINGS), False, "the", adjective=0.3)
            words = prepositional_phrase(self.pick(AROUND), building, self.link())
        else:
            noun = self.pick(nouns)
            preposition = IN if "inside" in noun.classes else Preposition("at", "an", "d")
            words = prepositional_phrase(
                preposition, self.noun(noun, False, "the", adjective=0.2), self.link()
            )
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
        unit, einheit = self.pick(
            (("days", "Tagen"), ("weeks", "Wochen"), ("months", "Monaten"), ("years", "Jahren"))
        )
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

    # --- clauses ---

    def tense(self, verb: Verb, person: str, tenses: Sequence[str] = TENSES) -> str | None:
        """One of the tenses that suits verb and person, or `None` if there is none."""
        tense = self.pick(tenses)
        if self.suits(verb, person, tense):
            return tense
        suitable = [tense for tense in tenses if self.suits(verb, person, tense)]
        return self.pick(suitable) if suitable else None

    @staticmethod
    @cache
    def suits(verb: Verb, person: str, tense: str) -> bool:
        """Whether this is a tense one would use, and one that shows in the English.

        States have no progressive; `they read` and `they put` could be present or past; the simple past of
        `du` is bookish German unless the verb is a modal or sein.
        """
        same = verb.english.split()[0] in ("read", "put")
        if "happens" in verb.flags and tense in MODAL:
            return False
        if "now" in verb.flags and tense not in ("present", "past"):
            return False
        if tense == "progressive":
            return "state" not in verb.flags and verb is not BE
        if tense == "past":
            return not same and (person != "2s" or verb is BE)
        if tense == "present":
            return not same
        if tense in MODAL:
            if "mishap" in verb.flags and tense not in ("can", "could"):
                return False
            return verb is not BE and "state" not in verb.flags and verb.frame != "lying"
        return tense != "perfect" or "simple" not in verb.flags

    def clause(
        self,
        subject: NounPhrase | None = None,
        *,
        verbs: Sequence[Verb] = lexis.WEIGHTED_VERBS,
        tenses: Sequence[str] = TENSES,
        negation: float = 0.15,
        adverbials: float = 0.85,
        without: str = "",
    ) -> Clause:
        """A clause about people or things.

        Args:
            subject: who does it, if that is settled; then `verbs` should be ones that people can do.
            verbs, tenses: what to choose from.
            negation: probability of being negated.
            adverbials: probability of having adverbials.
            without: name of an adverbial to leave out ("time", "place", "never") or "object", the first object.
        """
        who, tense = subject, None
        for _ in range(200):
            verb = self.pick(verbs)
            subject = who or self.subject(verb.subjects, SUBJECTS[verb.subjects])
            tense = self.tense(verb, subject.person, tenses)
            if tense:
                break
        if tense is None:
            raise ValueError(
                f"None of {len(verbs)} verbs goes with {subject.person} in any of {tenses}; offer more."
            )
        clause = Clause(subject, verb, tense, self.link(3))
        clause.negated = subject.kind not in NOT_BESIDE_NOT and self.chance(negation)
        self._complements(clause, without)
        if self.chance(adverbials):
            self._adverbials(clause, without)
        if tense == "present" and "progressive" in tenses and self.suits(verb, subject.person, "progressive"):
            habit = clause.frequency or any(phrase.rank == TIME for phrase in clause.phrases)
            clause.tense = "present" if habit else "progressive"
        return clause

    def _complements(self, clause: Clause, without: str) -> None:
        """Adds what the verb's frame asks for."""
        verb, frame, subject = clause.verb, clause.verb.frame, clause.subject
        add = clause.phrases.append
        if frame == "in" and without != "place":
            nouns = HOMES if verb.english == "live" else PETS if subject.animal else PLACES
            add(self.place(nouns)._replace(rank=GOAL))
        elif frame in ("to", "to city") and without != "place":
            add(self.goal(frame == "to city", not subject.animal))
        elif frame == "instrument" and without != "object":
            noun, links = self.pick(OBJECTS[verb]), self.link(2)
            english = [Word("the", (links,)), Word(noun.english, (links + 1,))]
            add(Phrase(english, [Word(noun.german, (links + 1,))], GOAL, OBJECT))
        elif frame == "lying":
            add(self._surface("d"))
        elif frame in ("acc", "two", "on"):
            self._objects(clause, without)
            if frame == "on":
                add(self._surface("a"))
        elif frame == "dat" and without != "object":
            add(self._object_phrase(self.person(subject, OBJECTS[verb]), "d", clause))
        elif ">" in frame and without != "object":
            preposition = lexis.preposition(frame)
            phrase = self._prepositional_object(clause)
            english, german = prepositional_phrase(preposition, phrase, self.link())
            english = phrase.english_object  # English says the preposition with the verb: wait for
            german = [german[0]._replace(links=(clause.link, *german[0].links)), *german[1:]]
            add(Phrase(english, german, GOAL, OBJECT))

    def _surface(self, case: str) -> Phrase:
        noun = self.noun(self.pick(SURFACES), False, "the", adjective=0.2)
        return Phrase(*prepositional_phrase(Preposition("on", "auf", case), noun, self.link()), GOAL, E_GOAL)

    def _prepositional_object(self, clause: Clause) -> NounPhrase:
        noun = self.pick(OBJECTS[clause.verb])
        if noun.human:
            while True:
                phrase = self.person(clause.subject, [noun])
                if not clause.negated or phrase.kind not in ("a", *NOT_BESIDE_NOT):
                    return phrase
        own = "the" if noun.classes & UNOWNED else self.possessive(clause.subject.pronoun)
        return self.noun(noun, False, self.pick(("the", "this", "the", own)))

    def _object_phrase(self, phrase: NounPhrase, case: str, clause: Clause) -> Phrase:
        """A bare object in accusative or dative, at its place in both orders."""
        rank = PRONOUN if phrase.kind == "pronoun" else ACCUSATIVE if case == "a" else DATIVE
        if rank == ACCUSATIVE and phrase.kind in INDEFINITES:
            rank = INDEFINITE
        clause.particle_last = (
            phrase.kind == "pronoun" and bool(clause.verb.prefix) and clause.verb.frame == "acc"
        )
        clause.particle_last &= clause.verb.english not in ("look at",) and " " in clause.verb.english
        return Phrase(phrase.english_object, phrase.german(case), rank, OBJECT)

    def _objects(self, clause: Clause, without: str) -> None:
        """Accusative object, and the dative one of verbs such as give."""
        verb, subject = clause.verb, clause.subject
        if without == "object":
            return
        noun = self.pick(OBJECTS[verb])
        negation = (clause.link + 2,) if clause.negated else None
        if noun.human:
            phrase = self.person(subject, [noun])
            while clause.negated and phrase.kind in ("a", *NOT_BESIDE_NOT):
                phrase = self.person(subject, [noun])
            clause.phrases.append(self._object_phrase(phrase, "a", clause))
            return
        clause.settled = bool(noun.classes & UNOWNED)
        owner = "" if verb.english == "have" else subject.pronoun
        phrase, clause.negation_inside = self.thing(noun, owner, negation)
        clause.phrases.append(self._object_phrase(phrase, "a", clause))
        if verb.frame == "two":
            self._receiver(clause)
        clause.particle_last |= verb.english in ("give back", "bring along")

    def _receiver(self, clause: Clause) -> None:
        """The dative of give: before the object in English, or behind it with to."""
        person = self.person(clause.subject, RECEIVERS)
        while clause.negated and person.kind in ("a", *NOT_BESIDE_NOT):
            person = self.person(clause.subject, RECEIVERS)
        rank = PRONOUN if person.kind == "pronoun" else DATIVE
        if clause.verb.english == "give back" or (person.kind != "pronoun" and self.chance(0.5)):
            link = self.link()
            german = person.german("d")
            german = [german[0]._replace(links=(*german[0].links, link)), *german[1:]]
            clause.phrases.append(
                Phrase([Word("to", (link,)), *person.english_object], german, rank, TO_OBJECT)
            )
            return
        clause.phrases.insert(0, Phrase(person.english_object, person.german("d"), rank, OBJECT))

    def _adverbials(self, clause: Clause, without: str) -> None:
        """Adds a frequency or a time, a companion, a place."""
        verb = clause.verb
        if "simple" in verb.flags and verb.frame != "lying":
            return
        often = clause.tense in ("present", "past") and not clause.negated and without != "time"
        unsure = without == "never" or clause.subject.kind in NOT_BESIDE_NOT
        if often and self.chance(0.45):
            english, german = self.pick(lexis.FREQUENCY[:3] if unsure else lexis.FREQUENCY)
            link = (self.link(),)
            clause.frequency = Phrase(
                [Word(english, link)], [Word(german, link)], NOT if german == "nie" else TIME, E_TIME
            )
        elif without != "time" and "state" not in verb.flags and self.chance(0.85):
            time = None if clause.negated and clause.tense == "present" else self.time(clause.tense)
            if time:
                clause.phrases.append(time)
        beside = (
            verb.frame in ("none", "acc", "instrument") and "short" not in verb.flags and not clause.negated
        )
        if not beside or len(clause.phrases) > 2:
            return
        if verb.subjects == HUMAN and not set(verb.objects) & set(HUMAN) and self.chance(0.3):
            if verb.frame == "none" or verb.english in FOR_VERBS:
                clause.phrases.append(self.company(verb, clause.subject.pronoun))
                return
        if without != "place" and not clause.settled and self.chance(0.5):
            clause.phrases.append(self.place(PETS if clause.subject.animal else PLACES))


SUBJECTS = {verb.subjects: lexis.nouns_of(verb.subjects) for verb in lexis.VERBS + lexis.CLAUSE_VERBS}
OBJECTS = {verb: lexis.nouns_of(verb.objects) for verb in lexis.VERBS}
RECEIVERS = lexis.nouns_of(HUMAN)
