"""The words of the embedded corpus, as plain tables: change a row here and the corpus changes.

A row holds all that a sentence needs to know of a word: the irregular forms of both languages, and the *classes* that
keep sentences sensible (one eats food, wears clothes, waits for a bus). `morphology` makes the regular forms. English
spelling is British. Each English word has one German translation *in its role*: `know` is `kennen` with an object and
`wissen` with a clause; `the teacher` is always `der Lehrer`, but `she is a teacher` is `Lehrerin`. `you` is always the
familiar singular `du`.

The tables are text, because people read a lexicon. `|` or runs of spaces separate the columns.
"""

from grammar.lexicon.adjectives import ADJECTIVES
from grammar.lexicon.nouns import FEMININE, GROUPS, NOUNS
from grammar.lexicon.small_words import (
    CITIES,
    CONJUNCTIONS,
    FREQUENCY,
    MONTHS,
    NAMES,
    NUMBERS,
    POSSESSIVES,
    PRONOUNS,
    SEASONS,
    TIMES,
    WEEKDAYS,
)
from grammar.lexicon.verbs import CLAUSE_VERBS, MODALS, VERBS, WEATHER

__all__ = [
    "ADJECTIVES",
    "CITIES",
    "CLAUSE_VERBS",
    "CONJUNCTIONS",
    "FEMININE",
    "FREQUENCY",
    "GROUPS",
    "MODALS",
    "MONTHS",
    "NAMES",
    "NOUNS",
    "NUMBERS",
    "POSSESSIVES",
    "PRONOUNS",
    "SEASONS",
    "TIMES",
    "VERBS",
    "WEATHER",
    "WEEKDAYS",
]
