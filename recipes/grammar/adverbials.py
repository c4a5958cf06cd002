"""Random adverbials that make sense: places, goals, times, companions."""

from collections.abc import Sequence

from grammar import words as lexis
from grammar.clauses import COMPANY, E_COMPANY, E_GOAL, E_PLACE, E_TIME, GOAL, PLACE, TIME, Phrase
from grammar.drawing import ADULTS, KIN, PETS, PLACES, Drawing
from grammar.morphology import Noun, Verb
from grammar.phrases import Preposition, Word, name_phrase, prepositional_phrase

IN = Preposition("in", "in", "d")
LANDMARKS = lexis.nouns_of(("building", "landmark"))
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
FOR_VERBS = ("buy", "cook", "write", "order", "draw", "repair", "wash")


class Adverbials(Drawing):
    """Draws adverbials."""

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
