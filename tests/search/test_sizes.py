import pytest

from seq2seq.search.sizes import COUNTS, LENGTHS, count_within, length_above


@pytest.mark.parametrize(
    "sizes, begin, most",
    [(COUNTS, [1, 2, 3, 4, 6, 8, 12, 16, 24], 1.5), (LENGTHS, [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24], 1.25)],
)
def test_the_next_size_is_little_larger(sizes, begin, most):
    assert list(sizes[: len(begin)]) == begin
    assert all(small < large <= max(small + 1, most * small) for small, large in zip(sizes, sizes[1:], strict=False))


def test_the_largest_count_within():
    for most, count in [(1, 1), (5, 4), (8, 8), (47, 32), (48, 48), (10**9, COUNTS[-1])]:
        assert count_within(most) == count


def test_the_smallest_length_above():
    for least, length in [(1, 1), (8, 8), (9, 10), (33, 40), (40, 40)]:
        assert length_above(least) == length
