"""Options outside their range are refused when they are made: before files are read or TensorFlow is loaded."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from seq2seq.cli import translate
from seq2seq.ranges import check_ranges
from seq2seq.search import SearchOptions


@pytest.mark.parametrize("value", [0, 1001, float("nan"), float("inf")])
def test_a_number_outside_is_refused_with_its_range(value):
    message = re.escape(f"--size is {value}; it has to be between 1 and 1,000.")
    with pytest.raises(ValueError, match=message):
        check_ranges(SimpleNamespace(size=value), {"size": (1, 1000)}, shown="--{}".format)


def test_a_number_inside_and_none_pass():
    for value in (None, 1, 1000, 2.5):
        check_ranges(SimpleNamespace(size=value), {"size": (1, 1000)})


def test_absurd_options_of_a_translation_are_refused():
    with pytest.raises(ValueError, match="threads is -1; it has to be between"):
        translate.Options(run=Path("run"), threads=-1)
    with pytest.raises(ValueError, match="beam_size is 1000000000000; it has to be between"):
        SearchOptions(beam_size=10**12)
