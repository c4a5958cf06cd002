"""Options of an update: scheduled sampling and minimum risk. Imports no TensorFlow."""

import dataclasses

from seq2seq.ranges import check_ranges

WAYS = ("sequential", "parallel")
CHOICES = ("argmax", "sample")
COINS = ("token", "sentence", "batch")
METRICS = ("BLEU", "chrF")
SEARCHES = ("sample", "n_best")
_MOST = 10**6  # of temperatures and other scales


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScheduledSampling:
    """How the decoder's own words are made and where they are put.

    Args:
        way: "sequential" or "parallel".
        passes: int, at least 1; 1 for the sequential way. Passes of the parallel way.
        choice: "argmax", the likeliest token, or "sample", one drawn from the model's distribution.
        temperature: float above 0, other than 1 for "sample" only. Logits are divided by it before a token is drawn.
        coins: "token", "sentence" or "batch". What each coin decides about.
        position_scale: float above 0, or None. Token t stays gold with probability p ** (t / position_scale), t = 1 for
            the first: as scheduled at that place, less after it. None: the same everywhere. With coins of
            sentences or the batch, gold tokens end at one place and the model's own follow to the end.
        confidence: float in [0, 1]. Tokens to which the model gives less than that, where they are due, stay gold. From
            0.5 on the others are its likeliest tokens, so that argmax would change none.
        random_confidence: float from `confidence` to 1. Tokens to which it gives more than that, which it would
            repeat, become random tokens of the same target.

    Raises:
        ValueError: one of these is not as said.
    """

    way: str = "parallel"
    passes: int = 1
    choice: str = "argmax"
    temperature: float = 1.0
    coins: str = "token"
    position_scale: float | None = None
    confidence: float = 0.0
    random_confidence: float = 1.0

    def __post_init__(self):
        for name, known in (("way", WAYS), ("choice", CHOICES), ("coins", COINS)):
            if getattr(self, name) not in known:
                raise ValueError(f"`{name}` is one of {', '.join(map(repr, known))}, not {getattr(self, name)!r}.")
        check_ranges(self, {"passes": (1, 100)}, shown=_quoted)
        if self.passes > 1 and self.way == "sequential":
            raise ValueError(f"`passes` is {self.passes}, but the sequential way has none. Leave it out.")
        _check_positive(self, "temperature")
        if self.choice == "argmax" and self.temperature != ScheduledSampling.temperature:
            raise ValueError(f"`temperature` is {self.temperature}, but argmax draws nothing. Give `choice` sample.")
        if self.position_scale is not None:
            _check_positive(self, "position_scale")
        check_ranges(self, {"confidence": (0, 1), "random_confidence": (0, 1)}, shown=_quoted)
        if self.random_confidence < self.confidence:
            raise ValueError(
                f"`random_confidence` is {self.random_confidence}, below `confidence` {self.confidence}. Give at least "
                "that."
            )
        if self.confidence >= 0.5 and self.choice == "argmax" and self.random_confidence == 1:
            raise ValueError(
                f"`confidence` {self.confidence} would sample nothing: a gold token of that probability is itself the "
                "likeliest. Give less than 0.5, `choice` sample, or a `random_confidence`."
            )

    def in_words(self):
        """A short description, for a log."""
        words = "likeliest words" if self.choice == "argmax" else f"words drawn at temperature {self.temperature:g}"
        details = [words, f"a coin for each {self.coins}"]
        if self.passes > 1:
            details.append(f"{self.passes} passes")
        if self.position_scale is not None:
            details.append(f"later tokens more often, scale {self.position_scale:g}")
        if self.confidence > 0:
            details.append(f"where gold has a probability of {self.confidence:g} or more")
        if self.random_confidence < 1:
            details.append(f"random tokens where it has more than {self.random_confidence:g}")
        return f"{self.way} sampling ({', '.join(details)})"


@dataclasses.dataclass(frozen=True, kw_only=True)
class MinimumRisk:
    """How candidates are made, and what is minimised.

    Args:
        metric: "BLEU" or "chrF", of a sentence. A candidate costs 1 minus that.
        tokenize: sacreBLEU's tokenizer for BLEU; "auto" follows the script of the gold targets.
        candidates: int, at least 2. Translations that are made of each sentence; equal ones count once.
        search: "sample", drawn from the model's distribution, or "n_best", the best of a beam search.
        temperature: float above 0. Logits are divided by it before a token is drawn; "n_best" has none. At 1,
            candidates differ mostly in words that no search would choose.
        gold: bool. Whether the gold target is a candidate too, as in the paper. Its cost of 0 is so far below the
            others' that with few candidates little more than its likelihood is learnt.
        sharpness: float above 0. The exponent a: the larger, the more Q is that of the likeliest candidates.
        likelihood: float in [0, 1). Share of the loss that is cross-entropy of the gold target, which keeps the model
            from forgetting what the metric does not see (Edunov et al., 2018).

    Raises:
        ValueError: one of these is not as said.
    """

    metric: str = "BLEU"
    tokenize: str = "auto"
    candidates: int = 8
    search: str = "sample"
    temperature: float = 0.5
    gold: bool = False
    sharpness: float = 0.005
    likelihood: float = 0.0

    def __post_init__(self):
        if self.metric not in METRICS:
            raise ValueError(f"`metric` is one of {', '.join(map(repr, METRICS))}, not {self.metric!r}.")
        check_ranges(self, {"candidates": (2, 1000)}, shown=_quoted)
        if self.search not in SEARCHES:
            raise ValueError(f"`search` is one of {', '.join(map(repr, SEARCHES))}, not {self.search!r}.")
        _check_positive(self, "temperature")
        if self.search == "n_best" and self.temperature != MinimumRisk.temperature:
            raise ValueError(f"`temperature` is {self.temperature}, but n_best draws nothing. Leave it out.")
        _check_positive(self, "sharpness")
        if not 0 <= self.likelihood < 1:
            raise ValueError(f"`likelihood` is {self.likelihood}; it has to be at least 0 and below 1.")

    def in_words(self):
        """What is done, in a line, and what the risk that training reports is made of."""
        search = f"drawn at temperature {self.temperature:g}" if self.search == "sample" else "from a beam search"
        gold = ", and gold" if self.gold else ""
        risk = f"expected 1 - sentence {self.metric}"
        if self.likelihood:
            risk = f"{1 - self.likelihood:g} * ({risk}) + {self.likelihood:g} * cross-entropy of a gold token"
        return f"minimum risk: {self.candidates} candidates of each sentence {search}{gold}; risk = {risk}"


def _quoted(name: str) -> str:
    return f"`{name}`"


def _check_positive(options: ScheduledSampling | MinimumRisk, name: str) -> None:
    value = getattr(options, name)
    if not 0 < value <= _MOST:
        raise ValueError(f"`{name}` is {value}; it has to be above 0 and at most {_MOST:,}.")
