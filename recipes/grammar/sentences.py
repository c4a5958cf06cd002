"""Sentences of two clauses, and how often each kind of sentence is drawn."""

from collections.abc import Callable

from grammar import words as lexis
from grammar.clauses import (
    OBJECT,
    PRONOUN,
    Clause,
    Phrase,
    english_clause,
    english_infinitive,
    german_infinitive,
    german_last,
    german_second,
)
from grammar.drawing import ADULTS, HUMAN
from grammar.morphology import RELATIVE, Verb
from grammar.phrases import (
    NounPhrase,
    Pronoun,
    Word,
    Words,
    pronoun_phrase,
)
from grammar.simple import ADULTS_AND_KIN, GOING, PEOPLE_VERBS, PURPOSES, WILLED, Sentence, SimpleSentences

SUBORDINATE = {english: (german, tenses) for english, german, tenses in lexis.CONJUNCTIONS}
PRESENT_TENSES = ("progressive", "progressive", "progressive", "perfect", "future")
# Tenses of a relative clause and of the clause around it: now, and in the past.
RELATIVE_TENSES = (
    ("progressive", "progressive", "present", "perfect"),
    ("past", "past", "had to", "wanted to"),
)
MAIN_TENSES = (("progressive", "progressive", "present", "perfect", "can", "must", "want to"), ("past",))
# Too short to do something else meanwhile, or without a past that shows.
MOMENTS = ("read", "put", "come back", "get up", "come", "leave")
TO_PEOPLE = [verb for verb in PEOPLE_VERBS if verb.frame in ("acc", "dat") and "person" in verb.objects]
# Those that put no prefix behind a long object.
MEETINGS = [verb for verb in TO_PEOPLE if not verb.prefix]


