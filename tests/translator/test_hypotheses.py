"""Hypotheses as translations."""

import numpy as np

from seq2seq.search import Hypotheses
from seq2seq.translator.hypotheses import read_hypotheses


def test_hypotheses_become_text_pieces_and_scores(tokenizer):
    (ja,), (nein,) = tokenizer.encode(["ja"]), tokenizer.encode(["ei"])
    sources = [[*ja, 3], [*nein, 3, 0, 0][:4]]
    ids = np.array([[[*ja, 3, 0], [*nein, 3, 0]], [[*ja, 3, 0], [0] * 5]], np.int32)
    lengths = np.array([[4, 4], [4, 0]])
    scores = np.array([[-1.0, -2.0], [-3.0, -np.inf]], np.float32)
    attention = np.random.default_rng(1).random((2, 2, 5, 8)).astype(np.float32)
    found = read_hypotheses(Hypotheses(ids, lengths, scores, 2 * scores, attention), sources, tokenizer, tokenizer)
    assert [[one.text for one in translations] for translations in found] == [["ja", "ei"], ["ja"]]
    best = found[0][0]
    assert (best.score, best.log_prob) == (-1.0, -2.0)
    assert best.source_pieces == best.target_pieces == ("▁", "j", "a", "</s>")
    np.testing.assert_array_equal(best.alignment, attention[0, 0, :4, :4])  # without the padding
    assert best.alignment.base is None  # the batch's attention need not be kept


def test_without_attention_there_is_no_alignment(tokenizer):
    found = Hypotheses(np.array([[[3]]]), np.array([[1]]), np.zeros((1, 1)), np.zeros((1, 1)), None)
    assert read_hypotheses(found, [[3]], tokenizer, tokenizer)[0][0].alignment is None
