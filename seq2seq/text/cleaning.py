"""Cleaning of text before it is cut into pieces: blanks, control and format characters, Unicode NFKC.

Every Unicode blank becomes a space, runs of spaces become one, and lines neither begin nor end with a space. Invisible
characters without a meaning in any script are removed. Those with a meaning stay: the joiners that Persian, Indic
scripts and emoji need, variation selectors, number signs of Arabic, the tags of flags.

The SentencePiece model contains these rules, so the `.model` file alone treats training, validation and translation
alike.
"""

import collections
import functools
import itertools
import re
import unicodedata

import sentencepiece
from sentencepiece import sentencepiece_model_pb2

__all__ = ["NORMALIZATIONS", "clean", "is_text", "normalization_of", "normalizer_spec"]

NORMALIZATIONS = ("identity", "nfkc")

_SURROGATE = re.compile("[\ud800-\udfff]")
_NAME = "seq2seq_"  # the name of these rules in a model begins with it
# White_Space of the Unicode Character Database; U+001C to U+001F, at which Python splits too; U+2581, SentencePiece's
# sign for a space.
_BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\u2581" + "".join(
    map(chr, range(0x2000, 0x200B))
)
# Format characters (Cf) that only lay out text: soft hyphen, zero-width space, marks of direction, invisible operators,
# byte order mark, annotations.
_FORMATS = (0xAD, 0x61C, 0x200B, 0x200E, 0x200F, 0xFEFF, 0xE0001)
_FORMAT_RANGES = (range(0x202A, 0x202F), range(0x2060, 0x2065), range(0x2066, 0x2070), range(0xFFF9, 0xFFFC))
_CONTROLS = (range(0x00, 0x20), range(0x7F, 0xA0))  # Cc; the blanks among them become spaces

_TABLE = {
    **dict.fromkeys(itertools.chain(_FORMATS, *_FORMAT_RANGES, *_CONTROLS), ""),
    **{ord(blank): " " for blank in _BLANKS},
}


def clean(line: str, normalization: str = "identity") -> str:
    """The line, cleaned by the rules above.

    Args:
        line: text without half surrogate pairs.
        normalization: "identity", or "nfkc" for Unicode NFKC as well.

    Example:
        >>> clean(" a\\u00a0 b\\u200b\\tc\\x07")
        'a b c'
    """
    return _normalizer(normalization).Normalize(line.replace("\0", ""))


def is_text(line: str) -> bool:
    """Whether a string can be written as UTF-8, because it holds no half of a surrogate pair."""
    return line.isascii() or _SURROGATE.search(line) is None


def normalizer_spec(normalization: str) -> sentencepiece_model_pb2.NormalizerSpec:
    """The rules as a SentencePiece model stores them, but for NUL, which their table cannot hold."""
    spec = sentencepiece_model_pb2.NormalizerSpec.FromString(_normalizer(normalization).serialized_normalizer_spec())
    spec.name = _NAME + normalization
    spec.add_dummy_prefix = spec.escape_whitespaces = True  # SentencePiece's marks for spaces
    return spec


def normalization_of(spec: sentencepiece_model_pb2.NormalizerSpec) -> str | None:
    """The normalization whose rules a model contains; None for a model of an old run, which has other rules."""
    return spec.name.removeprefix(_NAME) if spec.name.startswith(_NAME) else None


@functools.cache  # NFKC takes a second
def _normalizer(normalization: str) -> sentencepiece.SentencePieceNormalizer:
    """The normalizer with these rules. At each place it applies the rule that matches most characters."""
    sentencepiece.set_min_log_level(2)  # errors only; it would print the size of its table
    rules = _nfkc() if normalization == "nfkc" else {}
    rules = {old: new.translate(_TABLE) for old, new in rules.items()}
    rules |= {chr(code): new for code, new in _TABLE.items() if code}
    options = {"add_dummy_prefix": False, "escape_whitespaces": False, "remove_extra_whitespaces": True}
    return sentencepiece.SentencePieceNormalizer(norm_map=sorted(rules.items()), **options)


def _nfkc() -> dict[str, str]:
    """SentencePiece's own rules for NFKC, and rules that it lacks, for unusual spellings of letters with marks.

    No table can hold all of NFKC, because NFKC sorts any number of marks. Marks that form no composed letter keep their
    order.
    """
    nfkc = sentencepiece.SentencePieceNormalizer(
        rule_name="nfkc", add_dummy_prefix=False, escape_whitespaces=False, remove_extra_whitespaces=False
    )
    normal = {spelling: unicodedata.normalize("NFKC", spelling) for spelling in _spellings()}
    return dict(nfkc.Decompile()) | {old: new for old, new in normal.items() if nfkc.Normalize(old) != new}


def _spellings() -> set[str]:
    """Letters with their marks in every order, each with the letter and the first marks composed or not.

    Vietnamese keyboards write U+00E2 U+0323 for U+1EAD, Yoruba ones U+00F3 U+0323 for U+1ECD U+0301.
    """
    composed, marks = [], collections.defaultdict(set)
    for character in map(chr, itertools.chain(range(0xA0, 0xD800), range(0xF900, 0x30000))):
        letter, *parts = unicodedata.normalize("NFD", character)
        if parts and unicodedata.normalize("NFC", character) == character:
            composed.append((letter, parts))
            marks[letter].update(filter(unicodedata.combining, parts))  # those that Unicode puts in order
    pairs = [(letter, pair) for letter in marks for pair in itertools.combinations(marks[letter], 2)]
    spellings = set()
    for letter, parts in composed + pairs:
        for order in itertools.permutations(parts):
            for cut in range(len(order)):
                begin, rest = "".join(order[:cut]), "".join(order[cut:])
                spellings.add(unicodedata.normalize("NFC", letter + begin) + rest)
    return spellings
