"""All kinds of sentences, and how often each is drawn."""

from collections.abc import Callable

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
from grammar.drawing import ADULTS
from grammar.morphology import RELATIVE
from grammar.phrases import NounPhrase, Word, Words, tagged
from grammar.simple import PEOPLE_VERBS, PURPOSES, Sentence
from grammar.subordinate import SubordinateSentences

# Tenses of a relative clause and of the clause around it: now, and in the past.
RELATIVE_TENSES = (
    ("progressive", "progressive", "present", "perfect"),
    ("past", "past", "had to", "wanted to"),
)
MAIN_TENSES = (("progressive", "progressive", "present", "perfect", "can", "must", "want to"), ("past",))
TO_PEOPLE = [verb for verb in PEOPLE_VERBS if verb.frame in ("acc", "dat") and "person" in verb.objects]
# Those that put no prefix behind a long object.
MEETINGS = [verb for verb in TO_PEOPLE if not verb.prefix]


class Sentences(SubordinateSentences):
    """Draws whole sentences; `sentence()` is the only method others need."""

    def sentence(self) -> Sentence | None:
        """One sentence of any kind; `None` if what was drawn makes no sense together."""
        kind: Callable[[Sentences], Sentence | None] = self.pick(KINDS)
        return kind(self)

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
        um = [Word("um", (link,), "SCONJ")] if purpose else []
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
            pronoun = Word(RELATIVE["n", head.gender], links, tagged("PRON", "n", head.gender))
            english = english_clause(clause)[len(head.english) :]
            return [Word("who", links), *english], [pronoun, *german_last(clause, relative=True)]
        verb = self.pick(TO_PEOPLE)
        subject = self._people(without=("you",))
        clause = self.clause(subject, verbs=[verb], tenses=tenses, negation=0, adverbials=0.3, without="object")
        case = "d" if verb.frame == "dat" else "a"
        pronoun = Word(RELATIVE[case, head.gender], links, tagged("PRON", case, head.gender))
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
