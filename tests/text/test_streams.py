"""Documents as parallel streams: every id is predicted once in an epoch, and windows follow each other."""

import numpy as np
import pytest

from seq2seq.text.streams import Streams
from seq2seq.text.tokenizer import EOS_ID, PAD_ID


def documents(*lengths):
    return [np.arange(4, 4 + length) for length in lengths]


@pytest.mark.parametrize(
    "lengths, num_streams, window",
    [((1,), 1, 1), ((22, 3), 3, 4), ((5, 7, 1, 30), 2, 4), ((24,), 8, 3), ((6, 2), 9, 100)],
)
def test_an_epoch_predicts_each_id_once_after_the_one_before_it(lengths, num_streams, window):
    text = documents(*lengths)
    streams = Streams(text, num_streams=num_streams, window=window)
    batches = [streams.batch(number) for number in range(streams.num_windows)]
    shape = (streams.num_streams, streams.window + 1)
    assert all(batch.shape == shape and batch.dtype == np.int32 for batch in batches)
    rows = np.stack(batches, axis=1).reshape(-1, streams.window + 1)  # of one stream after those of another
    predicted = rows[:, 1:][rows[:, 1:] != PAD_ID]
    np.testing.assert_array_equal(predicted, [token for ids in text for token in (*ids, EOS_ID)])
    for number, row in enumerate(rows):
        is_stream = number % streams.num_windows == 0
        last = rows[number - 1][-1] if number else PAD_ID
        if row[1] != PAD_ID:  # the stream has not ended
            assert row[0] == (EOS_ID if is_stream or last in (PAD_ID, EOS_ID) else last)
            assert (row[0] == EOS_ID) == (is_stream or row[1] == 4)  # 4 is the first id of each document, and only that


def test_a_batch_follows_from_its_number_alone_and_epochs_repeat():
    streams = Streams(documents(23), num_streams=2, window=5)
    assert streams.num_windows == 3
    np.testing.assert_array_equal(streams.batch(4), streams.batch(1))


def test_a_short_text_has_fewer_streams_and_a_shorter_window():
    streams = Streams(documents(3, 1), num_streams=64, window=100)
    assert (streams.num_streams, streams.num_windows, streams.window) == (2, 1, 4)
    assert streams.batch(0).tolist() == [[EOS_ID, 4, 5, 6, EOS_ID], [EOS_ID, 4, EOS_ID, PAD_ID, PAD_ID]]
