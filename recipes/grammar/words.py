"""The lexicon's tables as objects: nouns by class, adjectives by noun, verbs by frame."""

from collections.abc import Iterator

from grammar import lexicon
from grammar.morphology import Adjective, Noun, Verb, english_past, english_plural, german_verb
from grammar.phrases import Preposition, Pronoun


def _rows(table: str, separator: str | None = None) -> Iterator[list[str]]:
    for line in table.strip().splitlines():
        if line.strip():
            yield [cell.strip() for cell in line.split(separator)]


def _pairs(words: list[str]) -> list[tuple[str, str]]:
    """Alternating English and German words as pairs."""
    return list(zip(words[::2], words[1::2], strict=True))


def _noun(row: list[str]) -> Noun:
    english, german, gender, german_plural, genitive, *classes = row
    english, _, plural = english.partition("/")
    weak = genitive.startswith("*")
    return Noun(
        english,
        plural or english_plural(english),
        german,
        gender,
        None if german_plural == "-" else german_plural,
        genitive.strip("*-"),
        weak,
        frozenset(classes),
    )


def _adjective(row: list[str]) -> Adjective:
    english, german, *classes = row
    german, _, comparative = german.partition("/")
    return Adjective(english, german, comparative or german + "er", frozenset(classes))


def expand(classes: str) -> tuple[str, ...]:
    """Class names with groups spelt out: "human" is person, youth and kin."""
    return tuple(name for word in classes.split() for name in lexicon.GROUPS.get(word, (word,)))


def _verb(row: list[str]) -> Verb:
    english, german, auxiliary, frame, subjects, *rest = row
    objects, flags = [*rest, "", ""][:2]
    if len(rest) == 1:
        objects, flags = "", rest[0]
    base, *forms = english.split("/")
    past, participle = forms or (english_past(base), english_past(base))
    german_forms = german_verb(german, auxiliary)
    return Verb(
        base, past, participle, **german_forms, frame=frame, subjects=expand(subjects), objects=expand(objects),
        flags=frozenset(flags.split()),
    )  # fmt: skip


NOUNS = [_noun(row) for row in _rows(lexicon.NOUNS)]
ADJECTIVES = [_adjective(row) for row in _rows(lexicon.ADJECTIVES)]
VERBS = [_verb(row) for row in _rows(lexicon.VERBS, " |")]
CLAUSE_VERBS = [_verb(row) for row in _rows(lexicon.CLAUSE_VERBS, " |")]
WEATHER = [
    Verb(base, english_past(base), english_past(base), **german_verb(german, "h"))
    for base, german in (cell.split() for cell in lexicon.WEATHER.split("|"))
]
NAMES = [tuple(cell.split()) for row in _rows(lexicon.NAMES, "|") for cell in row]
CITIES = [tuple(cell.split()) for row in _rows(lexicon.CITIES, "|") for cell in row]
TIMES = [tuple(row) for row in _rows(lexicon.TIMES, "|")]
FREQUENCY = _pairs(lexicon.FREQUENCY)
WEEKDAYS, MONTHS, SEASONS = (_pairs(words) for words in (lexicon.WEEKDAYS, lexicon.MONTHS, lexicon.SEASONS))
NUMBERS = _pairs(lexicon.NUMBERS)
CONJUNCTIONS = [tuple(cell.split()) for row in _rows(lexicon.CONJUNCTIONS, "|") for cell in row]

PRONOUNS = {}
for _line in lexicon.PRONOUNS.replace("|", "\n").strip().splitlines():
    _english, _object, _n, _a, _d, _person = _line.split()
    PRONOUNS[_english] = Pronoun(_english, _object, {"n": _n, "a": _a, "d": _d}, _person)
WHO = Pronoun("who", "whom", {"n": "wer", "a": "wen", "d": "wem"}, "3s")
WHAT = Pronoun("what", "what", {"n": "was", "a": "was"}, "3s")

NOUNS_BY_CLASS: dict[str, list[Noun]] = {}
for _item in NOUNS:
    for _name in sorted(_item.classes):
        NOUNS_BY_CLASS.setdefault(_name, []).append(_item)
ADJECTIVES_OF: dict[Noun, list[Adjective]] = {
    noun: [adjective for adjective in ADJECTIVES if adjective.classes & noun.classes] for noun in NOUNS
}
MOODS = [adjective for adjective in ADJECTIVES if "mood" in adjective.classes]


def nouns_of(classes: tuple[str, ...]) -> list[Noun]:
    """All nouns of these classes, each once, in the order of the lexicon."""
    return list(dict.fromkeys(noun for name in classes for noun in NOUNS_BY_CLASS[name]))


def preposition(frame: str) -> Preposition:
    """Preposition of a verb's frame: `for>auf+acc`."""
    english, _, german = frame.partition(">")
    german, _, case = german.partition("+")
    return Preposition(english, german, case[0])


# Each verb as often as its weight says.
WEIGHTED_VERBS = [
    verb for verb in VERBS for _ in range(max([int(flag[1:]) for flag in verb.flags if flag[0] == "x"], default=1))
]
