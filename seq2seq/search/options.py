"""The options of a search, with their defaults."""

import dataclasses
import difflib
import numbers
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from seq2seq.ranges import check_ranges


@dataclasses.dataclass(frozen=True, kw_only=True)
class SearchOptions:
    """Options of a search. The text below each option is its help on the command line."""

    HEADINGS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "search": ("beam_size", "n_best", "length_penalty", "min_length", "max_length_factor")
        + ("early_stop", "no_repeat_ngram"),
        "random translations": ("search", "temperature", "top_k", "top_p", "seed"),
    }

    beam_size: int = 5
    """Hypotheses kept at each position; 1 is greedy search."""
    n_best: int = 1
    """Translations to return for each line, at most the beam size."""
    length_penalty: float = 1.0
    """Exponent of the length penalty (Wu et al., 2016); 0 is off, higher values favour longer translations."""
    min_length: int = 1
    """Fewest target tokens, end token included."""
    max_length_factor: float = 2.0
    """Most target tokens: this many for each source token, plus 10."""
    early_stop: bool = True
    """Stop once beam_size hypotheses have ended and no live one scores higher; off: search until that is certain."""
    no_repeat_ngram: int = 0
    """No sequence of this many tokens occurs twice in a translation; 0 is off."""
    search: Literal["beam", "sample"] = "beam"
    """beam: the most probable translations; sample: draw n_best translations at random (ignores the beam size)."""
    temperature: float = 1.0
    """Sampling divides log-probabilities by this; below 1, probable tokens become more probable."""
    top_k: int = 0
    """Sample among this many of the most probable tokens; 0 for all."""
    top_p: float = 1.0
    """Sample among the fewest tokens whose probabilities add up to this; 1 for all."""
    seed: int = 1
    """Seed of sampling: the same seed draws the same translations."""

    @classmethod
    def named(cls, options: Mapping[str, Any]) -> "SearchOptions":
        """The options from names and values; a TypeError about an unknown name suggests the nearest known one."""
        known = [field.name for field in dataclasses.fields(cls)]
        for name in options:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
                raise TypeError(f"There is no search option {name}. {hint}")
        return cls(**options)

    def __post_init__(self) -> None:
        for field in dataclasses.fields(SearchOptions):
            value, kind = getattr(self, field.name), _KINDS.get(field.type, object)
            if not isinstance(value, kind) or isinstance(value, bool) != (field.type is bool):
                raise TypeError(f"{field.name} is {value!r}; it has to be of type {field.type.__name__}.")
        check_ranges(self, _RANGES)
        if self.search not in ("beam", "sample"):
            raise ValueError(f"search is {self.search!r}; it has to be beam or sample.")
        if self.search == "beam":
            self._check_beam()

    def _check_beam(self) -> None:
        if self.n_best > self.beam_size:
            raise ValueError(
                f"n_best is {self.n_best} with a beam_size of {self.beam_size}; "
                "it has to lie between 1 and the beam size."
            )
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name in ("temperature", "top_k", "top_p") and value != field.default:
                raise ValueError(f"{field.name} is {value}, but beam search draws nothing. Use it with search sample.")


_KINDS = {int: numbers.Integral, float: numbers.Real}  # NumPy's numbers too
BEAM_SIZES = (1, 1000)
_RANGES = {
    "beam_size": BEAM_SIZES,
    "n_best": BEAM_SIZES,
    "length_penalty": (0, 100),
    "min_length": (1, 10_000),
    "max_length_factor": (0.01, 100),
    "no_repeat_ngram": (0, 10_000),
    "temperature": (0.01, 100),
    "top_k": (0, 1_000_000),
    "top_p": (0.001, 1),
    "seed": (0, 2**32 - 1),
}
