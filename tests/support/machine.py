"""What this machine can do."""

import pytest

from seq2seq.layers import int8

needs_int8 = pytest.mark.skipif(
    not int8.is_available(), reason="needs products of 8-bit integers: x86 with VNNI, and no GPU"
)
