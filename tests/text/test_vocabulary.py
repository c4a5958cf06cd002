import pytest
from sentencepiece import sentencepiece_model_pb2
from sentences import sentence_pairs

from seq2seq.text.tokenizer import Tokenizer

OLD = [source for source, _ in sentence_pairs(300)]
NAMES = ["Александр", "Пушкин", "Тургенев", "Толстой", "Ахматова", "Цветаева", "Гоголь"]
NEW = [f"{name} drinks milk." for name in NAMES] * 3
TEXT = [
    "A man rides a horse across the field.",
    "Two dogs run through the snow.",
    "Die Männer, die Frauen und die Kinder spielen draußen Fußball!",
] * 4
kinds = pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])


def pieces(tokenizer, lines):
    return [piece for ids in tokenizer.encode(lines) for piece in tokenizer.pieces(ids)]


# Learning. -----------------------------------------------------------------------------------------------------------


def test_a_small_text_fills_fewer_pieces():
    assert Tokenizer.train(TEXT, vocab_size=20_000).vocab_size < 1000


def test_long_and_odd_lines_are_learnt_from():
    long = "zebra " * 20_000 + "quagga"
    tokenizer = Tokenizer.train([long, "\tgnu\0gnu ▅gnu \u2581"] * 3, kind="bpe", vocab_size=290)
    assert "▁zebra" in tokenizer.pieces(range(tokenizer.vocab_size))
    byte_pieces = range(4, 260)
    assert not any(token in byte_pieces for token in tokenizer.encode(["zebra quagga gnu"])[0])


def test_rare_characters_are_spelt_in_bytes_when_there_is_no_room():
    text = ["".join(chr(0x4E00 + i) for i in range(500))] + ["一" * 50] * 10
    tokenizer = Tokenizer.train(text, vocab_size=400)
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.vocab_size <= 400


@pytest.mark.parametrize(
    "options, message",
    [
        ({"kind": "wordpiece"}, "Unknown kind of tokenizer 'wordpiece'; choose one of unigram, bpe"),
        ({"normalization": "lower"}, "Unknown normalization 'lower'"),
        ({"vocab_size": 200}, "vocab_size=200 is too small; a unigram tokenizer needs at least 262 pieces"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        Tokenizer.train(TEXT, **options)


def test_blank_text_is_refused():
    with pytest.raises(ValueError, match="is blank"):
        Tokenizer.train(["", " "])
    with pytest.raises(ValueError, match="is blank"):
        Tokenizer.train(["\u2581"], kind="word")
    with pytest.raises(TypeError, match="one string"):
        Tokenizer.train("abc")


def test_a_line_that_is_no_text_is_refused():
    with pytest.raises(ValueError, match=r"half a surrogate pair, which is no text: 'b\\ud800'"):
        Tokenizer.train(["a", "b\ud800"])


# Extending. ----------------------------------------------------------------------------------------------------------


@kinds
def test_a_new_script_is_no_longer_spelt_in_bytes(kind):
    tokenizer = Tokenizer.train(OLD, kind=kind, vocab_size=400)
    longer = tokenizer.extended(NEW, 100)
    assert any(piece.startswith("<0x") for piece in pieces(tokenizer, NEW))
    assert not any(piece.startswith("<0x") for piece in pieces(longer, NEW))
    assert longer.decode(longer.encode(NEW)) == NEW
    assert len(pieces(longer, NAMES)) <= sum(len(name) + 1 for name in NAMES)
    assert longer.kind == kind and 0 < longer.vocab_size - tokenizer.vocab_size <= 100


@kinds
def test_old_ids_and_old_text_stay_as_they_are(kind):
    tokenizer = Tokenizer.train(OLD, kind=kind, vocab_size=400)
    longer = tokenizer.extended(NEW, 100)
    assert longer.pieces(range(tokenizer.vocab_size)) == tokenizer.pieces(range(tokenizer.vocab_size))
    lines = [*OLD, "Ünknown 日本 words, too", ""]
    assert longer.encode(lines) == tokenizer.encode(lines)


@kinds
def test_characters_come_first(kind):
    tokenizer = Tokenizer.train(OLD, kind=kind, vocab_size=400)
    longer = tokenizer.extended(NEW, 5)
    new = longer.pieces(range(tokenizer.vocab_size, longer.vocab_size))
    assert len(new) == 5 and all(len(piece) == 1 and piece in "".join(NAMES) for piece in new)


@kinds
def test_rare_characters_find_a_place_too(kind):
    """As many new pieces as there are characters, each of which occurs once: none is left in bytes."""
    letters = [chr(ord("ঀ") + number) for number in range(5, 100) if chr(ord("ঀ") + number).isalpha()]
    lines = ["".join(letters[first : first + 4]) for first in range(0, len(letters), 4)]
    longer = Tokenizer.train(OLD, kind=kind, vocab_size=400).extended(lines, len(letters))
    assert not any(piece.startswith("<0x") for piece in pieces(longer, lines))


def test_pieces_are_learnt_from_the_normalized_text():
    """NFKC writes the fullwidth letters as plain ones, which are known."""
    tokenizer = Tokenizer.train(OLD, vocab_size=400, normalization="nfkc")
    assert tokenizer.extended(["\uff54\uff48\uff45 \uff44\uff4f\uff47"], 5) is tokenizer
    longer = tokenizer.extended(["\uff54\uff48\uff45 Гоголь"], 20)
    assert set("".join(longer.pieces(range(tokenizer.vocab_size, longer.vocab_size)))) <= set("▁Гоголь")


def test_a_text_that_is_known_adds_nothing():
    tokenizer = Tokenizer.train(OLD, vocab_size=400)
    assert tokenizer.extended(OLD[:10], 50) is tokenizer


@pytest.mark.parametrize("has_rules", [True, False])
def test_invisible_characters_get_no_piece(has_rules):
    """Nor does U+2585, which SentencePiece's trainer skips. The model of an earlier run has no rules for cleaning."""
    proto = sentencepiece_model_pb2.ModelProto.FromString(Tokenizer.train(OLD, vocab_size=400).model)
    if not has_rules:
        proto.normalizer_spec.Clear()
    tokenizer = Tokenizer(proto.SerializeToString())
    for invisible in ("\0", "\u200b", "\u00ad \x07", "\u2585", "\U000e0001"):
        assert tokenizer.extended([invisible], 5) is tokenizer
        longer = tokenizer.extended([f"Гого{invisible}ль"], 20)
        assert set("".join(longer.pieces(range(tokenizer.vocab_size, longer.vocab_size)))) == set("Гоголь")


def test_a_word_vocabulary_and_a_count_of_0_are_refused():
    with pytest.raises(ValueError, match="A word vocabulary cannot be extended"):
        Tokenizer.train(OLD, kind="word", vocab_size=50).extended(NEW, 5)
    with pytest.raises(ValueError, match="count is 0; it has to be 1 or more"):
        Tokenizer.train(OLD, vocab_size=400).extended(NEW, 0)
