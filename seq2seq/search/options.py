"""How to search: the options of a translation, with their defaults. Imports no TensorFlow."""

import dataclasses
import difflib
from collections.abc import Mapping
from typing import Any

from seq2seq.ranges import check_ranges


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """How hypotheses are searched for. The text below each option is its help on the command line."""

    beam_size: int = 5
    """Hypotheses kept at each position; 1 is greedy search."""
    n_best: int = 1
    """Translations to return for each line, at most the beam size."""
    length_penalty: float = 1.0
    """Exponent of the length penalty (Wu et al., 2016); 0 is off, more favours longer translations."""
    min_length: int = 1
    """Fewest target tokens, end token included."""
    max_length_factor: float = 2.0
    """Most target tokens: this times the source tokens, plus 10."""
    early_stop: bool = True
    """Early stop: a sentence is done when a beamful has ended and none looks better; without, when sure."""

    @classmethod
    def named(cls, options: Mapping[str, Any]) -> "SearchOptions":
        """The options given by name; an unknown one is a TypeError that says what may have been meant."""
        known = [field.name for field in dataclasses.fields(cls)]
        for name in options:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
                raise TypeError(f"There is no search option {name}. {hint}")
        return cls(**options)

    def __post_init__(self):
        check_ranges(self, _RANGES)
        if self.n_best > self.beam_size:
            raise ValueError(
                f"n_best is {self.n_best} with a beam_size of {self.beam_size}; "
                "it has to lie between 1 and the beam size."
            )


BEAM_SIZES = (1, 1000)
_RANGES = {
    "beam_size": BEAM_SIZES,
    "n_best": BEAM_SIZES,
    "length_penalty": (0, 100),
    "min_length": (1, 10_000),
    "max_length_factor": (0.01, 100),
}
