"""The embedded English-German corpus: a synchronous grammar that writes both sentences at once.

Correct German and English with what makes the pair hard: gender, case, adjective endings, separable verbs, verb-second
and verb-final clauses, kein and nicht. Every English sentence has exactly one translation, and all that decides it
stands in the English: `you` is `du`, simple past is Präteritum, perfect is Perfekt. The same seed gives the same
sentences on every machine. `python -m seq2seq.text.grammar` prints its figures.

`lexicon` holds the words, `morphology` their forms, `phrases` and `clauses` the order of both languages, `sampler`
and `sentences` choose what is said, `measure` takes the figures.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from seq2seq.text.grammar.phrases import Words
from seq2seq.text.grammar.sentences import Sentences

__all__ = ["Split", "aligned_pairs", "corpus", "sentence_pairs"]


class Split(NamedTuple):
    """Parallel lines: source line i is English, target line i its German translation."""

    source_lines: list[str]
    target_lines: list[str]


def _line(words: Words, end: str) -> str:
    """Words as a line: capital at the start, commas attached, punctuation at the end."""
    text = " ".join(word.text for word in words).replace(" ,", ",")
    return text[0].upper() + text[1:] + end


def _draw(count: int, seed: int):
    """Yields (English line, German line, English words, German words), no line of either language twice."""
    sentences = Sentences(random.Random(seed))
    seen_english: set[str] = set()
    seen_german: set[str] = set()
    rejected = 0
    while len(seen_english) < count:
        english, german, end = sentences.sentence()
        lines = _line(english, end), _line(german, end)
        if lines[0] in seen_english or lines[1] in seen_german:
            rejected += 1
            if rejected > 100 * count + 10_000:
                raise ValueError(
                    f"The grammar found only {len(seen_english)} distinct pairs, {count} asked for; ask for fewer."
                )
            continue
        seen_english.add(lines[0])
        seen_german.add(lines[1])
        yield *lines, english, german


def sentence_pairs(count: int, *, seed: int) -> list[tuple[str, str]]:
    """Distinct (English, German) sentence pairs; no English and no German sentence occurs twice.

    Args:
        count: number of pairs.
        seed: same seed, same pairs, in the same order; a larger count only adds pairs at the end.

    Raises:
        ValueError: the grammar cannot produce that many distinct pairs.
    """
    return [(english, german) for english, german, _, _ in _draw(count, seed)]


def aligned_pairs(count: int, *, seed: int) -> list[tuple[Words, Words]]:
    """The words of the pairs that `sentence_pairs` returns, with the links by which they are aligned."""
    return [(english, german) for _, _, english, german in _draw(count, seed)]


def corpus(seed: int = 1, *, train: int = 30_000, valid: int = 500, test: int = 500) -> dict[str, Split]:
    """The embedded corpus: held-out lines are never seen in training, on either side.

    Returns:
        `{"train": Split, "valid": Split, "test": Split}` of that many pairs each.

    Example:
        >>> corpus(train=2, valid=1, test=1)["train"].source_lines  # doctest: +SKIP
    """
    pairs = sentence_pairs(train + valid + test, seed=seed)
    splits, start = {}, 0
    for name, size in (("valid", valid), ("test", test), ("train", train)):
        part = pairs[start : start + size]
        splits[name] = Split([english for english, _ in part], [german for _, german in part])
        start += size
    return {name: splits[name] for name in ("train", "valid", "test")}
