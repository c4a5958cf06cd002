"""German sentences with the part of speech, case and gender of each word, for a tagger.

Some nouns are held out: no word of their kind occurs in training, and each sentence of the test has one. So their case
and gender have to be seen from the words around them. Gender is m, f or n, and p for the plural.
"""

import random
from collections.abc import Iterator

from grammar import as_line, draw, lexicon
from grammar import words as lexis
from grammar.phrases import Word

__all__ = ["tag_of", "tagged_sentences"]

_HELD_OUT = 0.1  # share of the nouns for validation, and for the test
_CLOSED = {
    "PUNCT": ", . ?",
    "ADP": "am im in um vor",
    "ADJ": "nächste nächstes letzte letztes",
    "DET": "jeden",
    "CCONJ": "und aber",
    "NUM": " ".join(lexicon.NUMBERS[1::2]),
}
_TAGS = {word: tag for tag, words in _CLOSED.items() for word in words.split()}


def tag_of(word: Word) -> str:
    """The tag of a German word: the one it was drawn with, or that of a word which always has the same."""
    known = word.tag or _TAGS.get(word.text)
    return known or ("NOUN" if word.text[0].isupper() else "ADV")


def tagged_sentences(seed: int, **sizes: int) -> dict[str, tuple[list[str], list[str]]]:
    """Sentences and the tags of their words, with blanks between words and between tags.

    Args:
        seed: the same seed gives the same sentences.
        sizes: number of sentences of "train", "valid" and "test".

    Returns:
        Name of each part -> (sentences, tags).
    """
    found: dict[str, tuple[list[str], list[str]]] = {part: ([], []) for part in sizes}
    part_of = _parts_of_nouns(seed)
    for words, tags in _draw(seed):
        parts = {part_of.get(word, "train") for word, tag in zip(words, tags, strict=True) if tag.startswith("NOUN")}
        held_out = parts - {"train"}
        part = held_out.pop() if held_out else "train"
        if not held_out and len(found[part][0]) < sizes[part]:  # with nouns of one part alone
            found[part][0].append(" ".join(words))
            found[part][1].append(" ".join(tags))
        if all(len(found[part][0]) == size for part, size in sizes.items()):
            return found
    raise AssertionError("the sentences never end")


def _parts_of_nouns(seed: int) -> dict[str, str]:
    """Each form of a held-out noun -> the part of the data that has it."""
    nouns = sorted({noun.german for noun in lexis.NOUNS})
    random.Random(seed).shuffle(nouns)
    count = int(_HELD_OUT * len(nouns))
    parts = dict.fromkeys(nouns[:count], "valid") | dict.fromkeys(nouns[count : 2 * count], "test")
    forms = {}
    for noun in lexis.NOUNS:
        if noun.german in parts:
            plural = noun.german_plural or noun.german
            for form in (noun.german, noun.german + noun.genitive, plural, plural + "n"):
                forms[form] = parts[noun.german]
    return forms


def _draw(seed: int) -> Iterator[tuple[list[str], list[str]]]:
    """Yields the words and the tags of a sentence."""
    for pair in draw(10**9, seed):
        line = as_line(pair.german_words, "")
        end = pair.german[len(line) :]
        words = [Word(part, (), word.tag) for word in pair.german_words for part in word.text.split()]
        texts = [line.split()[0], *(word.text for word in words[1:]), end]  # the first one with a capital
        yield texts, [*(tag_of(word) for word in words), "PUNCT"]
