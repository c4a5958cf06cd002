import pytest

from seq2seq.model import ModelOptions


@pytest.mark.parametrize(
    "options, message",
    [
        (
            {"cell": "grü"},
            "--model.cell: There is no cell named 'grü'; did you mean gru. Known are .*elman, ",
        ),
        (
            {"attention": "dott"},
            "--model.attention: There is no attention named 'dott'; did you mean dot. Known are none",
        ),
        ({"decoder": "cells.py:"}, "--model.decoder: There is no decoder named 'cells.py:'"),
        (
            {"bridge": "copi"},
            "--model.bridge: There is no bridge named 'copi'; did you mean copy. Known are zero",
        ),
        ({"bidirectional": "both"}, "--model.bidirectional is 'both'; it has to be one of all, lower, none"),
        ({"context": "both", "bridge": "zero"}, "--model.context both and --model.bridge zero exclude each other"),
        ({"layers": 0}, "--model.layers is 0; it has to be between 1 and 100"),
        ({"units": 0}, "--model.units is 0; it has to be between 1 and 65,536"),
        ({"label_smoothing": 1.0}, "--model.label-smoothing is 1.0; it has to be at least 0 and below 1"),
    ],
)
def test_an_option_of_no_sense_is_named(options, message):
    with pytest.raises(ValueError, match=message):
        ModelOptions(**options)


def test_a_class_of_your_own_is_not_imported_yet():
    """So that --help and a look at saved options need no such file."""
    assert ModelOptions(cell="nowhere.py:Cell", attention="no.package:Attention").cell == "nowhere.py:Cell"
