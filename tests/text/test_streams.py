"""One text as parallel streams: every id is predicted once in an epoch, and windows follow each other."""

import numpy as np
import pytest

from seq2seq.text.streams import Streams
from seq2seq.text.tokenizer import EOS_ID, PAD_ID


@pytest.mark.parametrize("length, num_streams, window", [(1, 1, 1), (23, 3, 4), (24, 3, 4), (25, 8, 3), (7, 9, 100)])
def test_an_epoch_predicts_each_id_once_after_the_one_before_it(length, num_streams, window):
    text = np.arange(4, 4 + length)
    streams = Streams(text, num_streams=num_streams, window=window)
    batches = [streams.batch(number) for number in range(streams.num_windows)]
    assert {len(batch) for batch in batches} == {streams.num_streams}
    assert all(1 < batch.shape[1] <= window + 1 and batch.dtype == np.int32 for batch in batches)
    read = np.concatenate([batch[:, :-1] for batch in batches], axis=1)
    predicted = np.concatenate([batch[:, 1:] for batch in batches], axis=1)  # each row is a stream
    np.testing.assert_array_equal(predicted.ravel()[:length], text)
    assert not predicted.ravel()[length:].any()
    np.testing.assert_array_equal(read.ravel()[:length], [EOS_ID, *text[:-1]])


def test_a_batch_follows_from_its_number_alone_and_epochs_repeat():
    streams = Streams(np.arange(4, 27), num_streams=2, window=5)
    assert streams.num_windows == 3
    np.testing.assert_array_equal(streams.batch(4), streams.batch(1))
    assert [streams.begins(number) for number in range(5)] == [True, False, False, True, False]


def test_a_short_text_has_fewer_streams():
    streams = Streams(np.array([4, 5, 6]), num_streams=64, window=100)
    assert (streams.num_streams, streams.num_windows) == (1, 1)
    assert streams.batch(0).tolist() == [[EOS_ID, 4, 5, 6]]
    assert Streams(np.full(500, 4), num_streams=64, window=100).num_streams == 5
    assert PAD_ID not in Streams(np.full(500, 4), num_streams=64, window=100).batch(0)
