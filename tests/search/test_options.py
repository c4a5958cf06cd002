import re

import numpy as np
import pytest

from seq2seq.search import SearchOptions


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_best": 6}, "n_best is 6 with a beam_size of 5"),
        ({"search": "greedy"}, "search is 'greedy'; it has to be beam or sample."),
        ({"temperature": 0.7}, "temperature is 0.7, but beam search draws nothing."),
        ({"top_k": 10}, "top_k is 10, but beam search draws nothing."),
        ({"top_p": 0.9}, "top_p is 0.9, but beam search draws nothing."),
        ({"search": "sample", "temperature": 0.0}, "temperature is 0.0; it has to be between 0.01 and 100."),
        ({"search": "sample", "top_p": 1.5}, "top_p is 1.5; it has to be between"),
        ({"search": "sample", "top_k": -1}, "top_k is -1; it has to be between"),
        ({"seed": -1}, "seed is -1; it has to be between"),
        ({"no_repeat_ngram": -1}, "no_repeat_ngram is -1; it has to be between"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        SearchOptions(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"beam_size": 2.5}, "beam_size is 2.5; it has to be of type int."),
        ({"n_best": True}, "n_best is True; it has to be of type int."),
        ({"early_stop": 1}, "early_stop is 1; it has to be of type bool."),
        ({"length_penalty": "1"}, "length_penalty is '1'; it has to be of type float."),
        ({"seed": None}, "seed is None; it has to be of type int."),
    ],
)
def test_values_of_another_type_are_refused(options, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        SearchOptions(**options)


def test_numpy_numbers_and_int_for_float_are_accepted():
    assert SearchOptions(beam_size=np.int64(3), length_penalty=1) == SearchOptions(beam_size=3, length_penalty=1.0)


def test_n_best_may_exceed_the_beam_size_when_sampling():
    assert SearchOptions(search="sample", n_best=100, temperature=0.7, top_k=5, top_p=0.9).n_best == 100


def test_an_unknown_option_suggests_the_nearest():
    assert SearchOptions.named({"beam_size": 3}) == SearchOptions(beam_size=3)
    with pytest.raises(TypeError, match="no search option beam_sise. Did you mean beam_size?"):
        SearchOptions.named({"beam_sise": 3})
