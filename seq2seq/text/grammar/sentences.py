"""Kinds of sentences: statements, questions, and what can be built of two clauses."""

from __future__ import annotations

from collections.abc import Callable

from seq2seq.text.grammar import words as lexis
from seq2seq.text.grammar.clauses import (
    BE,
    GOAL,
    MODAL,
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
from seq2seq.text.grammar.morphology import RELATIVE, Verb, english_comparative
from seq2seq.text.grammar.phrases import (
    NounPhrase,
    Preposition,
    Pronoun,
    Word,
    Words,
    name_phrase,
    prepositional_phrase,
    pronoun_phrase,
)
from seq2seq.text.grammar.sampler import ADULTS, BUILDINGS, HUMAN, KIN, PLACES, Sampler

# English words, German words, closing punctuation.
Sentence = tuple[Words, Words, str]

PEOPLE_VERBS = [verb for verb in lexis.WEIGHTED_VERBS if set(verb.subjects) >= set(HUMAN)]
WILLED = [verb for verb in PEOPLE_VERBS if not verb.flags & {"state", "mishap"}]
# What one goes somewhere for.
PURPOSES = [
    verb
    for verb in PEOPLE_VERBS
    if verb in WILLED
    and verb.frame not in ("in", "to", "to city")
    and verb.english
    not in ("get up", "arrive", "come back", "wait", "answer", "follow", "push", "throw away")
]
GOING = [verb for verb in PEOPLE_VERBS if verb.frame in ("to", "to city")]
SUBORDINATE = {english: (german, tenses) for english, german, tenses in lexis.CONJUNCTIONS}
TENSES_OF_CONJUNCTION = {
    "any": ("present", "progressive", "past", "perfect", *MODAL),
    "p": ("present", "can", "must", "want to"),
    "a": ("past",),
    "b": ("pluperfect",),
}
PAST_TENSES = ("past", "past", "past", "could", "had to", "wanted to")
PRESENT_TENSES = (
    "progressive",
    "progressive",
    "present",
    "perfect",
    "future",
    "can",
    "must",
    "want to",
    "would like to",
)
PROFESSIONS = lexis.nouns_of(("profession",))
COMPARABLE = ("person", "animal", "readable", "clothes", "vehicle", "furniture", "building", "device")
ASKED_GOING = [verb for verb in GOING if verb.english != "come"]
# Tenses of a relative clause and of the clause around it: now, and in the past.
RELATIVE_TENSES = (
    ("progressive", "progressive", "present", "perfect"),
    ("past", "past", "had to", "wanted to"),
)
MAIN_TENSES = (("progressive", "progressive", "present", "perfect", "can", "must", "want to"), ("past",))
MOMENTS = ("read", "put", "come back", "get up", "come", "leave")
WISHES = ("want to", "wanted to", "would like to")
TO_PEOPLE = [verb for verb in PEOPLE_VERBS if verb.frame in ("acc", "dat") and "person" in verb.objects]
# Those that put no prefix behind a long object.
MEETINGS = [verb for verb in TO_PEOPLE if not verb.prefix]
ADULTS_AND_KIN = ADULTS + KIN
PLACED = [
    verb
    for verb in PEOPLE_VERBS
    if verb.frame in ("none", "in", "acc", "instrument") and not verb.flags & {"short", "simple"}
]
HOME_CITIES = lexis.CITIES[:6]


class Sentences(Sampler):
    """Draws whole sentences; `sentence()` is the only method others need."""

    def sentence(self) -> Sentence:
        """One sentence of any kind."""
        kind: Callable[[Sentences], Sentence] = self.pick(KINDS)
        return kind(self)

    # --- one clause ---

    def statement(self) -> Sentence:
        """Peter is calling the teacher today. Today Peter is calling the teacher."""
        clause = self.clause(adverbials=0.9)
        fronted = [phrase for phrase in clause.phrases if phrase.english_rank == 5]
        if not fronted or self.chance(0.5):
            return english_clause(clause), german_second(clause), "."
        front = fronted[0]
        german = german_second(clause, front=front)
        clause.phrases.remove(front)
        return english_clause(clause, front=front.english), german, "."

    def yes_no_question(self) -> Sentence:
        """Is Peter calling the teacher today?"""
        clause = self.clause(negation=0.0, adverbials=0.9, without="never")
        while clause.subject.person[0] == "1" and clause.tense in (*WISHES, "could"):  # Would I like to ...?
            clause = self.clause(negation=0.0, adverbials=0.9, without="never")
        return english_clause(clause, question=True), german_second(clause, front=[]), "?"

    def adverb_question(self) -> Sentence:
        """Where, where to, when or why does Peter ...?"""
        english, german, clause = self._adverb_question()
        return english_clause(clause, question=True, front=english), german_second(clause, front=german), "?"

    def _adverb_question(self, past: bool = False) -> tuple[Words, Words, Clause]:
        kind = self.pick(("where", "where", "where to", "when", "why"))
        english, german = kind, {"when": "wann", "why": "warum"}.get(kind, "wo")
        tenses = (
            "progressive",
            "progressive",
            "past",
            "perfect",
            "present",
            "future",
            "can",
            "must",
            "should",
        )
        if past:
            tenses = ("past", "past", "pluperfect", "wanted to")
        if kind == "where to":
            english, german = "where", "wohin"
            clause = self.clause(verbs=ASKED_GOING, negation=0, without="place", tenses=tenses)
        elif kind == "where":
            clause = self.clause(verbs=PLACED, negation=0, without="place", tenses=tenses)
        elif kind == "when":
            tenses = ("past", "wanted to") if past else ("past", "future", "future", "can", "must", "want to")
            clause = self.clause(verbs=WILLED, negation=0, without="time", tenses=tenses)
        else:
            clause = self.clause(verbs=PEOPLE_VERBS, negation=0.25, tenses=tenses)
        links = (self.link(),)
        return [Word(english, links)], [Word(german, links)], clause

    def subject_question(self) -> Sentence:
        """Who is calling the teacher?"""
        who = pronoun_phrase(lexis.WHO, self.link())._replace(pronoun=None)
        clause = self.clause(who, verbs=PEOPLE_VERBS, negation=0.1)
        return english_clause(clause), german_second(clause), "?"

    def object_question(self) -> Sentence:
        """Whom is Peter calling? What is he buying? Which book does he read? Whom is he waiting for?"""
        while True:
            verb = self.pick(PEOPLE_VERBS)
            if verb.frame in ("acc", "dat") or (">" in verb.frame and set(verb.objects) & set(HUMAN)):
                break
        tenses = (
            "progressive",
            "progressive",
            "past",
            "perfect",
            "present",
            "future",
            "want to",
            "can",
            "must",
            "had to",
        )
        clause = self.clause(verbs=[verb], negation=0, without="object", tenses=tenses)
        noun = self.pick(lexis.nouns_of(verb.objects))
        if noun.human:
            asked = pronoun_phrase(lexis.WHO, self.link())
        elif noun.german_plural is None or (verb.frame == "acc" and self.chance(0.3)):
            asked = pronoun_phrase(lexis.WHAT, self.link())
        elif self.chance(0.4):
            asked = self.noun(noun, True, "how many")
        else:
            asked = self.noun(noun, self.chance(0.2), "which")
        if ">" in verb.frame:
            _, german = prepositional_phrase(lexis.preposition(verb.frame), asked, self.link())
            german = [german[0]._replace(links=(clause.link,)), *german[1:]]
        else:
            german = asked.german("d" if verb.frame == "dat" else "a")
        english = english_clause(clause, question=True, front=asked.english_object)
        return english, german_second(clause, front=german), "?"

    # --- to be ---

    def _people(self, without: tuple[str | None, ...] = ()) -> NounPhrase:
        """People that a later pronoun, none of `without`, can stand for."""
        while True:
            subject = self.subject(HUMAN, ADULTS_AND_KIN)
            if subject.pronoun and subject.pronoun not in without:
                return subject

    def _being(
        self, subject: NounPhrase, english: Words, german: Words, tenses=("present", "past")
    ) -> Clause:
        clause = Clause(subject, BE, self.pick(tenses), self.link(3))
        clause.phrases.append(Phrase(english, german, GOAL, OBJECT))
        return clause

    def mood(self, subject: NounPhrase | None = None, tenses=("present", "past")) -> Clause:
        """He is tired."""
        adjective, links = self.pick(lexis.MOODS), (self.link(),)
        english, german = [Word(adjective.english, links)], [Word(adjective.german, links)]
        clause = self._being(subject or self._people(), english, german, tenses)
        clause.negated = clause.subject.kind not in ("every", "all", "many", "some") and self.chance(0.2)
        return clause

    def comparison(self) -> Sentence:
        """The book is older than the newspaper. The book is as old as the newspaper."""
        nouns = lexis.NOUNS_BY_CLASS[self.pick(COMPARABLE)]
        plural = self.chance(0.2)
        first = self.noun(self.pick(nouns), plural, self.pick(("the", "this")), adjective=0)
        noun = self.pick(nouns)
        while first.english[-1].text in (noun.english, noun.english_plural):
            noun = self.pick(nouns)
        second = self.noun(noun, plural, self.pick(("the", "this")), adjective=0)
        choices = [item for item in lexis.ADJECTIVES_OF[noun] if "colour" not in item.classes]
        common = set(nouns[0].classes).intersection(*(item.classes for item in nouns))
        adjective = self.pick([item for item in choices if item.classes & common])
        link = self.link(2)
        if self.chance(0.65):
            compared = [Word(part, (link,)) for part in english_comparative(adjective.english).split()]
            english = [*compared, Word("than", (link + 1,)), *second.english]
            german = [Word(adjective.german_comparative, (link,)), Word("als", (link + 1,))]
        else:
            as_word = Word("as", (link + 1,))
            english = [as_word, Word(adjective.english, (link,)), as_word, *second.english]
            so, wie = Word("so", (link + 1,)), Word("wie", (link + 1,))
            german = [so, Word(adjective.german, (link,)), wie]
        clause = self._being(first, english, german + second.german("n"), ("present", "present", "past"))
        return english_clause(clause), german_second(clause), "."

    def description(self) -> Sentence:
        """This house is beautiful. Is the coffee hot? Anna is tired."""
        if self.chance(0.5):
            clause = self.mood()
        else:
            noun = self.pick([noun for noun in lexis.NOUNS if lexis.ADJECTIVES_OF[noun]])
            plural = noun.german_plural is not None and self.chance(0.25)
            determiner = "I" if "kin" in noun.classes else self.pick(("the", "this", "the", "I", "she"))
            if noun.classes & {"inside", "beside", "event", "person", "youth", "sight"}:
                determiner = "this" if determiner != "I" or "kin" not in noun.classes else determiner
            subject = self.noun(noun, plural, determiner, adjective=0)
            adjective, links = self.pick(lexis.ADJECTIVES_OF[noun]), (self.link(),)
            english, german = [Word(adjective.english, links)], [Word(adjective.german, links)]
            clause = self._being(subject, english, german)
            clause.negated = self.chance(0.25)
        if self.chance(0.3) and not clause.negated:
            return english_clause(clause, question=True), german_second(clause, front=[]), "?"
        return english_clause(clause), german_second(clause), "."

    def profession(self) -> Sentence:
        """Anna is a teacher: Anna ist Lehrerin."""
        while True:
            subject = self.subject(HUMAN, KIN)
            if subject.pronoun in ("he", "she"):
                break
        noun, link = self.pick(PROFESSIONS), self.link()
        german = (
            noun.german
            if subject.pronoun == "he"
            else lexis.lexicon.FEMININE.get(noun.german, noun.german + "in")
        )
        english = [Word("an" if noun.english[0] in "aeiou" else "a", (link,)), Word(noun.english, (link,))]
        clause = self._being(subject, english, [Word(german, (link,))])
        if self.chance(0.25):
            clause.negated = clause.negation_inside = True
            clause.phrases[0].german.insert(
                0, Word("keine" if subject.pronoun == "she" else "kein", (clause.link + 2,))
            )
        return english_clause(clause), german_second(clause), "."

    def existence(self) -> Sentence:
        """There is a castle in this village: In diesem Dorf gibt es ein Schloss."""
        plural, negated = self.chance(0.4), self.chance(0.25)
        if self.chance(0.5):
            where = name_phrase(*self.pick(HOME_CITIES), None, self.link())
        else:
            village = self.pick([noun for noun in PLACES if noun.english in ("village", "city")])
            where = self.noun(village, False, self.pick(("the", "this")), adjective=0.3)
        determiner = (
            "there is no" if negated else self.pick(("many", "two", "three", "some")) if plural else "a"
        )
        what = self.noun(self.pick(BUILDINGS), plural, determiner, adjective=0.4)
        place_english, place_german = prepositional_phrase(Preposition("in", "in", "d"), where, self.link())
        link = self.link()
        past = self.chance(0.2)
        be = ("were" if plural else "was") if past else "are" if plural else "is"
        english = [Word("there", (link,)), Word(be, (link,)), *what.english, *place_english]
        german = [Word("gab" if past else "gibt", (link,)), Word("es", (link,))]
        return english, [*place_german, *german, *what.german("a")], "."

    # --- two clauses ---

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
        modal = (
            ("wanted to", "wanted to", "had to") if past else ("want to", "want to", "must", "would like to")
        )
        return self.clause(self._standing_for(subject), verbs=PURPOSES, tenses=modal, adverbials=0.5)

    def _weather(self, past: bool) -> Clause:
        it = pronoun_phrase(Pronoun("it", "it", {"n": "es"}, "3s"), self.link())._replace(pronoun=None)
        return Clause(it, self.pick(lexis.WEATHER), "past" if past else "progressive", self.link(3))

    def adverbial_clause(self) -> Sentence:
        """Because he is tired, Peter stays at home. Peter went to the park although it was raining."""
        conjunction = self.pick(
            ("because",) * 6
            + ("although",) * 4
            + ("if",) * 4
            + ("when",) * 2
            + ("while", "before", "after") * 2
        )
        german_conjunction, kind = SUBORDINATE[conjunction]
        subject = self._people()
        past = kind in "ab" or (kind != "p" and self.chance(0.4) and subject.pronoun != "you")
        if kind in "ab" and subject.pronoun == "you":
            return self.adverbial_clause()
        tenses = PAST_TENSES if past else PRESENT_TENSES
        verbs = WILLED
        if conjunction in ("while", "when", "before", "after"):
            tenses = ("past",) if past else ("progressive",)
            verbs = [
                verb
                for verb in PEOPLE_VERBS
                if not verb.flags & {"state", "mishap"} and verb.english not in MOMENTS
            ]
        if conjunction == "if":
            tenses = ("future", "future", "can", "must", "should")
        negation = 0.15 if conjunction in ("because", "although", "if") else 0
        main = self.clause(
            subject, verbs=verbs, tenses=tenses, adverbials=0.4, negation=negation, without="time"
        )
        link = (self.link(),)
        if conjunction in ("because", "although"):
            side = self._reason(subject, past, 0.6 if conjunction == "although" else 1.0)
        else:
            side = self._circumstance(conjunction, subject, verbs, past)
        english_side = [Word(conjunction, link), *english_clause(side)]
        german_side = [Word(german_conjunction, link), *german_last(side)]
        return self._joined(main, english_side, german_side)

    def _circumstance(self, conjunction: str, subject: NounPhrase, verbs: list[Verb], past: bool) -> Clause:
        """The clause behind if, when, while, before or after."""
        if conjunction in ("if", "when") and self.chance(0.4):
            if self.chance(0.5):
                clause = self._weather(past)
            else:
                clause = self.mood(self._standing_for(subject), ("past",) if past else ("present",))
            if clause.tense == "progressive":
                clause.tense = "present"
            return clause
        tenses = {"if": ("present", "present", "can"), "after": ("pluperfect",)}.get(
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
        tenses = (
            ("present", "present", "past") if verb.english not in ("try", "say") else ("progressive", "past")
        )
        if kind == "zu":
            tenses = ("past", "perfect", "progressive" if verb.english == "try" else "present")
        clause = Clause(subject, verb, self.tense(verb, subject.person, (*tenses, "present")), self.link(3))
        allowed = subject.kind not in ("every", "all", "many", "some")
        clause.negated = allowed and verb.english in ("know", "believe", "think") and self.chance(0.3)
        return clause

    def that_clause(self) -> Sentence:
        """Peter hopes that the train will arrive tomorrow."""
        main = self._speaker("dass")
        past = main.tense == "past"
        tenses = (
            ("past", "had to", "wanted to", "pluperfect")
            if past
            else ("progressive", "present", "perfect", "future", "can")
        )
        subject = self._standing_for(main.subject) if self.chance(0.4) else None
        verbs = PEOPLE_VERBS if subject else lexis.WEIGHTED_VERBS
        side = self._suitable(subject, verbs, tenses)
        links = (self.link(),)
        english = [*english_clause(main), Word("that", links), *english_clause(side)]
        return english, [*german_second(main), Word(",", ()), Word("dass", links), *german_last(side)], "."

    def _suitable(self, subject: NounPhrase | None, verbs: list[Verb], tenses: tuple[str, ...]) -> Clause:
        """A clause whose subject is not you where the tense is past."""
        while True:
            clause = subject or self.subject(HUMAN, ADULTS_AND_KIN)
            verb_choice = [
                verb for verb in verbs if any(self.suits(verb, clause.person, tense) for tense in tenses)
            ]
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
            side = self.clause(
                negation=0, tenses=tenses if main.tense != "past" else ("past", "pluperfect", "could")
            )
        comma = Word(",", ())
        english = [*english_clause(main, question=question), *word, *english_clause(side)]
        german = [*german_second(main, front=[] if question else None), comma, *wort, *german_last(side)]
        return english, german, "?" if question else "."

    def infinitive(self) -> Sentence:
        """Peter tries to call the teacher. Peter is going to the park in order to meet the teacher."""
        purpose = self.chance(0.5)
        if purpose:
            going = [
                verb
                for verb in PEOPLE_VERBS
                if verb.frame in ("to", "to city") or verb.english in ("come back",)
            ]
            going += [
                verb for verb in PEOPLE_VERBS if verb.english in ("get up", "stay", "wait", "work", "buy")
            ]
            tenses = ("progressive", "past", "perfect", "future", "must", "wanted to", "would like to")
            main = self.clause(self._people(), verbs=going, tenses=tenses, adverbials=0.3, negation=0)
        else:
            main = self._speaker("zu")
        verbs = PURPOSES if purpose or main.verb.english == "try" else WILLED
        side = self.clause(
            self._standing_for(main.subject),
            verbs=verbs,
            tenses=("past", "future"),
            adverbials=0.3,
            negation=0,
            without="time",
        )
        side.frequency = None
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
        verbs = [
            verb
            for verb in PEOPLE_VERBS
            if self.suits(verb, "3s", tenses[0]) and self.suits(verb, "3s", "past")
        ]
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
            main = self.clause(head, verbs=PEOPLE_VERBS, adverbials=0.5, tenses=tenses)
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
        clause = self.clause(
            subject, verbs=[verb], tenses=tenses, negation=0, adverbials=0.3, without="object"
        )
        pronoun = Word(RELATIVE["d" if verb.frame == "dat" else "a", head.gender], links)
        return [Word("whom", links), *english_clause(clause)], [pronoun, *german_last(clause)]


# Each kind as often as it stands here.
KINDS = (
    [Sentences.statement] * 36
    + [Sentences.yes_no_question] * 8
    + [Sentences.adverb_question] * 8
    + [Sentences.subject_question] * 4
    + [Sentences.object_question] * 6
    + [Sentences.comparison] * 4
    + [Sentences.description] * 5
    + [Sentences.profession] * 3
    + [Sentences.existence] * 3
    + [Sentences.adverbial_clause] * 17
    + [Sentences.that_clause] * 6
    + [Sentences.indirect_question] * 5
    + [Sentences.infinitive] * 6
    + [Sentences.coordination] * 4
    + [Sentences.relative_clause] * 9
)
