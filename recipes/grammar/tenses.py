"""English sentences and the tense of their verb, for a classifier.

No verb of the test stands in a tense in which training has it: a model that only remembers forms such as `took` cannot
be right. It has to see that `was` or an ending tells the tense.
"""

import random
from collections.abc import Iterator

from grammar import as_line
from grammar.clauses import MODAL, english_clause
from grammar.sentences import Sentences

__all__ = ["TENSES", "labelled_sentences"]

TENSES = ("future", "modal", "past", "perfect", "present", "progressive")
_DRAWN = ("present", "present", "progressive", "past", "perfect", "future", "can", "must")
_HELD_OUT = 0.1  # share of the pairs (verb, tense) for validation, and for the test


def labelled_sentences(seed: int, **sizes: int) -> dict[str, tuple[list[str], list[str]]]:
    """Sentences and their tenses, none of them twice.

    Args:
        seed: the same seed gives the same sentences.
        sizes: number of sentences of "train", "valid" and "test".

    Returns:
        Name of each part -> (sentences, tenses). No pair of a verb and a tense is in two parts.
    """
    found: dict[str, tuple[list[str], list[str]]] = {part: ([], []) for part in sizes}
    seen: set[str] = set()
    for verb, tense, line in _draw(seed):
        part = _part(seed, verb, tense)
        if line not in seen and len(found[part][0]) < sizes[part]:
            seen.add(line)
            found[part][0].append(line)
            found[part][1].append(tense)
        if all(len(found[part][0]) == size for part, size in sizes.items()):
            return found
    raise AssertionError("the sentences never end")


def _part(seed: int, verb: str, tense: str) -> str:
    """The part of the data to which a verb in a tense belongs."""
    place = random.Random(f"{seed} {verb} {tense}").random()
    return "test" if place < _HELD_OUT else "valid" if place < 2 * _HELD_OUT else "train"


def _draw(seed: int) -> Iterator[tuple[str, str, str]]:
    """Yields verb, tense and sentence; a quarter are questions."""
    sentences = Sentences(random.Random(seed))
    while True:
        is_question = sentences.chance(0.25)
        clause = sentences.clause(tenses=_DRAWN, negation=0.0 if is_question else 0.15, without="never")
        tense = "modal" if clause.tense in MODAL else clause.tense
        line = as_line(english_clause(clause, question=is_question), "?" if is_question else ".")
        yield clause.verb.english, tense, line
