import numpy as np

from seq2seq.search import length_penalty


def test_length_penalty_is_the_one_of_wu_and_others():
    # (5 + 7) / 6 = 2 and 2 ** 2 = 4; one token is the unit
    np.testing.assert_allclose(length_penalty([1, 7], 2.0), [1.0, 4.0])
    np.testing.assert_allclose(length_penalty([1, 7], 0.0), [1.0, 1.0])
