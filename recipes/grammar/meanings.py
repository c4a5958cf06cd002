"""Sentences with their meaning: what is said of whom, as named values of a few groups."""

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from grammar import as_line
from grammar.clauses import Clause, english_clause, german_second
from grammar.phrases import Words
from grammar.sentences import Sentences

__all__ = ["Described", "described", "names_of", "vector_lines"]


class Described(NamedTuple):
    """A sentence in both languages, and its meaning: group -> value, such as "tense" -> "past"."""

    meaning: Mapping[str, str]
    english: str
    german: str


def described(count: int, *, seed: int) -> list[Described]:
    """Sentences of one clause, no two of the same meaning or text."""
    sentences, seen = Sentences(random.Random(seed)), set()
    found: list[Described] = []
    while len(found) < count:
        clause = sentences.clause(adverbials=0.0)
        is_question = not clause.negated and clause.subject.person[0] == "3" and sentences.chance(0.3)
        if len(clause.phrases) > 1:
            continue
        one = _described(clause, is_question)
        keys = {tuple(one.meaning.items()), one.english, one.german}
        if keys.isdisjoint(seen):
            seen |= keys
            found.append(one)
    return found


def _described(clause: Clause, is_question: bool) -> Described:
    meaning = {"kind": "question" if is_question else "statement", "tense": clause.tense}
    meaning |= {"negation": "not" if clause.negated else "no", "verb": clause.verb.english}
    meaning |= dict(_phrase("subject", clause.subject.english))
    for phrase in clause.phrases:
        meaning |= dict(_phrase("object", phrase.english))
    english = english_clause(clause, question=is_question)
    german = german_second(clause, front=[]) if is_question else german_second(clause)
    end = "?" if is_question else "."
    return Described(meaning, as_line(english, end), as_line(german, end))


def _phrase(role: str, words: Words) -> Iterator[tuple[str, str]]:
    """The head of a phrase, its first word and what stands between them."""
    *before, head = [word.text for word in words]
    yield f"{role}.head", head
    if before:
        yield f"{role}.first", before[0]
    if before[1:]:
        yield f"{role}.between", "_".join(before[1:])  # a name holds no blank


def names_of(sentences: Sequence[Described]) -> list[str]:
    """The names of all features, `group=value`, sorted."""
    return sorted({f"{group}={value}" for one in sentences for group, value in one.meaning.items()})


def vector_lines(sentences: Sequence[Described], names: Sequence[str]) -> list[str]:
    """The meanings as lines of numbers: 1 for each feature that a sentence has, 0 for the others."""
    place = {name: number for number, name in enumerate(names)}
    lines = []
    for one in sentences:
        numbers = ["0"] * len(names)
        for group, value in one.meaning.items():
            numbers[place[f"{group}={value}"]] = "1"
        lines.append(" ".join(numbers))
    return lines
