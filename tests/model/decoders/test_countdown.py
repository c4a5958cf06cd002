"""Targets that begin with their length, and the input that counts down."""

import numpy as np
import pytest
import tensorflow as tf
from decoding import SEED, SOURCE, close, step_through
from gradients import check_gradients, named
from tiny import BOS, EOS, rows, tiny_batch, tiny_model

from seq2seq.model import ConditionalDecoder, InputFeedingDecoder, RNNDecoder, TeacherForcing
from seq2seq.model.decoders.countdown import Countdown, with_lengths

LENGTH = {"ending": "length", "num_lengths": 5}
decoders = pytest.mark.parametrize("decoder", [RNNDecoder, InputFeedingDecoder, ConditionalDecoder])


def test_a_length_stands_before_the_words():
    """Two words are id 4 + 2; a row of padding, such as a candidate that was not found, stays one."""
    ids = rows([BOS, 7, 8, EOS], [BOS, EOS], [])
    assert with_lengths(ids).numpy().tolist() == [[2, 6, 7, 8, 3], [2, 4, 3, 0, 0], [0, 0, 0, 0, 0]]


def test_steps_count_down_however_the_target_is_cut():
    countdown = Countdown(5, 2)
    ids = rows([BOS, 7, 6, 5, 8], [BOS, 5, 6, EOS, 0])  # three words and one
    read, left, length = countdown.read(ids, tf.constant([0, 0]), tf.constant([0, 0]))
    assert read.numpy().tolist() == [[BOS, BOS, 6, 5, 8], [BOS, BOS, 6, EOS, 0]]
    assert left.numpy().tolist() == [[-1, 3, 2, 1, 0], [-1, 1, 0, 0, 0]] and length.numpy().tolist() == [3, 1]
    for cut in range(1, 5):
        _, first, length = countdown.read(ids[:, :cut], tf.constant([0, 0]), tf.constant([0, 0]))
        _, second, length = countdown.read(ids[:, cut:], tf.constant([cut, cut]), length)
        np.testing.assert_array_equal(tf.concat([first, second], axis=1), left)


@decoders
def test_a_whole_target_equals_repeated_steps(decoder):
    model = tiny_model(decoder, attention="coverage", options={**LENGTH, "num_layers": 2})
    ids = model.decoder.coded(tiny_batch()["target_ids"])[:, :-1]
    memory, state = model.memory(SOURCE)
    close(model.decoder(ids, state, memory), step_through(model, memory, state, ids))


def test_after_the_length_the_decoder_reads_bos_and_the_words_left():
    model = tiny_model(options=LENGTH)
    decoder, (memory, state) = model.decoder, model.memory(SOURCE)
    at_second, length = {**state, "t": state["t"] + 1}, tf.constant([3, 3])
    features, _, _ = decoder.step(4 + length, at_second, memory)
    assert features[:, -1].numpy().tolist() == [3, 3]
    # Another length, whose vector is moved to the embedding of BOS, and then its own vector is that of three words.
    moved = decoder.countdown.table[3] - decoder.countdown.table[1]
    decoder.embedding.table.assign(decoder.embedding.table + moved * tf.one_hot([BOS], 9, axis=0, dtype="float64"))
    other, _, _ = decoder.step(tf.constant([4 + 1] * 2), at_second, memory)
    np.testing.assert_allclose(other[:, :-1], features[:, :-1], atol=1e-13)


def test_gradients_are_those_of_finite_differences():
    model = tiny_model(options={**LENGTH, "dropout": 0.3, "word_dropout": 0.3}, label_smoothing=0.1)
    check_gradients(lambda: TeacherForcing()(model, tiny_batch(), SEED)["loss_sum"], named(model))


def test_the_loss_is_that_of_the_logits():
    """P(x) = P(tau) P(x | tau); tokens are counted without the length, so that perplexities compare."""
    model = tiny_model(ConditionalDecoder, options=LENGTH)
    batch = tiny_batch()
    log_probs, labels = tf.nn.log_softmax(model(batch)).numpy(), model.labels(batch["target_ids"]).numpy()
    expected = -sum(log_probs[n, t, labels[n, t]] for n, t in np.argwhere(labels))
    for sums in (model.evaluate_batch(batch), TeacherForcing()(model, batch, None)):
        np.testing.assert_allclose(sums["nll_sum"], expected, rtol=1e-12)
        assert sums["tokens"] == 7
