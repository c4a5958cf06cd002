import pytest

from seq2seq.search.sizes import SIZES, size_within


def test_the_next_size_is_at_most_a_quarter_larger():
    assert list(SIZES[:14]) == [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24]
    assert all(small < large <= max(small + 1, 1.25 * small) for small, large in zip(SIZES, SIZES[1:], strict=False))


@pytest.mark.parametrize("most, size", [(1, 1), (8, 8), (9, 8), (39, 32), (40, 40), (10**9, SIZES[-1])])
def test_the_largest_size_within(most, size):
    assert size_within(most) == size