class Sentences(SimpleSentences):
    """Draws whole sentences; `sentence()` is the only method others need."""

    def sentence(self) -> Sentence | None:
        """One sentence of any kind; `None` if what was drawn makes no sense together."""
        kind: Callable[[Sentences], Sentence | None] = self.pick(KINDS)
        return kind(self)

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
        german_side = [Word(german_conjunction, link), *german_last(side)]
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
        return english, [*german_second(main), Word(",", ()), Word("dass", links), *german_last(side)], "."

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
            word, wort = [Word("whether", links)], [Word("ob", links)]
            tenses = ("progressive", "present", "perfect", "future", "can", "want to")
            side = self.clause(negation=0, tenses=tenses if main.tense != "past" else ("past", "pluperfect", "could"))
        comma = Word(",", ())
        english = [*english_clause(main, question=question), *word, *english_clause(side)]
        german = [*german_second(main, front=[] if question else None), comma, *wort, *german_last(side)]
        return english, german, "?" if question else "."

    def infinitive(self) -> Sentence:
        """Peter tries to call the teacher. Peter is going to the park in order to meet the teacher."""
        purpose = self.chance(0.5)
        if purpose:
            going = [verb for verb in PEOPLE_VERBS if verb.frame in ("to", "to city") or verb.english in ("come back",)]
            going += [verb for verb in PEOPLE_VERBS if verb.english in ("get up", "stay", "wait", "work", "buy")]
            tenses = ("progressive", "past", "perfect", "future", "must", "wanted to", "would like to")
            main = self.clause(self._people(), verbs=going, tenses=tenses, adverbials=0.3, negation=0)
        else:
            main = self._speaker("zu")
        side = self.clause(
            self._standing_for(main.subject),
            verbs=[verb for verb in PURPOSES if verb is not main.verb],
            tenses=("past", "future"),
            adverbials=0.3,
            negation=0,
            without="time place frequency",
        )
        link = self.link(2)
        order = [Word("in", (link,)), Word("order", (link,))] if purpose else []
        um = [Word("um", (link,))] if purpose else []
        english = [*english_clause(main), *order, Word("to", (link + 1,)), *english_infinitive(side)]
        german = [*german_second(main), Word(",", ()), *um, *german_infinitive(side, (link + 1,))]
        return english, german, "."

    def coordination(self) -> Sentence:
        """Anna is reading the book, but Peter is cooking soup."""
        english_and, german_and = self.pick((("and", "und"), ("but", "aber")))
        tenses = self.pick((("progressive",), ("past",), ("perfect",), ("future",), ("want to",), ("must",)))
        verbs = [verb for verb in PEOPLE_VERBS if self.suits(verb, "3s", tenses[0]) and self.suits(verb, "3s", "past")]
        first = self._people(without=("you",))
        second = self._people(without=("you", first.pronoun))
        clauses = [
            self.clause(subject, verbs=verbs, tenses=tenses, adverbials=0.4, negation=0.1)
            for subject in (first, second)
        ]
        comma, link = Word(",", ()), (self.link(),)
        german_comma = [comma] if german_and == "aber" else []
        english = [*english_clause(clauses[0]), comma, Word(english_and, link), *english_clause(clauses[1])]
        german = [
            *german_second(clauses[0]),
            *german_comma,
            Word(german_and, link),
            *german_second(clauses[1]),
        ]
        return english, german, "."

    def relative_clause(self) -> Sentence:
        """The man who lives in Berlin is calling the teacher. Peter knows the man whom she is helping."""
        noun, plural = self.pick(ADULTS), self.chance(0.3)
        determiner = "the" if plural else self.pick(("the", "the", "a"))
        head = self.noun(noun, plural, determiner, adjective=0.2)
        past = self.chance(0.4)
        english, german = self._relative(head, RELATIVE_TENSES[past])
        comma = Word(",", ())
        if self.chance(0.5):
            described = head._replace(english=head.english + english, pronoun=head.pronoun)
            tenses = MAIN_TENSES[past]
            main = self.clause(head, verbs=PEOPLE_VERBS, adverbials=0.5, tenses=tenses, without="frequency")
            main.subject = described._replace(german=lambda case: [*head.german(case), comma, *german, comma])
            return english_clause(main), german_second(main), "."
        subject = self._people(without=("you",))
        verb = self.pick(MEETINGS)
        main = Clause(subject, verb, self.tense(verb, subject.person, MAIN_TENSES[past]), self.link(3))
        case = "d" if verb.frame == "dat" else "a"
        main.phrases.append(Phrase(head.english, head.german(case), PRONOUN, OBJECT))
        return english_clause(main) + english, [*german_second(main), comma, *german], "."

    def _relative(self, head: NounPhrase, tenses: tuple[str, ...]) -> tuple[Words, Words]:
        """Relative clause of a person: subject, accusative or dative inside it."""
        links = (self.link(),)
        if self.chance(0.55):
            clause = self.clause(head, verbs=PEOPLE_VERBS, tenses=tenses, negation=0.1, adverbials=0.5)
            pronoun = Word(RELATIVE["n", head.gender], links)
            english = english_clause(clause)[len(head.english) :]
            return [Word("who", links), *english], [pronoun, *german_last(clause, relative=True)]
        verb = self.pick(TO_PEOPLE)
        subject = self._people(without=("you",))
        clause = self.clause(subject, verbs=[verb], tenses=tenses, negation=0, adverbials=0.3, without="object")
        pronoun = Word(RELATIVE["d" if verb.frame == "dat" else "a", head.gender], links)
        return [Word("whom", links), *english_clause(clause)], [pronoun, *german_last(clause)]


# Each kind as often as it stands here.
KINDS = (
    [Sentences.statement] * 35
    + [Sentences.yes_no_question] * 8
    + [Sentences.adverb_question] * 8
    + [Sentences.subject_question] * 4
    + [Sentences.object_question] * 6
    + [Sentences.comparison] * 4
    + [Sentences.description] * 4
    + [Sentences.profession] * 3
    + [Sentences.existence] * 3
    + [Sentences.adverbial_clause] * 20
    + [Sentences.that_clause] * 6
    + [Sentences.indirect_question] * 5
    + [Sentences.infinitive] * 6
    + [Sentences.coordination] * 4
    + [Sentences.relative_clause] * 9
)
