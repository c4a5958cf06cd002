"""Sentences with a subordinate clause: because, when, that, whether."""

from grammar import words as lexis
from grammar.clauses import Clause, english_clause, german_last, german_second
from grammar.drawing import HUMAN
from grammar.morphology import Verb
from grammar.phrases import NounPhrase, Pronoun, Word, Words, pronoun_phrase
from grammar.simple import ADULTS_AND_KIN, GOING, PEOPLE_VERBS, PURPOSES, WILLED, Sentence, SimpleSentences

SUBORDINATE = {english: (german, tenses) for english, german, tenses in lexis.CONJUNCTIONS}
PRESENT_TENSES = ("progressive", "progressive", "progressive", "perfect", "future")
# Too short to do something else meanwhile, or without a past that shows.
MOMENTS = ("read", "put", "come back", "get up", "come", "leave")


class SubordinateSentences(SimpleSentences):
    """Draws sentences with a subordinate clause, each kind by a method."""

    def _standing_for(self, subject: NounPhrase) -> NounPhrase:
        """The pronoun that stands for a subject later on."""
        return self.pronoun(subject.pronoun)

    def _reason(self, subject: NounPhrase, past: bool, weight: float = 1.0) -> Clause:
        """A clause that gives a reason: a mood, the weather or, with `weight` 1, a wish or duty of the same person."""
        draw = self._random() * weight
        if draw < 0.45:
            return self.mood(self._standing_for(subject), ("past",) if past else ("present",))
        if draw < 0.6:
            return self._weather(past)
        modal = ("wanted to", "wanted to", "had to") if past else ("want to", "want to", "must", "would like to")
        return self.clause(self._standing_for(subject), verbs=PURPOSES, tenses=modal, adverbials=0.5, negation=0)

    def _weather(self, past: bool) -> Clause:
        it = pronoun_phrase(Pronoun("it", "it", {"n": "es"}, "3s"), self.link())._replace(pronoun=None)
        return Clause(it, self.pick(lexis.WEATHER), "past" if past else "progressive", self.link(3))

    def adverbial_clause(self) -> Sentence | None:
        """Because he is tired, Peter stays at home. Peter went to the park although it was raining."""
        conjunction = self.pick(
            ("because",) * 6 + ("although",) * 4 + ("if",) * 4 + ("when",) * 2 + ("while", "before", "after") * 2
        )
        german_conjunction, kind = SUBORDINATE[conjunction]
        subject = self._people()
        past = kind in "ab" or (kind != "p" and self.chance(0.4) and subject.pronoun != "you")
        if kind in "ab" and subject.pronoun == "you":
            return self.adverbial_clause()
        tenses = ("past",) if past else PRESENT_TENSES
        verbs = WILLED
        if conjunction in ("while", "when", "before", "after"):
            tenses = ("past",) if past else ("progressive",)
            verbs = [
                verb for verb in PEOPLE_VERBS if not verb.flags & {"state", "mishap"} and verb.english not in MOMENTS
            ]
        if conjunction == "if":
            tenses = ("future", "future", "can", "must", "should")
        negation = 0.15 if conjunction in ("because", "although", "if") else 0
        main = self.clause(subject, verbs=verbs, tenses=tenses, adverbials=0.4, negation=negation, without="time")
        link = (self.link(),)
        if conjunction in ("because", "although"):
            side = self._reason(subject, past, 0.6 if conjunction == "although" else 1.0)
        else:
            going = GOING if main.verb in GOING else [main.verb]
            verbs = [verb for verb in verbs if verb not in going]
            side = self._circumstance(conjunction, subject, verbs, past)
        if conjunction == "while" and (main.verb in GOING or side.verb in GOING):
            return None
        english_side = [Word(conjunction, link), *english_clause(side)]
        german_side = [Word(german_conjunction, link, "SCONJ"), *german_last(side)]
        return self._joined(main, english_side, german_side)

    def _circumstance(self, conjunction: str, subject: NounPhrase, verbs: list[Verb], past: bool) -> Clause:
        """The clause behind if, when, while, before or after."""
        if conjunction in ("if", "when") and self.chance(0.75 if conjunction == "if" else 0.4):
            if self.chance(0.5):
                clause = self._weather(past)
            else:
                clause = self.mood(self._standing_for(subject), ("past",) if past else ("present",))
            if clause.tense == "progressive":
                clause.tense = "present"
            return clause
        tenses = {"if": ("present",), "after": ("pluperfect",)}.get(
            conjunction, ("past",) if past else ("progressive",)
        )
        other = self._standing_for(subject)
        if conjunction in ("while", "when") and self.chance(0.6):
            other = self._people(without=(subject.pronoun, "you"))
        return self.clause(other, verbs=verbs, tenses=tenses, adverbials=0.4, negation=0, without="time")

    def _joined(self, main: Clause, english_side: Words, german_side: Words) -> Sentence:
        """Main clause with a subordinate one before or behind it."""
        comma = Word(",", ())
        if self.chance(0.4):
            english = [*english_side, comma, *english_clause(main)]
            return english, german_second(main, front=[*german_side, comma]), "."
        return english_clause(main) + english_side, [*german_second(main), comma, *german_side], "."

    def _speaker(self, kind: str) -> Clause:
        """Main clause of a verb that takes a clause of this kind: dass, ob or zu."""
        verb = self.pick([verb for verb in lexis.CLAUSE_VERBS if kind in verb.frame.split()])
        subject = self._people()
        tenses = ("present", "present", "past") if verb.english not in ("try", "say") else ("progressive", "past")
        if kind == "zu":
            tenses = ("past", "perfect", "progressive" if verb.english == "try" else "present")
        clause = Clause(subject, verb, self.tense(verb, subject.person, (*tenses, "present")), self.link(3))
        allowed = subject.kind not in ("every", "all", "many", "some")
        clause.negated = allowed and verb.english in ("believe", "think") and self.chance(0.3)
        return clause

    def that_clause(self) -> Sentence | None:
        """Peter hopes that the train will arrive tomorrow."""
        main = self._speaker("dass")
        subject = self._standing_for(main.subject) if self.chance(0.4) else None
        if main.tense == "past":
            tenses = ("past", "had to", "wanted to", "pluperfect")
        else:
            tenses = ("progressive", "present", "perfect", "future", "can")
        if main.verb.english in ("promise", "hope"):  # for the future; one promises only for oneself
            main.tense, tenses = "present", ("future",)
            if main.verb.english == "promise":
                subject = self._standing_for(main.subject)
        verbs = PEOPLE_VERBS if subject else lexis.WEIGHTED_VERBS
        side = self._suitable(subject, verbs, tenses)
        if side.subject.pronoun and side.verb not in PEOPLE_VERBS and "transport" not in side.verb.subjects:
            return None
        links = (self.link(),)
        english = [*english_clause(main), Word("that", links), *english_clause(side)]
        return english, [*german_second(main), Word(",", ()), Word("dass", links, "SCONJ"), *german_last(side)], "."

    def _suitable(self, subject: NounPhrase | None, verbs: list[Verb], tenses: tuple[str, ...]) -> Clause:
        """A clause whose subject is not you where the tense is past."""
        while True:
            clause = subject or self.subject(HUMAN, ADULTS_AND_KIN)
            verb_choice = [verb for verb in verbs if any(self.suits(verb, clause.person, tense) for tense in tenses)]
            if subject is None and self.chance(0.3):
                things = [verb for verb in verbs if verb.subjects and not set(verb.subjects) >= set(HUMAN)]
                return self.clause(verbs=things, tenses=(*tenses, "past" if "past" in tenses else "present"))
            if verb_choice:
                return self.clause(clause, verbs=verb_choice, tenses=tenses)

    def indirect_question(self) -> Sentence:
        """I do not know whether Peter is calling. Do you know where he lives?"""
        verb = self.pick([verb for verb in lexis.CLAUSE_VERBS if "ob" in verb.frame.split()])
        question = verb.english == "know" and self.chance(0.4)
        subject = self.pronoun("you") if question else self._people()
        main = Clause(
            subject,
            verb,
            "present" if verb.english == "know" else self.pick(("past", "progressive")),
            self.link(3),
        )
        if main.tense == "past" and subject.person == "2s":
            main.tense = "progressive"
        main.negated = verb.english == "know" and not question
        if subject.kind in ("every", "all", "many", "some"):
            main.negated = False
        if self.chance(0.5):
            word, wort, side = self._adverb_question(main.tense == "past")
        else:
            links = (self.link(),)
            word, wort = [Word("whether", links)], [Word("ob", links, "SCONJ")]
            tenses = ("progressive", "present", "perfect", "future", "can", "want to")
            side = self.clause(negation=0, tenses=tenses if main.tense != "past" else ("past", "pluperfect", "could"))
        comma = Word(",", ())
        english = [*english_clause(main, question=question), *word, *english_clause(side)]
        german = [*german_second(main, front=[] if question else None), comma, *wort, *german_last(side)]
        return english, german, "?" if question else "."
