"""What a run remembers between updates, apart from the variables of model and optimizer."""

import dataclasses
from collections.abc import Mapping
from typing import Any

__all__ = ["TrainingState", "Window"]


@dataclasses.dataclass
class Window:
    """Sums over the updates since the last row of a table."""

    sums: dict[str, float] = dataclasses.field(default_factory=dict)
    """The sums of the objective, such as "loss_sum" (what was minimised) and "tokens"."""
    gradient_norm_sum: float = 0.0
    updates: int = 0
    """Updates made; those skipped for a loss or gradient that was not finite are counted apart."""
    skipped: int = 0
    seconds: float = 0.0
    """Time spent in updates: the one figure here that differs from run to run."""

    def add(self, sums: Mapping[str, float], gradient_norm: float, seconds: float) -> None:
        """Adds an update that was made."""
        self.sums = {name: self.sums.get(name, 0) + value for name, value in sums.items()}
        self.gradient_norm_sum += gradient_norm
        self.updates += 1
        self.seconds += seconds

    def skip(self, seconds: float) -> None:
        """Counts an update that was left out."""
        self.skipped += 1
        self.seconds += seconds


@dataclasses.dataclass
class TrainingState:
    """The state of a run; a checkpoint carries it as JSON.

    The random state of the run is `update` alone: batches, dropout and sampling follow from it and the seed.
    """

    update: int = 0
    validated: int = -1
    """Update of the last validation, -1 before the first."""
    validation_seconds: float | None = None
    """Time of the last validation, None before the first. It differs from run to run."""
    best_update: int | None = None
    best_rank: tuple[float, ...] | None = None
    """The figures that decide, at the best validation; see `Figures.rank`."""
    best_decision: str = ""
    """The same in words."""
    validations_since_best: int = 0
    validations_on_plateau: int = 0
    learning_rate_factor: float = 1.0
    """Product of all reductions by plateaus and roll-backs."""
    skipped_in_a_row: int = 0
    rollbacks: int = 0
    seconds: float = 0.0
    """Time in the training loop over all sessions."""
    window: Window = dataclasses.field(default_factory=Window)
    """The updates since the last row of metrics.csv."""
    interval: Window = dataclasses.field(default_factory=Window)
    """The updates since the last row of training.csv."""

    def as_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "TrainingState":
        rank = values["best_rank"]
        windows = {name: Window(**values[name]) for name in ("window", "interval")}
        return cls(**{**values, **windows, "best_rank": None if rank is None else tuple(rank)})
