import functools

import numpy as np
import pytest
import tensorflow as tf

from seq2seq.search import beam_search, greedy_search
from seq2seq.search.leaving import gather, leave, scatter
from seq2seq.search.sizes import COUNTS


def test_finished_sentences_take_their_beams_with_them():
    batch = {"sentence": tf.range(4), "beams": tf.range(12), "memory": (tf.reshape(tf.range(24), (4, 3, 2)),)}
    left = leave(tf.constant([True, False, True, False]), batch)
    assert left["sentence"].numpy().tolist() == [0, 2]
    assert left["beams"].numpy().tolist() == [0, 1, 2, 6, 7, 8]
    np.testing.assert_array_equal(left["memory"][0], batch["memory"][0].numpy()[[0, 2]])


def test_few_finished_sentences_are_not_worth_a_copy():
    live = [True] * 28
    for finished, expected in ((3, 28), (4, 24)):
        live[:finished] = [False] * finished
        assert tf.size(leave(tf.constant(live), tf.range(28))) == expected


def test_those_who_stay_are_of_one_of_the_counts():
    """A finished sentence fills up a place; nobody stays when all are finished."""
    live = np.arange(36) % 3 == 0  # 12 of 36
    left = leave(tf.constant(live), tf.range(36)).numpy()
    assert left.tolist() == np.flatnonzero(live).tolist() and len(left) in COUNTS
    live[33] = False
    left = leave(tf.constant(live), tf.range(36)).numpy()  # 11 and the first of the others
    assert left.tolist() == [*np.flatnonzero(live).tolist(), 1]
    assert tf.size(leave(tf.zeros(36, bool), tf.range(36))) == 0


def test_rows_go_back_to_the_places_they_came_from():
    full, sentences = tf.constant([[0], [10], [20], [30]]), tf.constant([3, 1])
    assert gather(full, sentences).numpy().tolist() == [[30], [10]]
    assert scatter(full, sentences, tf.constant([[31], [11]])).numpy().tolist() == [[0], [11], [20], [31]]


def test_the_step_sees_ever_fewer_sentences_and_their_own_memory(letter_model):
    model, rows, matches = letter_model(seed=4, num_sentences=8), [], []

    def step(ids, state, memory):
        rows.append(int(memory.shape[0]))
        beams = len(ids) // rows[-1]
        matches.append(np.array_equal(state["sentence"], np.repeat(memory, beams)))
        return model.step(ids, state)

    for search, options in ((greedy_search, {}), (beam_search, {"beam_size": 3})):
        rows.clear()
        search(step, model.start(), tf.range(8), max_lengths=range(1, 9), **options)
        assert rows == sorted(rows, reverse=True) and rows[0] == 8 and rows[-1] < 8
    assert all(matches)


@pytest.mark.parametrize("search", [greedy_search, functools.partial(beam_search, beam_size=3)])
def test_sentences_leave_also_where_their_number_is_known_when_traced(letter_model, search):
    # TensorFlow's rewriting of a graph may take the number before the loop for that inside it.
    model, lengths = letter_model(seed=3, num_sentences=20), [1, 2, 3, 4, 5] * 4

    @tf.function(autograph=False)
    def in_graph():
        return search(model.step, model.start(), max_lengths=tf.constant(lengths))

    for one, other in zip(in_graph(), search(model.step, model.start(), max_lengths=lengths), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)
