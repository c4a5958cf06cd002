"""The vocabularies that a run learns at its first start."""

import types

import pytest

from seq2seq.tasks.options import VocabularyOptions
from seq2seq.tasks.vocabularies import describe, run_tokenizers
from seq2seq.text.corpus import ParallelCorpus


@pytest.mark.parametrize(
    "options, texts, described",
    [
        ({"size": 8000}, ("the source text", "the target text"), "vocabularies: {} source pieces, {} target pieces"),
        ({"size": 8000, "joint": True}, ("the text of both sides",), "one joint vocabulary of {} pieces"),
        ({"size": 6, "kind": "word"}, (), "vocabularies: 6 source pieces, 6 target pieces"),
    ],
)
def test_the_log_says_which_text_is_too_small_for_its_vocabulary(tmp_path, caplog, options, texts, described):
    record = {}
    folder = types.SimpleNamespace(path=tmp_path, has_begun=False, add_to_record=record.update, record=lambda: record)
    corpus = ParallelCorpus.from_lines(["abc abcd bcd ab"] * 9, ["uvw vwxyz wxyz"] * 9, name="letters")
    caplog.set_level("INFO", "seq2seq")
    tokenizers = run_tokenizers(folder, VocabularyOptions(**options), corpus)

    sizes = [tokenizer.vocab_size for tokenizer in tokenizers]
    assert describe(*tokenizers) == described.format(*sizes)
    found = [line.partition(";")[0] for line in caplog.messages if "--vocab.size" in line]
    assert found == [
        f"{text} fills {sizes[side]} pieces, fewer than --vocab.size 8,000 allows" for side, text in enumerate(texts)
    ]

    folder.has_begun, folder.intact = True, lambda name, is_right: (tmp_path / name).read_bytes()
    again = run_tokenizers(folder, VocabularyOptions(**options), corpus)
    assert [one.fingerprint for one in again] == [one.fingerprint for one in tokenizers]
