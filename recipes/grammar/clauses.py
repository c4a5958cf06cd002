"""Clauses: the verb groups of both languages and the order of everything around them.

German word order goes by *topological fields*: prefield, finite verb, middle field, right bracket. A main clause has
one phrase in the prefield and the finite verb second. A yes/no question leaves the prefield empty. A subordinate clause
puts the finite verb behind the right bracket. The phrases of the middle field are sorted by rank.
"""

from dataclasses import dataclass, field, replace
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from grammar.lexicon import MODALS
from grammar.morphology import Verb, english_progressive, english_third, german_past, german_present, german_verb
from grammar.phrases import NounPhrase, Word, Words

# German ranks in the middle field: `nicht` between definite objects and places, a new thing (ein Buch) late.
PRONOUN, TIME, DATIVE, ACCUSATIVE, NOT, COMPANY, PLACE, INDEFINITE, GOAL = range(9)
# English ranks behind the verb.
OBJECT, TO_OBJECT, E_GOAL, E_COMPANY, E_PLACE, E_TIME = range(6)

BE = Verb("be", "was", "been", **german_verb("sein/ist/war/gewesen", "s"))
HABEN = Verb("have", "had", "had", **german_verb("haben/hat/hatte/gehabt", "h"))


class Modal(NamedTuple):
    """A modal verb: an English auxiliary and/or a verb with `to` behind it, German singular and plural."""

    auxiliary: str
    verb: str
    past: bool
    german: str
    german_plural: str


def _read_modals() -> dict[str, Modal]:
    """Reads the lexicon's table of modals."""
    modals = {}
    for line in MODALS.strip().splitlines():
        name, auxiliary, verb, time, german = (cell.strip() for cell in line.split("|"))
        modals[name] = Modal(auxiliary.strip("-"), verb.strip("-"), time == "a", *german.split())
    return modals


MODAL = _read_modals()


class Phrase(NamedTuple):
    """A complement or adverbial: its words in both languages and its rank in both orders."""

    english: Words
    german: Words
    rank: int
    english_rank: int


RANK, ENGLISH_RANK = attrgetter("rank"), attrgetter("english_rank")


@dataclass
class Clause:
    """A clause before any order is chosen.

    `tense` is present, progressive, past, perfect, pluperfect, future or the name of a modal. `link` is the first
    of three links: verb, auxiliary, negation. `particle_last` puts the particle behind an English object (gives
    it back).
    """

    subject: NounPhrase
    verb: Verb
    tense: str
    link: int
    phrases: list[Phrase] = field(default_factory=list)
    negated: bool = False
    negation_inside: bool = False  # German says kein: no nicht
    frequency: Phrase | None = None
    particle_last: bool = False
    settled: bool = False  # its object stays where it is: no place beside a castle


# --- English ---


def _be(person: str, past: bool) -> str:
    if past:
        return "was" if person in ("1s", "3s") else "were"
    return {"1s": "am", "3s": "is"}.get(person, "are")


def _do(verb: str, past: bool, past_form: str, person: str, support: bool) -> tuple[str, str]:
    """Auxiliary and main verb of a simple tense, with do-support if asked for."""
    if support:
        return ("did" if past else "does" if person == "3s" else "do"), verb
    return "", past_form if past else english_third(verb) if person == "3s" else verb


@cache
def english_group(verb: Verb, tense: str, person: str, negated: bool, inverted: bool) -> tuple[str, list[str]]:
    """Auxiliary, which `not` follows and questions move to the front, and the other words: `does`, [`call`]."""
    auxiliary, main = _english_group(verb, tense, person, negated, inverted)
    return auxiliary, main.split()


def _english_group(verb: Verb, tense: str, person: str, negated: bool, inverted: bool) -> tuple[str, str]:
    if tense == "progressive":
        return _be(person, False), english_progressive(verb.english)
    if tense in ("perfect", "pluperfect"):
        have = "had" if tense == "pluperfect" else "has" if person == "3s" else "have"
        return have, verb.english_participle
    if tense == "future":
        return "will", verb.english
    support = negated or inverted
    if tense in ("present", "past"):
        if verb is BE:
            return _be(person, tense == "past"), ""
        return _do(verb.english, tense == "past", verb.english_past, person, support)
    modal = MODAL[tense]
    if modal.auxiliary and not (negated and tense == "must"):
        return modal.auxiliary, f"{modal.verb if tense != 'must' else ''} {verb.english}".strip()
    past = {"have to": "had to", "want to": "wanted to"}[modal.verb]
    auxiliary, main = _do(modal.verb, modal.past, past, person, support)
    return auxiliary, f"{main} {verb.english}"


def _english_verb(clause: Clause, inverted: bool) -> tuple[Words, Words, Words]:
    """Auxiliary with negation, main verb, and the particle that goes behind the object."""
    person = clause.subject.person
    auxiliary, parts = english_group(clause.verb, clause.tense, person, clause.negated, inverted)
    verb, helper, negation = (clause.link,), (clause.link + 1,), (clause.link + 2,)
    if clause.tense in MODAL:  # can read: two links; want to read: the first two share one
        count = clause.verb.english.count(" ") + 1
        words = [Word(part, helper) for part in parts[:-count]] + [Word(part, verb) for part in parts[-count:]]
    else:
        words = [Word(part, verb) for part in parts]
    two_verbs = clause.tense in ("perfect", "pluperfect", "future") or clause.tense in MODAL
    front = [Word(auxiliary, helper if two_verbs else verb)] if auxiliary else []
    if clause.negated:
        if auxiliary == "can" and not inverted:
            front = [Word("cannot", helper + negation)]
        else:
            front.append(Word("not", negation))
    if clause.particle_last:
        return front, words[:-1], words[-1:]
    return front, words, []


