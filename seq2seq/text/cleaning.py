"""How text is cleaned before it is cut into pieces: blanks, control and format characters, Unicode NFKC.

The rules stand in the SentencePiece model itself, so that the `.model` alone treats training, validation and
translation alike. Every Unicode blank is a space, runs of spaces are one, and none stands at the ends. Characters that
nobody sees and that carry no meaning in any script go. Those that do carry meaning stay: the joiners that Persian,
Indic scripts and emoji need, variation selectors, number signs of Arabic, the tags of flags.
"""

import functools
import itertools
import unicodedata

__all__ = ["NORMALIZATIONS", "clean", "normalization_rules"]

NORMALIZATIONS = ("identity", "nfkc")

# White_Space of the Unicode Character Database; U+001C to U+001F, at which Python splits as well; U+2581, the space of
# SentencePiece.
_BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\u2581" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# Format characters (Cf) that only say how text is laid out: soft hyphen, zero-width space, marks of direction,
# invisible operators, byte order mark, annotations.
_FORMATS = (0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0xFEFF, 0xE0001)
_FORMAT_RANGES = (range(0x202A, 0x202F), range(0x2060, 0x2065), range(0x2066, 0x2070), range(0xFFF9, 0xFFFC))
_CONTROLS = (range(0x00, 0x20), range(0x7F, 0xA0))  # Cc; those that are blanks become spaces

_TABLE = {
    **dict.fromkeys(itertools.chain(_FORMATS, *_FORMAT_RANGES, *_CONTROLS), ""),
    **{ord(blank): " " for blank in _BLANKS},
}


def clean(line: str, normalization: str = "identity") -> str:
    """A line as the pieces of a vocabulary see it.

    Example:
        >>> clean(" a\\u00a0 b\\u200b\\tc\\x07")
        'a b c'
    """
    if normalization == "nfkc":
        line = unicodedata.normalize("NFKC", line)
    if not (line.isascii() and line.isprintable()):
        line = line.translate(_TABLE)
    return " ".join(filter(None, line.split(" ")))


@functools.cache
def normalization_rules(normalization: str) -> str:
    """The rules as SentencePiece reads them: a line each, code points in hexadecimal, a tab, what becomes of them.

    SentencePiece replaces the longest match at each place. NUL is not among them, for its table cannot hold it.
    """
    rules = {chr(code): text for code, text in _TABLE.items() if code}
    if normalization == "nfkc":
        rules = {**_nfkc(), **rules}
    return "".join(f"{_hexadecimal(old)}\t{_hexadecimal(new)}\n" for old, new in sorted(rules.items()))


def _nfkc() -> dict[str, str]:
    """Characters and sequences that NFKC changes -> what it makes of them, cleaned."""
    rules = {}
    for character in map(chr, itertools.chain(range(1, 0xD800), range(0xE000, 0x110000))):
        normal = unicodedata.normalize("NFKC", character)
        if normal != character:
            rules[character] = normal.translate(_TABLE)
            continue
        parts = unicodedata.normalize("NFD", character)
        if parts != character:  # letters with marks, and syllables of Hangul, come in pieces too
            rules |= dict.fromkeys(_spellings(character, parts), character)
    return rules


def _spellings(character: str, parts: str) -> set[str]:
    """The sequences that NFC makes one character of: all parts in any order that it puts right, or one step of them."""
    base, *marks = parts
    spellings = {base + "".join(order) for order in itertools.permutations(marks)}
    one_step = unicodedata.decomposition(character)
    if one_step:
        spellings.add("".join(chr(int(code, 16)) for code in one_step.split()))
    elif len(parts) == 3:  # Hangul: a syllable of two, and a final consonant
        spellings.add(unicodedata.normalize("NFC", parts[:2]) + parts[2])
    return {spelling for spelling in spellings if unicodedata.normalize("NFC", spelling) == character}


def _hexadecimal(text: str) -> str:
    return " ".join(f"{ord(character):X}" for character in text)
