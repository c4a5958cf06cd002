"""The embedded English-German corpus: a synchronous grammar that writes both sentences at once.

It writes correct German and English with the phenomena that make this pair hard: gender, case, adjective endings,
separable verbs, verb-second and verb-final clauses, kein and nicht. Every English sentence has exactly one translation,
which follows from the English alone: `you` is `du`, simple past is Präteritum, perfect is Perfekt. The same seed gives
the same sentences on every machine. `python -m grammar`, run in the folder `recipes`, prints figures of the corpus.

`lexicon` holds the words, `morphology` makes their forms, and `words` joins the two. `phrases` and `clauses` know the
word order of both languages. `drawing`, `adverbials`, `sampler`, `simple`, `subordinate` and `sentences` draw ever
larger parts of a sentence at random. `measure` takes the figures.
"""

import random
from collections.abc import Iterator
from typing import NamedTuple

from grammar.phrases import Words
from grammar.sentences import Sentences

__all__ = ["Split", "corpus", "sentence_pairs"]


class Split(NamedTuple):
    """Parallel lines: source line i is English, target line i its German translation."""

    source_lines: list[str]
    target_lines: list[str]


class Pair(NamedTuple):
    """A sentence pair: its lines, and its words with the links by which they are aligned."""

    english: str
    german: str
    english_words: Words
    german_words: Words


def as_line(words: Words, end: str) -> str:
    """Words as a line: capital at the start, commas attached, punctuation at the end."""
    text = " ".join([word.text for word in words]).replace(" ,", ",")
    return text[0].upper() + text[1:] + end


def draw(count: int, seed: int) -> Iterator[Pair]:
    """Yields distinct pairs with their words; `sentence_pairs` without the lists."""
    sentences = Sentences(random.Random(seed))
    seen_english: set[str] = set()
    seen_german: set[str] = set()
    rejected = 0
    while len(seen_english) < count:
        sentence = sentences.sentence()
        if sentence is None:
            continue
        english_words, german_words, end = sentence
        english, german = as_line(english_words, end), as_line(german_words, end)
        if english in seen_english or german in seen_german:
            rejected += 1
            if rejected > 100 * count + 10_000:
                found = len(seen_english)
                raise ValueError(f"The grammar found {found} distinct pairs, {count} were asked for; ask for fewer.")
            continue
        seen_english.add(english)
        seen_german.add(german)
        yield Pair(english, german, english_words, german_words)


def sentence_pairs(count: int, *, seed: int) -> list[tuple[str, str]]:
    """Distinct (English, German) sentence pairs; no English and no German sentence occurs twice.

    Args:
        count: number of pairs.
        seed: same seed, same pairs, in the same order; a larger count only adds pairs at the end.

    Raises:
        ValueError: the grammar cannot produce that many distinct pairs.
    """
    return [(pair.english, pair.german) for pair in draw(count, seed)]


def corpus(seed: int = 1, *, train: int = 30_000, valid: int = 500, test: int = 500) -> dict[str, Split]:
    """The embedded corpus. Held-out lines are never seen in training, on either side.

    Args:
        seed: of the sentences; validation and test come first, so they stay the same whatever `train` is.
        train, valid, test: numbers of pairs.

    Returns:
        `{"train": Split, "valid": Split, "test": Split}`.

    Example:
        >>> {name: len(split.source_lines) for name, split in corpus(train=3, valid=2, test=1).items()}
        {'train': 3, 'valid': 2, 'test': 1}
    """
    pairs = sentence_pairs(train + valid + test, seed=seed)
    ends = {"valid": (0, valid), "test": (valid, valid + test), "train": (valid + test, len(pairs))}
    return {
        name: Split([english for english, _ in pairs[start:end]], [german for _, german in pairs[start:end]])
        for name, (start, end) in ((name, ends[name]) for name in ("train", "valid", "test"))
    }