def english_clause(clause: Clause, *, question: bool = False, front: Words | None = None) -> Words:
    """English words of a clause; in a `question` the auxiliary precedes the subject, `front` precedes it all."""
    auxiliary, main, particle = _english_verb(clause, question)
    words = list(front or ())
    subject = clause.subject.english
    if question:
        words += auxiliary[:1] + subject + auxiliary[1:]
    else:
        words += subject + auxiliary
    if clause.frequency:
        words += clause.frequency.english
    words += main
    for phrase in sorted(clause.phrases, key=ENGLISH_RANK):
        words += phrase.english
        if particle and phrase.english_rank == OBJECT:
            words += particle
            particle = []
    return words + particle


def english_infinitive(clause: Clause) -> Words:
    """English words of the infinitive without `to`: help the teacher tomorrow."""
    words = [Word(part, (clause.link,)) for part in clause.verb.english.split()]
    particle = [words.pop()] if clause.particle_last else []
    for phrase in sorted(clause.phrases, key=ENGLISH_RANK):
        words += phrase.english
        if particle and phrase.english_rank == OBJECT:
            words += particle
            particle = []
    return words


# --- German ---


@cache
def german_group(verb: Verb, tense: str, person: str) -> tuple[str, str]:
    """Finite verb without its prefix, and the infinite verb or prefix of the right bracket: `ruft`, `an`."""
    if tense in ("present", "progressive"):
        return german_present(verb, person), verb.prefix
    if tense == "past":
        return german_past(verb, person), verb.prefix
    if tense in ("perfect", "pluperfect"):
        helper = BE if verb.auxiliary == "s" else HABEN
        finite = german_present if tense == "perfect" else german_past
        return finite(helper, person), verb.prefix + verb.participle
    infinitive = verb.prefix + verb.infinitive
    if tense == "future":
        forms = {"1s": "werde", "2s": "wirst", "3s": "wird", "1p": "werden", "3p": "werden"}
        return forms[person], infinitive
    modal = MODAL[tense]
    if person in ("1p", "3p"):
        return modal.german_plural, infinitive
    if person == "2s":
        return modal.german + ("t" if modal.german.endswith("s") else "st"), infinitive
    return modal.german, infinitive


def _middle(clause: Clause, without: Phrase | None = None) -> Words:
    """Middle field behind the subject, in order of rank."""
    phrases = [phrase for phrase in clause.phrases if phrase is not without]
    if clause.frequency:
        phrases.append(clause.frequency)
    if clause.negated and not clause.negation_inside:
        phrases.append(Phrase([], [Word("nicht", (clause.link + 2,), "PART")], NOT, 0))
    return [word for phrase in sorted(phrases, key=RANK) for word in phrase.german]


def _field(clause: Clause, without: Phrase | None = None) -> Words:
    """Middle field with the subject: first, but behind an object pronoun if it is a noun: `folgt ihr der Mann`."""
    subject = clause.subject.german("n")
    if clause.subject.kind in ("pronoun", "name"):
        return subject + _middle(clause, without)
    pronouns = [phrase for phrase in clause.phrases if phrase.rank == PRONOUN]
    if not pronouns:
        return subject + _middle(clause, without)
    rest = replace(clause, phrases=[phrase for phrase in clause.phrases if phrase.rank != PRONOUN])
    return [word for phrase in pronouns for word in phrase.german] + subject + _middle(rest, without)


def _german_verb(clause: Clause) -> tuple[Word, Words]:
    finite, bracket = german_group(clause.verb, clause.tense, clause.subject.person)
    verb = (clause.link,)
    two_verbs = bracket and bracket != clause.verb.prefix
    finite_word = Word(finite, (clause.link + 1,), "AUX") if two_verbs else Word(finite, verb, "VERB")
    return finite_word, [Word(bracket, verb, "VERB" if two_verbs else "PREFIX")] if bracket else []


def german_second(clause: Clause, *, front: Words | Phrase | None = None) -> Words:
    """Main clause, finite verb second.

    `front` is the prefield: one of the clause's phrases, or words (none: a question); else it is the subject.
    """
    finite, bracket = _german_verb(clause)
    if front is None:
        return clause.subject.german("n") + [finite] + _middle(clause) + bracket
    words = front.german if isinstance(front, Phrase) else front
    without = front if isinstance(front, Phrase) else None
    return [*words, finite, *_field(clause, without), *bracket]


def german_last(clause: Clause, *, relative: bool = False) -> Words:
    """Subordinate clause behind its conjunction, finite verb last: `Anna den Lehrer anruft`.

    With `relative` the subject is left out: the relative pronoun stands for it.
    """
    finite, bracket = _german_verb(clause)
    middle = _middle(clause) if relative else _field(clause)
    if bracket and bracket[0].text == clause.verb.prefix:
        return [*middle, Word(bracket[0].text + finite.text, finite.links, "VERB")]
    return [*middle, *bracket, finite]


def german_infinitive(clause: Clause, to: tuple[int, ...]) -> Words:
    """Infinitive with zu, inside a separable verb (anzurufen). `to` are the links of English to."""
    verb = (clause.link,)
    if clause.verb.prefix:
        return _middle(clause) + [Word(f"{clause.verb.prefix}zu{clause.verb.infinitive}", verb + to, "VERB")]
    return _middle(clause) + [Word("zu", to, "PART"), Word(clause.verb.infinitive, verb, "VERB")]
