from seq2seq.training.wording import count, duration


def test_durations():
    assert [duration(seconds) for seconds in (0, 59.6, 3723)] == ["0:00", "1:00", "1:02:03"]


def test_counts():
    assert [count(number, "update") for number in (0, 1, 2000)] == ["0 updates", "1 update", "2,000 updates"]
