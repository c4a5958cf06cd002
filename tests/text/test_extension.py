import pytest

from seq2seq.text.extension import extended
from seq2seq.text.grammar import sentence_pairs
from seq2seq.text.tokenizer import Tokenizer

OLD = [source for source, _ in sentence_pairs(300, seed=1)]
NAMES = ["Александр", "Пушкин", "Тургенев", "Толстой", "Ахматова", "Цветаева", "Гоголь"]
NEW = [f"{name} drinks milk." for name in NAMES] * 3
kinds = pytest.mark.parametrize("kind", ["unigram", "bpe", "char"])


def pieces(tokenizer, lines):
    return [piece for ids in tokenizer.encode(lines) for piece in tokenizer.pieces(ids)]


@kinds
def test_a_new_script_is_no_longer_spelt_in_bytes(kind):
    tokenizer = Tokenizer.train(OLD, kind=kind, vocab_size=400)
    longer = extended(tokenizer, NEW, 100)
    assert any(piece.startswith("<0x") for piece in pieces(tokenizer, NEW))
    assert not any(piece.startswith("<0x") for piece in pieces(longer, NEW))
    assert longer.decode(longer.encode(NEW)) == NEW
    assert len(pieces(longer, NAMES)) <= sum(len(name) + 1 for name in NAMES)
    assert longer.kind == kind and 0 < longer.vocab_size - tokenizer.vocab_size <= 100


@kinds
def test_old_ids_and_old_text_stay_as_they_are(kind):
    tokenizer = Tokenizer.train(OLD, kind=kind, vocab_size=400)
    longer = extended(tokenizer, NEW, 100)
    assert longer.pieces(range(tokenizer.vocab_size)) == tokenizer.pieces(range(tokenizer.vocab_size))
    lines = [*OLD, "Ünknown 日本 words, too", ""]
    assert longer.encode(lines) == tokenizer.encode(lines)


@kinds
def test_characters_come_first(kind):
    """A place for each of them is worth more than a longer piece."""
    tokenizer = Tokenizer.train(OLD, kind=kind, vocab_size=400)
    longer = extended(tokenizer, NEW, 5)
    new = longer.pieces(range(tokenizer.vocab_size, longer.vocab_size))
    assert len(new) == 5 and all(len(piece) == 1 and piece in "".join(NAMES) for piece in new)


@kinds
def test_rare_characters_find_a_place_too(kind):
    """As many new pieces as there are characters, each of which occurs once: none is left in bytes."""
    letters = [chr(ord("ঀ") + number) for number in range(5, 100) if chr(ord("ঀ") + number).isalpha()]
    lines = ["".join(letters[first : first + 4]) for first in range(0, len(letters), 4)]
    longer = extended(Tokenizer.train(OLD, kind=kind, vocab_size=400), lines, len(letters))
    assert not any(piece.startswith("<0x") for piece in pieces(longer, lines))


def test_what_normalisation_makes_of_a_text_is_what_is_learnt():
    """NFKC writes the fullwidth letters as plain ones, which are known."""
    tokenizer = Tokenizer.train(OLD, vocab_size=400, normalization="nfkc")
    assert extended(tokenizer, ["\uff54\uff48\uff45 \uff44\uff4f\uff47"], 5) is tokenizer
    longer = extended(tokenizer, ["\uff54\uff48\uff45 Гоголь"], 20)
    assert set("".join(longer.pieces(range(tokenizer.vocab_size, longer.vocab_size)))) <= set("▁Гоголь")


def test_a_text_that_is_known_adds_nothing():
    tokenizer = Tokenizer.train(OLD, vocab_size=400)
    assert extended(tokenizer, OLD[:10], 50) is tokenizer


def test_refusals():
    with pytest.raises(ValueError, match="A word vocabulary cannot be extended"):
        extended(Tokenizer.train(OLD, kind="word", vocab_size=50), NEW, 5)
    with pytest.raises(ValueError, match="count is 0; it has to be 1 or more"):
        extended(Tokenizer.train(OLD, vocab_size=400), NEW, 0)
