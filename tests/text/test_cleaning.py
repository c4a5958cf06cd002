"""Blanks and invisible characters change no translation: the rules stand in the SentencePiece model itself."""

import unicodedata

import pytest
import sentencepiece

from seq2seq.text.cleaning import clean
from seq2seq.text.tokenizer import Tokenizer

TEXT = ["Ein Mann reitet.", "Zwei Hunde laufen durch den Schnee.", "می\u200cخواهم", "👩\u200d🌾 ☎\ufe0f"] * 5
BLANKS = [c for c in map(chr, range(0x11000)) if c.isspace()]  # Python's: White_Space, and U+001C to U+001F
DIRTY = {
    "leading space": " Zwei Hunde",
    "trailing spaces": "Zwei Hunde  ",
    "run of spaces": "Zwei     Hunde",
    "leading tab": "\tZwei Hunde",
    "no-break space": "Zwei\u00a0Hunde",
    "narrow no-break space": "Zwei\u202fHunde",
    "ideographic space": "\u3000Zwei\u3000Hunde\u3000",
    "line separator": "Zwei\u2028Hunde",
    "SentencePiece's space": "\u2581Zwei\u2581Hunde",
    "carriage return": "Zwei Hunde\r",
    "zero-width space": "Zwei\u200b Hun\u200bde",
    "soft hyphen": "Zwei Hun\u00adde",
    "byte order mark": "\ufeffZwei \ufeffHunde",
    "word joiner": "Zwei\u2060 Hunde",
    "direction": "\u200eZwei \u202aHunde\u202c",
    "controls": "Zwei\x00 \x07Hunde\x1b\x7f\x9c",
    "all of it": "\u00a0\u200b\x01 \t Zwei \u2003\u2009\u00ad Hun\x00de \ufeff",
}


@pytest.fixture(
    scope="module",
    params=[("unigram", "identity"), ("unigram", "nfkc"), ("bpe", "identity"), ("char", "identity"), ("word", "nfkc")],
    ids="-".join,
)
def tokenizer(request):
    kind, normalization = request.param
    return Tokenizer.train(TEXT, kind=kind, vocab_size=20 if kind == "word" else 330, normalization=normalization)


def test_dirty_lines_get_the_ids_of_the_clean_line(tokenizer):
    assert {name: clean(line) for name, line in DIRTY.items()} == dict.fromkeys(DIRTY, "Zwei Hunde")
    lines = [*DIRTY.values(), *(f"Zwei{blank}Hunde" for blank in BLANKS)]
    assert tokenizer.encode(lines) == tokenizer.encode(["Zwei Hunde"]) * len(lines)


def test_the_model_alone_cleans(tokenizer):
    """The .model file is enough for everything but NUL, for which SentencePiece can have no rule."""
    alone = sentencepiece.SentencePieceProcessor(model_proto=tokenizer.model)
    lines = [line.replace("\0", "") for line in DIRTY.values()]
    assert alone.encode(lines) == tokenizer.encode(["Zwei Hunde"]) * len(lines)


def test_a_line_of_invisible_characters_is_blank(tokenizer):
    assert tokenizer.encode(["\u200b", " \u00ad\t", "\ufeff", "\x00", ""]) == [[]] * 5


def test_characters_with_a_meaning_stay():
    lines = [
        "می\u200cخواهم",  # zero-width non-joiner: Persian
        "क्\u200dष",  # zero-width joiner: Devanagari
        "👩\u200d👩\u200d👧",  # and a family
        "☎\ufe0f und ☎\ufe0e",  # variation selectors
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # tags: the flag of Scotland
        "ᠠ\u180eᠠ",  # Mongolian vowel separator
        "\u0601123",  # Arabic number sign
    ]
    assert [clean(line) for line in lines] == lines
    tokenizer = Tokenizer.train(TEXT, vocab_size=330)
    assert tokenizer.decode(tokenizer.encode(lines)) == lines


@pytest.mark.parametrize(("kind", "vocab_size"), [("unigram", 330), ("word", 20)])
def test_dirty_text_teaches_the_vocabulary_of_the_clean_text(kind, vocab_size):
    dirty = [line.replace(" ", "\u00a0\u200b") + "\t\u3000" for line in TEXT]
    options = {"kind": kind, "vocab_size": vocab_size}
    assert Tokenizer.train(dirty, **options) == Tokenizer.train(TEXT, **options)


def test_models_of_earlier_runs_clean_nothing(tmp_path):
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT),
        model_prefix=str(tmp_path / "old"),
        vocab_size=330,
        hard_vocab_limit=False,
        character_coverage=1.0,
        byte_fallback=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        minloglevel=2,
        **{"pad_id": 0, "unk_id": 1, "bos_id": 2, "eos_id": 3},
    )
    old = Tokenizer.load(tmp_path / "old.model")
    lines = ["  two  spaces ", "no\u00a0break", "NUL \0 inside"]
    assert old.decode(old.encode(lines)) == lines


def cleaned(line):
    """NFKC by Python's tables, for text without anything else to clean."""
    return " ".join(unicodedata.normalize("NFKC", line).split())


@pytest.mark.parametrize(
    "line",
    [
        "ﬁ ½ Ａ ㎏ …",
        "e\u0301 u\u0308\u0304 ü\u0304 u\u0304\u0308",
        "\uff76\uff9e\uff77\uff9e\uff8a\uff9f か\u3099",  # half-width Katakana with its marks
        "a\u0302\u0323 a\u0323\u0302 â\u0323 ơ\u0323 ọ\u031b",  # one letter each, as Vietnamese keyboards write it
        "ó\u0323 o\u0301\u0323 ọ\u0301",  # Yoruba: the mark below comes first
        "α\u0345\u0301\u0313 ἀ\u0301\u0345",
        "Ａ\u0301 ª\u0300 ſ\u0323",  # letters that NFKC changes, with marks
        "한국 각 가\u11a8 \u1112\u1161\u11ab ㄱㅏ",  # Hangul in pieces
    ],
)
def test_nfkc_is_unicode_nfkc(line):
    for spelling in (line, unicodedata.normalize("NFC", line), unicodedata.normalize("NFD", line)):
        assert clean(spelling, "nfkc") == cleaned(line)


def test_nfkc_of_every_character_and_of_its_parts_is_unicode_nfkc():
    letters = [c for c in map(chr, range(0xA1, 0x2FA20, 3)) if unicodedata.category(c)[0] in "LNPS" and clean(c)]
    for form in ("NFC", "NFD", "NFKD"):
        parts = [unicodedata.normalize(form, letter) for letter in letters]
        assert [clean(part, "nfkc") for part in parts] == [cleaned(part) for part in parts]
