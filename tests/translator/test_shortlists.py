"""Places in a shortlist and ids of the whole vocabulary."""

import numpy as np

from seq2seq.translator.shortlists import target_ids, whole_vocabulary

NONE = np.zeros(0, np.int32)


def test_a_place_in_the_shortlist_is_an_id():
    places = np.array([[4, 5]])
    assert target_ids(places, np.array([0, 1, 2, 3, 7, 9])).tolist() == [[7, 9]]
    assert target_ids(places, NONE).tolist() == [[4, 5]]


def test_tokens_outside_the_shortlist_are_impossible():
    log_probs = np.array([[-1.0, -2.0]], np.float32)
    assert whole_vocabulary(log_probs, np.array([1, 3]), 4).tolist() == [[-np.inf, -1.0, -np.inf, -2.0]]
    assert whole_vocabulary(log_probs, NONE, 2) is log_probs
