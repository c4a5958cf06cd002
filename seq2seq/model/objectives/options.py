"""Options of the objectives: scheduled sampling and minimum risk. Imports no TensorFlow."""

import dataclasses
import math
from typing import ClassVar, Literal

from seq2seq.groups import OptionGroup

__all__ = ["RiskOptions", "SamplingOptions"]

_DURATIONS = (0, 10**9)  # updates
_LAST = 0.01  # exponential schedule: part of the way from 1 to the floor that is left at the end of the decay
_STEEPNESS = math.log(1000)  # inverse sigmoid: 0.999 of the way is left at its start and 0.001 at its end


@dataclasses.dataclass(frozen=True, kw_only=True)
class SamplingOptions(OptionGroup):
    """Scheduled sampling: in training the decoder reads some of its own predictions."""

    GROUP: ClassVar[str] = "sampling"
    SWITCH: ClassVar[str] = "way"
    RANGES: ClassVar[dict] = {
        "floor": (0, 1),
        "warmup": _DURATIONS,
        "decay": _DURATIONS,
        "passes": (1, 100),
        "confidence": (0, 1),
        "random_confidence": (0, 1),
    }
    POSITIVE: ClassVar[tuple[str, ...]] = ("temperature", "position_scale")
    SHARES: ClassVar[tuple[str, ...]] = ("warmup", "decay")

    way: Literal["none", "sequential", "parallel"] = "none"
    """sequential predicts token by token; parallel predicts all positions in one teacher-forced pass."""
    schedule: Literal["constant", "linear", "exponential", "inverse_sigmoid"] = "inverse_sigmoid"
    """How the probability of a gold token falls from 1 to its floor; constant: the floor right after the warm-up."""
    floor: float = 0.75
    """Lowest probability of a gold token; 0 ends in free running."""
    warmup: float = 0.1
    """Teacher forcing before any sampling: a number of updates, or up to 1 a share of --max-updates."""
    decay: float = 0.9
    """How long the probability falls after the warm-up: updates, or up to 1 a share of --max-updates."""
    choice: Literal["argmax", "sample"] = "argmax"
    """Predicted token: the most probable one, or one drawn from the model's distribution."""
    temperature: float = 1.0
    """Temperature of the draws: below 1 they come closer to the most probable token."""
    coins: Literal["token", "sentence", "batch"] = "token"
    """Decide between gold and prediction once per token, per sentence or per batch."""
    passes: int = 1
    """Passes of parallel; more come closer to sequential."""
    position_scale: float | None = None
    """Sample later tokens more often: token t stays gold with probability p ** (t / this)."""
    confidence: float = 0.0
    """Keep gold tokens to which the model gives less than this probability."""
    random_confidence: float = 1.0
    """Above this probability use a random token of the same target instead of the model's own; 0.95 is usual."""

    def check(self) -> None:
        if self.is_on and self.floor == 1:
            raise ValueError("--sampling.floor is 1: every token would stay gold. Give less, or leave sampling out.")
        if self.passes > 1 and self.way == "sequential":
            raise ValueError(f"--sampling.passes is {self.passes}, but the sequential way has none. Leave it out.")
        if self.choice == "argmax" and self.temperature != SamplingOptions.temperature:
            raise ValueError(
                f"--sampling.temperature is {self.temperature}, but argmax draws nothing. "
                "Give --sampling.choice sample."
            )
        if self.random_confidence < self.confidence:
            raise ValueError(
                f"--sampling.random-confidence is {self.random_confidence}, below --sampling.confidence "
                f"{self.confidence}. Give at least that."
            )
        if self.confidence >= 0.5 and self.choice == "argmax" and self.random_confidence == 1:
            raise ValueError(
                f"--sampling.confidence {self.confidence} would sample nothing: a gold token of that probability is "
                "itself the most probable. Give less than 0.5, --sampling.choice sample, or a "
                "--sampling.random-confidence."
            )

    def shares(self) -> dict[str, float]:
        shares = super().shares()
        if self.schedule == "constant":  # has no decay
            shares.pop("decay", None)
        return shares

    def gold_probability(self, update: int) -> float:
        """Probability, in update number `update`, that the decoder reads the gold token (Bengio et al., 2015).

        After the warm-up it falls from 1 to the floor, over the updates of the decay, along one of the paper's curves.
        With i updates of the decay done out of N, the part of the way that is left is

        - linear: 1 - i / N
        - exponential: k^i with k = 0.01^(1 / N)
        - inverse sigmoid: k / (k + exp(i / s)) with k = 1000 and s = N / (2 ln k), which is the paper's for N = 2 k
          ln k.

        `warmup` and `decay` have to be numbers of updates here, not shares.
        """
        done = update - self.warmup
        if not self.is_on or done <= 0:
            return 1.0
        if self.schedule == "constant" or done >= self.decay:
            return self.floor
        part = done / self.decay
        left = {
            "linear": 1 - part,
            "exponential": _LAST**part,
            "inverse_sigmoid": 1 / (1 + math.exp(_STEEPNESS * (2 * part - 1))),
        }[self.schedule]
        return self.floor + (1 - self.floor) * left

    def describe(self) -> str:
        """What will be done, in one line for a log."""
        words = "most probable tokens" if self.choice == "argmax" else f"drawn at temperature {self.temperature:g}"
        details = [words, f"one decision per {self.coins}"]
        if self.passes > 1:
            details.append(f"{self.passes} passes")
        if self.position_scale is not None:
            details.append(f"later tokens more often, scale {self.position_scale:g}")
        if self.confidence > 0:
            details.append(f"where gold has a probability of {self.confidence:g} or more")
        if self.random_confidence < 1:
            details.append(f"random tokens where it has more than {self.random_confidence:g}")
        gold = f"gold with probability {self.floor:g}"
        if self.schedule != "constant":
            shape = self.schedule.replace("_", " ")
            gold = f"gold with a probability that falls ({shape}) to {self.floor:g} at update "
            gold += f"{self.warmup + self.decay:,.0f}"
        first = f"teacher forcing up to update {self.warmup:,.0f}, then " if self.warmup else ""
        return f"{self.way} scheduled sampling ({', '.join(details)}): {first}{gold}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class RiskOptions(OptionGroup):
    """Minimum risk training: raise a sentence metric of the model's own translations, instead of likelihood."""

    GROUP: ClassVar[str] = "risk"
    SWITCH: ClassVar[str] = "metric"
    RANGES: ClassVar[dict] = {"candidates": (2, 1000)}
    POSITIVE: ClassVar[tuple[str, ...]] = ("temperature", "sharpness")
    BELOW_1: ClassVar[tuple[str, ...]] = ("likelihood",)

    metric: Literal["none", "bleu", "chrf"] = "none"
    """Metric of a sentence to raise. A candidate costs 1 minus its score."""
    candidates: int = 8
    """Translations that the model makes of each sentence; together with gold they share --data.batch-tokens."""
    search: Literal["sample", "n_best"] = "sample"
    """Candidates are drawn from the model's distribution, or are the best of a beam search."""
    temperature: float = 0.5
    """Temperature of the draws: below 1 they stay near what the model would translate."""
    gold: bool = False
    """Make the gold target a candidate too. Its cost of 0 easily outweighs the differences among the others."""
    sharpness: float = 0.005
    """Exponent of the candidates' probabilities: the larger, the more the probable ones count."""
    likelihood: float = 0.0
    """Share of the loss that stays cross-entropy of the gold target, without label smoothing."""

    def check(self) -> None:
        if self.search == "n_best" and self.temperature != RiskOptions.temperature:
            raise ValueError(f"--risk.temperature is {self.temperature}, but n_best draws nothing. Leave it out.")

    @property
    def metric_name(self) -> str:
        """The metric as `seq2seq.text.scores` spells it."""
        return {"bleu": "BLEU", "chrf": "chrF"}[self.metric]

    def describe(self) -> str:
        """What will be done, and what the reported risk is made of, in one line for a log."""
        search = f"drawn at temperature {self.temperature:g}" if self.search == "sample" else "from a beam search"
        gold = ", and gold" if self.gold else ""
        risk = f"expected 1 - sentence {self.metric_name}"
        if self.likelihood:
            risk = f"{1 - self.likelihood:g} * ({risk}) + {self.likelihood:g} * cross-entropy of a gold token"
        return f"minimum risk training: {self.candidates} candidates per sentence {search}{gold}; risk = {risk}"
