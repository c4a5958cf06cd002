"""Sentences of one clause: statements, questions, descriptions."""

from grammar import words as lexis
from grammar.clauses import BE, GOAL, OBJECT, Clause, Phrase, english_clause, german_second
from grammar.drawing import ADULTS, BUILDINGS, HUMAN, KIN, PLACES
from grammar.morphology import english_comparative
from grammar.phrases import (
    NounPhrase,
    Preposition,
    Word,
    Words,
    name_phrase,
    prepositional_phrase,
    pronoun_phrase,
    tagged,
)
from grammar.sampler import OBJECTS, Sampler

# English words, German words, closing punctuation.
Sentence = tuple[Words, Words, str]

PEOPLE_VERBS = [verb for verb in lexis.WEIGHTED_VERBS if set(verb.subjects) >= set(HUMAN)]
WILLED = [verb for verb in PEOPLE_VERBS if not verb.flags & {"state", "mishap", "happens"}]
# What one goes somewhere for.
PURPOSES = [
    verb
    for verb in PEOPLE_VERBS
    if verb in WILLED
    and verb.frame not in ("in", "to", "to city")
    and verb.english not in ("get up", "arrive", "come back", "wait", "answer", "follow", "push", "throw away")
]
GOING = [verb for verb in PEOPLE_VERBS if verb.frame in ("to", "to city")]
PROFESSIONS = lexis.nouns_of(("profession",))
COMPARABLE = ("person", "animal", "readable", "clothes", "vehicle", "furniture", "building", "device")
ASKED_GOING = [verb for verb in GOING if verb.english != "come"]
ASKED_OF_ONESELF = ("should", "may", "must", "can", "future", "had to")
ADULTS_AND_KIN = ADULTS + KIN
PLACED = [
    verb
    for verb in PEOPLE_VERBS
    if verb.frame in ("none", "in", "acc", "instrument") and not verb.flags & {"short", "simple"}
]
HOME_CITIES = lexis.CITIES[:6]


class SimpleSentences(Sampler):
    """Draws sentences of one clause, each kind by a method."""

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
        while clause.subject.person[0] == "1" and clause.tense not in ASKED_OF_ONESELF:
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
        noun = self.pick(OBJECTS[verb])
        adjective = 0 if "plain" in verb.flags else 0.4
        if noun.human:
            asked = pronoun_phrase(lexis.WHO, self.link())
        elif noun.german_plural is None or (verb.frame == "acc" and verb.english != "know" and self.chance(0.3)):
            asked = pronoun_phrase(lexis.WHAT, self.link())
        elif self.chance(0.4):
            asked = self.noun(noun, True, "how many", adjective=adjective)
        else:
            asked = self.noun(noun, self.chance(0.2), "which", adjective=adjective)
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
        self, subject: NounPhrase, english: Words, german: Words, tenses: tuple[str, ...] = ("present", "past")
    ) -> Clause:
        clause = Clause(subject, BE, self.pick(tenses), self.link(3))
        clause.phrases.append(Phrase(english, german, GOAL, OBJECT))
        return clause

    def mood(self, subject: NounPhrase | None = None, tenses: tuple[str, ...] = ("present", "past")) -> Clause:
        """He is tired."""
        adjective, links = self.pick(lexis.MOODS), (self.link(),)
        english, german = [Word(adjective.english, links)], [Word(adjective.german, links, "ADJ")]
        clause = self._being(subject or self._people(), english, german, tenses)
        clause.negated = clause.subject.kind not in ("a", "every", "all", "many", "some") and self.chance(0.2)
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
            german = [Word(adjective.german_comparative, (link,), "ADJ"), Word("als", (link + 1,), "CCONJ")]
        else:
            as_word = Word("as", (link + 1,))
            english = [as_word, Word(adjective.english, (link,)), as_word, *second.english]
            so, wie = Word("so", (link + 1,)), Word("wie", (link + 1,), "CCONJ")
            german = [so, Word(adjective.german, (link,), "ADJ"), wie]
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
            english, german = [Word(adjective.english, links)], [Word(adjective.german, links, "ADJ")]
            clause = self._being(subject, english, german)
            clause.negated = self.chance(0.25)
        if self.chance(0.3) and not clause.negated and clause.subject.person[0] != "1":
            return english_clause(clause, question=True), german_second(clause, front=[]), "?"
        return english_clause(clause), german_second(clause), "."

    def profession(self) -> Sentence:
        """Anna is a teacher: Anna ist Lehrerin."""
        while True:
            subject = self.subject(HUMAN, KIN)
            if subject.pronoun in ("he", "she"):
                break
        noun, link = self.pick(PROFESSIONS), self.link()
        gender = "m" if subject.pronoun == "he" else "f"
        german = noun.german if subject.pronoun == "he" else lexis.lexicon.FEMININE.get(noun.german, noun.german + "in")
        english = [Word("an" if noun.english[0] in "aeiou" else "a", (link,)), Word(noun.english, (link,))]
        clause = self._being(subject, english, [Word(german, (link,), tagged("NOUN", "n", gender))])
        if self.chance(0.25):
            clause.negated = clause.negation_inside = True
            clause.phrases[0].german.insert(
                0,
                Word("kein" if gender == "m" else "keine", (clause.link + 2,), tagged("DET", "n", gender)),
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
        determiner = "there is no" if negated else self.pick(("many", "two", "three", "some")) if plural else "a"
        what = self.noun(self.pick(BUILDINGS), plural, determiner, adjective=0.4)
        place_english, place_german = prepositional_phrase(Preposition("in", "in", "d"), where, self.link())
        link = self.link()
        past = self.chance(0.2)
        be = ("were" if plural else "was") if past else "are" if plural else "is"
        english = [Word("there", (link,)), Word(be, (link,)), *what.english, *place_english]
        german = [Word("gab" if past else "gibt", (link,), "VERB"), Word("es", (link,), "PRON-nom")]
        return english, [*place_german, *german, *what.german("a")], "."
