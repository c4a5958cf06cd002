"""Which tokens complete a text."""

import itertools
import random

from seq2seq.search import Spelling


def test_a_token_completes_a_text_that_was_not_complete_before():
    """Against writing it down, for all texts of up to four letters over random vocabularies of short pieces."""
    draw = random.Random(1)
    texts = [bytes(text) for length in range(1, 5) for text in itertools.product(b"ab", repeat=length)]
    for _ in range(20):
        pieces = [b"", *(bytes(draw.choices(b"ab", k=draw.randint(1, 3))) for _ in range(6))]
        spelling, ids = Spelling(pieces, start=b"b"), draw.choices(range(7), k=4)
        written = spelling.written(ids)
        assert written == b"b" + b"".join(pieces[token] for token in ids)
        for text in texts:
            ends = [(written + piece).find(text, max(0, len(written) - len(text) + 1)) for piece in pieces]
            expected = {token for token, end in enumerate(ends) if end >= 0}
            assert set(spelling.completing(written, text).tolist()) == expected


def test_parts_of_a_character_are_text_too():
    spelling = Spelling([b"", "é".encode(), b"\xc3", b"\xa9", b"\xff"])
    assert set(spelling.completing(b"caf", "é".encode()).tolist()) == {1}
    assert set(spelling.completing(b"caf\xc3", "é".encode()).tolist()) == {1, 3}
