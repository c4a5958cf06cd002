import numpy as np
import pytest
from letters import LetterEngine, greedy_search

EOS, A, B = 3, 4, 5


def test_the_most_probable_token_each_time(letter_model):
    model = letter_model(seed=1)
    found = greedy_search(model.engine(), max_lengths=[6])
    length = int(found.lengths[0, 0])
    ids = found.ids[0, 0, :length].tolist()
    for position in range(length - 1):
        prefix = ids[:position]
        alternatives = {token: model.read([*prefix, token])[0] for token in (EOS, A, B, 6)}
        assert max(alternatives, key=alternatives.get) == ids[position]
    assert ids[-1] == EOS
    assert float(found.log_probs[0, 0]) == pytest.approx(model.read(ids)[0], abs=1e-5)


def test_the_end_is_forced_at_the_maximum_and_its_probability_counts(constant_model):
    step = constant_model({EOS: 0.25, A: 0.75})
    found = greedy_search(step, max_lengths=[2, 4], length_penalty=0.0)
    assert found.ids.tolist() == [[[A, EOS, 0, 0]], [[A, A, A, EOS]]]
    assert found.lengths.tolist() == [[2], [4]]
    np.testing.assert_allclose(found.log_probs[:, 0], np.log([0.75 * 0.25, 0.75**3 * 0.25]), rtol=1e-6)
    np.testing.assert_allclose(found.scores, found.log_probs)


def test_no_end_below_the_minimum(constant_model):
    step = constant_model({EOS: 0.75, A: 0.25})
    assert greedy_search(step, max_lengths=[9]).ids.tolist() == [[[EOS]]]
    found = greedy_search(step, max_lengths=[9, 2], min_length=3)  # where both cannot be, the maximum holds
    assert found.ids.tolist() == [[[A, A, EOS]], [[A, EOS, 0]]]


def test_the_score_is_the_penalised_log_prob(constant_model):
    found = greedy_search(constant_model({EOS: 0.25, A: 0.75}), max_lengths=[7], length_penalty=1.0)
    np.testing.assert_allclose(found.scores, found.log_probs / 2.0)  # (5 + 7) / 6


def test_attention_is_given_for_each_token_and_is_zero_after_the_end(letter_model):
    model = letter_model(seed=4, num_sentences=5)
    found = greedy_search(model.engine(), max_lengths=[1, 2, 3, 5, 6])
    for sentence, length in enumerate(found.lengths[:, 0]):
        ids = found.ids[sentence, 0, :length].tolist()
        np.testing.assert_array_equal(found.attention[sentence, 0, :length], model.read(ids, sentence)[1])
        assert not found.attention[sentence, 0, length:].any()


def test_nan_from_the_model_gives_no_hypothesis():
    def step(ids, state, memory):
        return np.where(ids[:, np.newaxis] == 2, np.log(np.eye(6, dtype="float32")[4] + 1e-6), np.nan), None, state

    found = greedy_search(LetterEngine(step), max_lengths=[5])
    assert found.lengths.tolist() == [[0]]
    assert found.log_probs.tolist() == [[-np.inf]]
    assert not found.ids.any()
