"""Which sentences are translated together."""

import pytest

from seq2seq.translator.batches import make_batches, pad_sources, side_by_side


def test_batches_hold_sentences_of_like_length_within_the_budget():
    # Sentences of 19 tokens are padded to 20, sentences of 4 count as 16: four of either kind fit into 80.
    assert make_batches([4] * 8 + [19] * 5, batch_tokens=80, num_workers=1) == [
        [8, 9, 10, 11],
        [12, 0, 1, 2],
        [3, 4, 5, 6],
        [7],
    ]
    assert make_batches([4, 19], batch_tokens=1, num_workers=1) == [[1], [0]]  # at least one sentence


def test_a_short_text_is_shared_out_among_the_workers():
    sizes = [len(batch) for batch in make_batches([20] * 40, batch_tokens=2048, num_workers=2)]
    assert sizes == [16, 16, 8]
    assert len(make_batches([20] * 12, batch_tokens=2048, num_workers=2)) == 1  # too few to divide


def test_sources_are_padded_on_the_right_to_a_length_that_others_have_too():
    assert pad_sources([[5, 3], [4, 5, 6, 3]]).tolist() == [[5, 3, 0, 0, 0, 0, 0, 0], [4, 5, 6, 3, 0, 0, 0, 0]]
    assert pad_sources([[4] * 17]).shape == (1, 20)


def test_results_come_in_order_and_an_early_stop_leaves_the_rest():
    begun = []
    pairs = side_by_side(lambda item: begun.append(item) or -item, range(100), num_workers=2)
    assert [next(pairs), next(pairs)] == [(0, 0), (1, -1)]
    pairs.close()
    assert list(side_by_side(abs, [-1, 2], num_workers=2)) == [(-1, 1), (2, 2)]


def test_an_error_in_a_batch_reaches_the_caller():
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(lambda item: 1 // item, [1, 0, 2], num_workers=2))
