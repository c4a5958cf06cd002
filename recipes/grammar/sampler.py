"""Random clauses that make sense: who does what to whom, where and when."""

from collections.abc import Sequence
from functools import cache

from grammar import words as lexis
from grammar.adverbials import FOR_VERBS, Adverbials
from grammar.clauses import (
    ACCUSATIVE,
    BE,
    DATIVE,
    E_GOAL,
    E_TIME,
    GOAL,
    INDEFINITE,
    MODAL,
    NOT,
    OBJECT,
    PRONOUN,
    TIME,
    TO_OBJECT,
    Clause,
    Phrase,
)
from grammar.drawing import HOMES, HUMAN, INDEFINITES, NOT_BESIDE_NOT, PETS, PLACES, SURFACES, UNOWNED
from grammar.morphology import Noun, Verb
from grammar.phrases import NounPhrase, Preposition, Word, prepositional_phrase, tagged

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


class Sampler(Adverbials):
    """Draws clauses."""

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
        if "done" in verb.flags and tense in ("present", "progressive"):
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
            without: names of what to leave out: time, place, frequency, never, or object (the first one).
        """
        who, tense = subject, None
        for _ in range(200):
            verb = self.pick(verbs)
            subject = who or self.subject(verb.subjects, SUBJECTS[verb.subjects])
            tense = self.tense(verb, subject.person, tenses)
            if tense:
                break
        if tense is None:
            raise ValueError(f"None of {len(verbs)} verbs goes with {subject.person} in any of {tenses}; offer more.")
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
        if frame == "in" and "place" not in without:
            nouns = HOMES if verb.english == "live" else PETS if subject.animal else PLACES
            add(self.place(nouns, verb.english not in ("sit", "stand"))._replace(rank=GOAL))
        elif frame in ("to", "to city") and "place" not in without:
            add(self.goal(frame == "to city", not subject.animal))
        elif frame == "instrument" and "object" not in without:
            noun, links = self.pick(OBJECTS[verb]), self.link(2)
            english = [Word("the", (links,)), Word(noun.english, (links + 1,))]
            add(Phrase(english, [Word(noun.german, (links + 1,), tagged("NOUN", "a", noun.gender))], GOAL, OBJECT))
        elif frame == "lying":
            add(self._surface("d"))
        elif frame in ("acc", "two", "on"):
            self._objects(clause, without)
            if frame == "on":
                add(self._surface("a"))
        elif frame == "dat" and "object" not in without:
            add(self._object_phrase(self._someone(clause, OBJECTS[verb]), "d", clause))
        elif ">" in frame and "object" not in without:
            preposition = lexis.preposition(frame)
            phrase = self._prepositional_object(clause)
            english, german = prepositional_phrase(preposition, phrase, self.link())
            english = phrase.english_object  # English says the preposition with the verb: wait for
            german = [german[0]._replace(links=(clause.link, *german[0].links)), *german[1:]]
            add(Phrase(english, german, GOAL, OBJECT))

    def _surface(self, case: str) -> Phrase:
        noun = self.noun(self.pick(SURFACES), False, "the", adjective=0.2)
        return Phrase(*prepositional_phrase(Preposition("on", "auf", case), noun, self.link()), GOAL, E_GOAL)

    def _someone(self, clause: Clause, nouns: Sequence[Noun]) -> NounPhrase:
        """A person as an object: somebody else than the subject, and nobody vague beside a negation."""
        subject = clause.subject
        while True:
            phrase = self.person(subject, nouns)
            vague = clause.negated and phrase.kind in ("a", *NOT_BESIDE_NOT)
            if not vague and phrase.english[-1].text != subject.english[-1].text:
                return phrase

    def _prepositional_object(self, clause: Clause) -> NounPhrase:
        noun = self.pick(OBJECTS[clause.verb])
        if noun.human:
            return self._someone(clause, PERSONS[clause.verb])
        own = "the" if noun.classes & UNOWNED else self.possessive(clause.subject.pronoun)
        return self.noun(noun, False, self.pick(("the", "this", "the", own)))

    def _object_phrase(self, phrase: NounPhrase, case: str, clause: Clause) -> Phrase:
        """A bare object in accusative or dative, at its place in both orders."""
        rank = PRONOUN if phrase.kind == "pronoun" else ACCUSATIVE if case == "a" else DATIVE
        if rank == ACCUSATIVE and phrase.kind in INDEFINITES:
            rank = INDEFINITE
        clause.particle_last = phrase.kind == "pronoun" and bool(clause.verb.prefix) and clause.verb.frame == "acc"
        clause.particle_last &= clause.verb.english not in ("look at",) and " " in clause.verb.english
        return Phrase(phrase.english_object, phrase.german(case), rank, OBJECT)

    def _objects(self, clause: Clause, without: str) -> None:
        """Accusative object, and the dative one of verbs such as give."""
        verb, subject = clause.verb, clause.subject
        if "object" in without:
            return
        noun = self.pick(OBJECTS[verb])
        negation = (clause.link + 2,) if clause.negated else None
        if noun.human:
            phrase = self._someone(clause, PERSONS[verb])
            clause.phrases.append(self._object_phrase(phrase, "a", clause))
            return
        clause.settled = bool(noun.classes & UNOWNED)
        if "own" in verb.flags:
            worn = self.noun(noun, subject.person[1] == "p", subject.pronoun or "the")
            clause.phrases.append(self._object_phrase(worn, "a", clause))
            return
        owner = "" if verb.english == "have" else subject.pronoun
        phrase, clause.negation_inside = self.thing(noun, owner, negation, 0 if "plain" in verb.flags else 0.4)
        clause.phrases.append(self._object_phrase(phrase, "a", clause))
        if verb.frame == "two":
            self._receiver(clause)
        clause.particle_last |= verb.english in ("give back", "bring along")

    def _receiver(self, clause: Clause) -> None:
        """The dative of give: before the object in English, or behind it with to."""
        person = self._someone(clause, RECEIVERS)
        rank = PRONOUN if person.kind == "pronoun" else DATIVE
        if clause.verb.english == "give back" or (person.kind != "pronoun" and self.chance(0.5)):
            link = self.link()
            german = person.german("d")
            german = [german[0]._replace(links=(*german[0].links, link)), *german[1:]]
            clause.phrases.append(Phrase([Word("to", (link,)), *person.english_object], german, rank, TO_OBJECT))
            return
        clause.phrases.insert(0, Phrase(person.english_object, person.german("d"), rank, OBJECT))

    def _adverbials(self, clause: Clause, without: str) -> None:
        """Adds a frequency or a time, a companion, a place."""
        verb = clause.verb
        if "simple" in verb.flags and verb.frame != "lying":
            return
        often = clause.tense in ("present", "past") and not clause.negated and "time" not in without
        unsure = "never" in without or clause.subject.kind in NOT_BESIDE_NOT
        often = often and "happens" not in verb.flags and "frequency" not in without
        if often and self.chance(0.45):
            english, german = self.pick(lexis.FREQUENCY[:3] if unsure else lexis.FREQUENCY)
            link = (self.link(),)
            clause.frequency = Phrase(
                [Word(english, link)], [Word(german, link)], NOT if german == "nie" else TIME, E_TIME
            )
        elif "time" not in without and "state" not in verb.flags and self.chance(0.85):
            time = None if clause.negated and clause.tense == "present" else self.time(clause.tense)
            if time:
                clause.phrases.append(time)
        beside = verb.frame in ("none", "acc", "instrument") and "short" not in verb.flags and not clause.negated
        if not beside or len(clause.phrases) > 2:
            return
        if verb.subjects == HUMAN and not set(verb.objects) & set(HUMAN) and self.chance(0.3):
            if verb.frame == "none" or verb.english in FOR_VERBS:
                clause.phrases.append(self.company(verb, clause.subject.pronoun))
                return
        if "place" not in without and not clause.settled and self.chance(0.5):
            clause.phrases.append(self.place(PETS if clause.subject.animal else PLACES))


SUBJECTS = {verb.subjects: lexis.nouns_of(verb.subjects) for verb in lexis.VERBS + lexis.CLAUSE_VERBS}
OBJECTS = {verb: lexis.nouns_of(verb.objects) for verb in lexis.VERBS}
PERSONS = {verb: [noun for noun in nouns if noun.human] for verb, nouns in OBJECTS.items()}
RECEIVERS = lexis.nouns_of(HUMAN)
