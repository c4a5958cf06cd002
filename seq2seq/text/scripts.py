"""Letters of scripts without spaces between words, and the Chinese ones among them."""

import unicodedata

__all__ = ["is_han", "is_unspaced"]

# First words of the Unicode names of letters in scripts without spaces between words: scripts whose lines break between
# any two characters or by a dictionary (Unicode Standard Annex 14, classes ID and SA), and a few historic ones.
_HAN = ("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH")
_UNSPACED = (
    *_HAN,
    *("IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "BOPOMOFO", "YI ", "TANGUT", "NUSHU", "KHITAN"),
    *("THAI ", "LAO ", "KHMER ", "MYANMAR ", "TAI ", "NEW TAI LUE", "AHOM", "TIBETAN", "JAVANESE", "BALINESE"),
    *("CUNEIFORM", "EGYPTIAN HIEROGLYPH"),
)


def is_unspaced(letter: str) -> bool:
    """Whether a character is a letter of a script without spaces between words."""
    return unicodedata.name(letter, "").startswith(_UNSPACED)


def is_han(letter: str) -> bool:
    """Whether a character is Chinese."""
    return unicodedata.name(letter, "").startswith(_HAN)
