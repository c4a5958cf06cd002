"""Inflection of both languages: word forms from lexicon rows, nothing about sentences.

German cases are the letters `n a d g` (nominative, accusative, dative, genitive); genders are `m f n`, and `p`
stands for the plural, where gender plays no part: four columns by four cases make every declension table below.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property

CASES = "nadg"
GENDERS = "mfnp"


def _table(rows: str) -> dict[tuple[str, str], str]:
    """Reads a declension table: one row a case (n, a, d, g), one column a gender (m, f, n, p)."""
    cells = [row.split() for row in rows.strip().splitlines()]
    return {(CASES[i], GENDERS[j]): cell.strip("-") for i, row in enumerate(cells) for j, cell in enumerate(row)}


DEFINITE = _table("""
    der die das die
    den die das die
    dem der dem den
    des der des der""")
# dieser, jeder, welcher; and the strong adjective, but for its genitive singular.
STRONG = _table("""
    er e  es e
    en e  es e
    em er em en
    es er es er""")
# ein, kein and the possessives: no ending in three places.
EIN = _table("""
    -  e  -  e
    en e  -  e
    em er em en
    es er es er""")
# Adjective after der, dieser, jeder, alle.
WEAK = _table("""
    e  e  e  en
    en e  e  en
    en en en en
    en en en en""")
# Adjective after ein, kein and the possessives.
MIXED = _table("""
    er e  es en
    en e  es en
    en en en en
    en en en en""")
# Adjective without an article (kalte Milch, zwei alte Bücher).
BARE = STRONG | {("g", "m"): "en", ("g", "n"): "en"}
RELATIVE = DEFINITE | {("d", "p"): "denen", ("g", "m"): "dessen", ("g", "n"): "dessen"}
RELATIVE |= {("g", "f"): "deren", ("g", "p"): "deren"}

CONTRACTIONS = {"in dem": "im", "an dem": "am", "bei dem": "beim", "von dem": "vom", "zu dem": "zum"}
CONTRACTIONS |= {"zu der": "zur", "in das": "ins", "an das": "ans"}


@dataclass(frozen=True, eq=False)
class Noun:
    """A noun of both languages; `genitive` is an ending, of all other cases too if `weak`; mass nouns: no plural."""

    english: str
    english_plural: str
    german: str
    gender: str
    german_plural: str | None
    genitive: str
    weak: bool
    classes: frozenset[str] = field(repr=False)

    @cached_property
    def human(self) -> bool:
        """Whether it means a person."""
        return bool(self.classes & {"person", "youth", "kin"})

    @cached_property
    def animal(self) -> bool:
        """Whether it means an animal."""
        return "animal" in self.classes

    @cached_property
    def pronoun(self) -> str | None:
        """English pronoun for this person; none for a neuter, where German would hesitate (das Mädchen ... sie)."""
        return {"m": "he", "f": "she"}.get(self.gender) if self.human else None


@dataclass(frozen=True, eq=False)
class Adjective:
    """An adjective of both languages and the noun classes it goes with."""

    english: str
    german: str
    german_comparative: str
    classes: frozenset[str] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Verb:
    """A verb of both languages with its frame: what it needs beside it, and of which classes."""

    english: str
    english_past: str
    english_participle: str
    prefix: str
    infinitive: str
    present: str
    past: str
    participle: str
    auxiliary: str
    frame: str = "none"
    subjects: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()


# --- German ---


@cache
def german_noun(noun: Noun, case: str, plural: bool) -> str:
    """Form of a German noun: `Kindern` for (Kind, "d", plural), `Jungen` for (Junge, "a", singular)."""
    if plural:
        form = noun.german_plural
        if form is None:
            raise ValueError(f"{noun.german} is a mass noun and has no plural; ask for the singular.")
        return form + "n" if case == "d" and form[-1] not in "ns" else form
    if noun.weak:
        return noun.german if case == "n" else noun.german + noun.genitive
    return noun.german + noun.genitive if case == "g" else noun.german


@cache
def german_adjective(stem: str, ending: str) -> str:
    """Adjective with its ending: teuer loses an e before one (teure), a final e is not doubled (müde)."""
    if not ending:
        return stem
    if stem.endswith("euer"):
        stem = stem[:-2] + "r"
    return stem.removesuffix("e") + ending


def _needs_e(stem: str) -> bool:
    """Whether an e stands between stem and t or st: arbeitet, zeichnet, wartet."""
    return stem[-1] in "td" or stem.endswith("chn") or (stem[-1] in "nm" and stem[-2] not in "aeiouäöülrnmh")


@cache
def german_present(verb: Verb, person: str) -> str:
    """Present tense without the separable prefix. `person` is one of 1s 2s 3s 1p 3p."""
    if verb.infinitive == "sein":
        return {"1s": "bin", "2s": "bist", "3s": "ist"}.get(person, "sind")
    if verb.infinitive == "wissen" and person[1] == "s":
        return "weißt" if person == "2s" else "weiß"
    stem = verb.infinitive.removesuffix("n").removesuffix("e")
    if person in ("1p", "3p"):
        return verb.infinitive
    if person == "1s":
        return stem + "e"
    if person == "3s":
        return verb.present
    second = verb.present[:-1]
    return second + ("t" if second[-1] in "sßzx" else "st")


@cache
def german_past(verb: Verb, person: str) -> str:
    """Simple past (Präteritum) without the separable prefix."""
    if person in ("1s", "3s"):
        return verb.past
    if person == "2s":
        return verb.past + "st"
    return verb.past + ("n" if verb.past.endswith("e") else "en")


def german_verb(infinitive: str, auxiliary: str) -> dict[str, str]:
    """Fields of a `Verb` from its lexicon column: `an|rufen/ruft/rief/gerufen`, or `kaufen` if regular."""
    prefix, _, rest = infinitive.rpartition("|")
    infinitive, *forms = rest.split("/")
    if not forms:
        stem = infinitive.removesuffix("n").removesuffix("e")
        middle = "e" if _needs_e(stem) else ""
        forms = [f"{stem}{middle}t", f"{stem}{middle}te", f"ge{stem}{middle}t"]
    present, past, participle = forms
    names = ("prefix", "infinitive", "present", "past", "participle", "auxiliary")
    return dict(zip(names, (prefix, infinitive, present, past, participle, auxiliary), strict=True))


# --- English ---

VOWELS = "aeiou"
_DOUBLING = ("forget", "travel")


def english_plural(word: str) -> str:
    """Regular plural: stories, buses, potatoes, books."""
    if word.endswith("y") and word[-2] not in VOWELS:
        return word[:-1] + "ies"
    if word in ("potato", "tomato") or word.endswith(("s", "x", "ch", "sh")):
        return word + "es"
    return word + "s"


def _doubled(word: str) -> str:
    """The word with its last consonant doubled where English does so before -ed, -ing and -er: sitting, bigger."""
    short = sum(letter in VOWELS for letter in word) == 1
    closed = len(word) > 2 and word[-1] not in VOWELS + "wxy" and word[-2] in VOWELS
    return word + word[-1] if (short and closed) or word in _DOUBLING else word


def _first(phrase: str, change: Callable[[str], str]) -> str:
    """Applies `change` to the first word of a verb such as "fall asleep"."""
    word, *rest = phrase.split()
    return " ".join([change(word), *rest])


@cache
def english_third(phrase: str) -> str:
    """Third person singular present: has, goes, cries, washes, reads."""
    special = {"have": "has", "go": "goes"}
    return _first(phrase, lambda word: special.get(word) or english_plural(word))


@cache
def english_progressive(phrase: str) -> str:
    """Present participle: sitting, writing, falling asleep."""
    if phrase == "lie":
        return "lying"
    return _first(phrase, lambda word: (word[:-1] if word.endswith("e") else _doubled(word)) + "ing")


def english_past(phrase: str) -> str:
    """Regular past and participle: worked, loved, cried, travelled."""

    def past(word: str) -> str:
        if word.endswith("y") and word[-2] not in VOWELS:
            return word[:-1] + "ied"
        return word + "d" if word.endswith("e") else _doubled(word) + "ed"

    return _first(phrase, past)


def english_comparative(word: str) -> str:
    """Comparative: bigger, friendlier, more interesting."""
    if word.endswith("y"):
        return word[:-1] + "ier"
    if word in ("polite", "famous", "expensive", "beautiful", "interesting", "boring", "important"):
        return "more " + word
    return word + "r" if word.endswith("e") else _doubled(word) + "er"


def article(word: str) -> str:
    """The indefinite article before `word`: an apple, a university."""
    return "an" if word[0] in VOWELS and not word.startswith("uni") else "a"
