"""Numbers outside any sense are refused where options are made: before files are read or TensorFlow is loaded."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from seq2seq.cli import translate
from seq2seq.ranges import check_ranges
from seq2seq.search import SearchOptions


@pytest.mark.parametrize("value", [0, 1001, -1, 10**12, float("nan"), float("inf")])
def test_a_number_outside_is_told_with_its_range(value):
    message = re.escape(f"--size is {value}; it has to be between 1 and 1,000.")
    with pytest.raises(ValueError, match=message):
        check_ranges(SimpleNamespace(size=value), {"size": (1, 1000)}, shown="--{}".format)


@pytest.mark.parametrize("value", [None, 1, 1000, 2.5])
def test_a_number_inside_or_none_is_right(value):
    check_ranges(SimpleNamespace(size=value), {"size": (1, 1000)})


@pytest.mark.parametrize(
    ("name", "value"),
    [("threads", -1), ("threads", 10**12), ("beam_size", 10**12), ("max_length_factor", 1e12), ("min_length", 10**12)],
)
def test_absurd_numbers_of_a_translation(name, value):
    kind = {"run": Path("run")} if name == "threads" else {}
    with pytest.raises(ValueError, match=f"{name} is .*; it has to be between"):
        (translate.Options if kind else SearchOptions)(**kind, **{name: value})
