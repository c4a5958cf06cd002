"""The options of a training run: nested frozen groups, each of which checks itself.

A recipe's defaults are an instance of `TrainingOptions`, or of a subclass with options of its own.
`--help` shows the text below each option.
"""

import dataclasses
import math
from pathlib import Path
from typing import ClassVar, Literal

import tyro

from seq2seq.command_line.options import Imports
from seq2seq.groups import OptionGroup, may_change
from seq2seq.model.objectives.options import RiskOptions
from seq2seq.model.options import ModelOptions
from seq2seq.ranges import THREADS
from seq2seq.tasks.options import TranslationOptions, TranslationValidation, ValidationOptions, VocabularyOptions

__all__ = [
    "CheckpointOptions",
    "FinetuneOptions",
    "MixOptions",
    "OptimizerOptions",
    "RunOptions",
    "TrainingOptions",
]

_MOST = 10**9  # of updates, validations and the like
_MOST_WEIGHT = 1000  # a pair is stored this many times in the order of an epoch
_LABELLED = ("test.text", "test.labels", "column")  # files of labelled text
_HEADINGS = {  # of --help, in its order, with the options and groups under each
    "files": (
        "run_dir",
        "train",
        "text",
        "builtin",
        "megabytes",
        "valid",
        "test.source",
        "test.vectors",
        "test.target",
        *_LABELLED,
    ),
    "when training ends": ("max_updates", "max_minutes", "validation.patience"),
    "model": ("model",),
    "vocabulary": ("vocab",),
    "training": ("optimizer", "data.batch_tokens", "data.streams", "data.window", "accumulate", "seed"),
    "validation and test": ("validation", "test", "checkpoints"),
    "computer": ("threads", "precision", "tensorboard"),
    "corpus": ("data",),
    "other corpora": ("mix",),
    "scheduled sampling": ("sampling",),
    "curriculum": ("curriculum",),
    "minimum risk training": ("risk",),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class OptimizerOptions(OptionGroup):
    """Adam, its learning rate, gradient clipping and the running average of the weights."""

    GROUP: ClassVar[str] = "optimizer"
    RANGES: ClassVar[dict] = {
        "warmup_updates": (0, _MOST),
        "plateau_patience": (0, _MOST),
        "plateau_factor": (0, 1),
        "vanishing_penalty": (0, 10**6),
    }
    POSITIVE: ClassVar[tuple[str, ...]] = ("learning_rate", "plateau_factor", "clip_limit")
    BELOW_1: ClassVar[tuple[str, ...]] = ("average_decay",)

    learning_rate: float = 0.001
    """Peak learning rate of Adam."""
    schedule: Literal["constant", "inverse_sqrt"] = "constant"
    """Learning rate after the warm-up: constant, or falling with the inverse square root of the update."""
    warmup_updates: int = 0
    """Updates over which the learning rate rises linearly to its peak."""
    plateau_patience: int = 0
    """Reduce the learning rate after so many validations without improvement; 0 turns this off."""
    plateau_factor: float = 0.5
    """Multiply the learning rate by this on a plateau."""
    average_decay: float = 0.0
    """Decay of a running average of the weights, which is validated and saved; 0 keeps none."""
    clip: Literal["global_norm", "norm", "value", "none"] = "global_norm"
    """Gradient clipping: norm of all gradients together, norm of each, or each value."""
    clip_limit: float = 1.0
    """The norm or value to which gradients are clipped."""
    vanishing_penalty: float = 0.0
    """Weight of a penalty against vanishing gradients in elman cells (Pascanu et al., 2013); 0 turns it off."""

    def learning_rate_at(self, update: int) -> float:
        """Learning rate of update number `update`, counted from 1, before plateaus and roll-backs reduce it.

        It rises linearly over the warm-up, then stays, or falls with the inverse square root of the update (Vaswani et
        al., 2017, section 5.3, with a peak of our choosing).
        """
        warmup = max(1, self.warmup_updates)
        scale = min(1.0, update / warmup)
        if self.schedule == "inverse_sqrt" and update > warmup:
            scale = math.sqrt(warmup / update)
        return self.learning_rate * scale


@dataclasses.dataclass(frozen=True, kw_only=True)
class CheckpointOptions(OptionGroup):
    """Checkpoints, from which a stopped run continues."""

    GROUP: ClassVar[str] = "checkpoints"
    RANGES: ClassVar[dict] = {"every": (1, _MOST), "keep_last": (1, _MOST)}

    every: int = 500
    """Updates between checkpoints, beside the one at each validation."""
    keep_last: int = 2
    """Newest checkpoints kept; the best one is kept beside them."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunOptions(OptionGroup):
    """Options of every run, whatever its task."""

    HEADINGS: ClassVar[dict] = _HEADINGS
    RANGES: ClassVar[dict] = {
        "seed": (0, 2**32 - 1),
        "threads": THREADS,
        "max_updates": (0, _MOST),
        "max_minutes": (0, _MOST),
        "accumulate": (1, 10_000),
    }

    run_dir: Path = may_change(dataclasses.MISSING)
    """Folder of the run. The same command continues it; only limits (--max-..., --threads, ...) may then differ."""
    max_updates: int | None = may_change(None)
    """Updates after which training ends."""
    max_minutes: float | None = may_change(None)
    """Minutes of training, validation included, over all sessions of the run, after which it ends."""
    accumulate: int = 1
    """Batches per update: their gradients are summed, as if they were one large batch."""
    seed: int = 1
    """Everything random follows from it: initial weights, order of batches, dropout, sampling."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Type of matrix products; auto times both once and keeps the choice for the whole run."""
    threads: int = may_change(0)
    """Processor threads; 0 is one for each processor."""
    tensorboard: bool = may_change(False)
    """Also write figures for TensorBoard into the run folder."""
    optimizer: OptimizerOptions = OptimizerOptions()
    validation: ValidationOptions = ValidationOptions()
    checkpoints: CheckpointOptions = may_change(CheckpointOptions())

    def check(self) -> None:
        for group in self.groups().values():
            for name, value in group.shares().items():
                if self.max_updates is None:
                    raise ValueError(
                        f"{group.flag(name)} {value:g} is a share of --max-updates, which is not given. Give it, or a "
                        "number of updates."
                    )
        model = getattr(self, "model", None)
        if self.optimizer.vanishing_penalty and model is not None and model.cell != "elman":
            raise ValueError(
                f"--optimizer.vanishing-penalty acts on the elman cell, but --model.cell is {model.cell}. Give "
                "--model.cell elman, or leave the penalty out."
            )
        if not (self.validation.patience or self.max_updates is not None or self.max_minutes is not None):
            raise ValueError(
                "this run would never end: give --max-updates, --max-minutes or a --validation.patience above 0."
            )


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingOptions(TranslationOptions, RunOptions):
    """The options of every recipe of translation."""

    RANGES: ClassVar[dict] = {**RunOptions.RANGES, "train_pairs": (1, 10**7)}

    vocab: VocabularyOptions = VocabularyOptions()
    model: ModelOptions = ModelOptions()

    def check(self) -> None:
        super().check()
        self.check_subword_sampling(self.vocab.kind)


@dataclasses.dataclass(frozen=True, kw_only=True)
class MixOptions(OptionGroup):
    """Other corpora to train on as well, such as the one the parent was trained on."""

    GROUP: ClassVar[str] = "mix"

    source: tuple[Path, ...] = may_change(())
    """Source texts, or .tsv files with both sides."""
    target: tuple[Path, ...] = may_change(())
    """Their translations, in the same order."""
    weight: tuple[float, ...] = (1.0,)
    """Passes over each extra corpus per epoch; 0.1 samples a fresh tenth."""

    def check(self) -> None:
        for weight in self.weight:
            if not 0 < weight <= _MOST_WEIGHT:
                raise ValueError(f"--mix.weight is {weight}; it has to be greater than 0 and at most {_MOST_WEIGHT:,}.")
        if self.weight != MixOptions.weight and not self.source:
            raise ValueError("--mix.weight is given without --mix.source. Give both, or leave --mix.weight out.")


@dataclasses.dataclass(frozen=True, kw_only=True)
class FinetuneOptions(TranslationOptions, RunOptions):
    """Continue training a finished model on a corpus of your own, in a new run folder.

    The model keeps its sizes, and without --extend-vocab its vocabulary. Updates count from zero, with a learning rate
    of their own. 10 % of the training pairs (at most 1,000) become the validation set unless --valid.source is given.
    The parent is validated first, and its weights stay the best until others score higher; its folder is not changed.
    BLEU before and after is printed for each test set.
    """

    RANGES: ClassVar[dict] = {**RunOptions.RANGES, "extend_vocab": (0, 10**6), "map_l2": (0, 10**6)}

    parent: tyro.conf.Positional[Path] = may_change(dataclasses.MISSING)
    """Run folder or .keras file of the finished model."""
    imports: Imports = may_change(())
    mix: MixOptions = MixOptions()
    extend_vocab: int = 0
    """Add at most so many pieces for unknown characters; your corpus is then not checked by the model."""
    freeze: tuple[Literal["embeddings", "encoder", "attention", "decoder", "output"], ...] = ()
    """Parts not to train; encoder and decoder include embeddings (also shared ones), decoder also the bridge."""
    map_l2: float = 0.0
    """Keep the weights near the parent's (MAP-L2): 0 is off, 0.001 is light; try powers of ten."""
    risk: RiskOptions = RiskOptions()
    max_updates: int | None = may_change(2000)
    """Updates after which training ends."""
    optimizer: OptimizerOptions = OptimizerOptions(learning_rate=0.0003, average_decay=0.99, warmup_updates=50)
    validation: TranslationValidation = TranslationValidation(every=100, patience=5)

    def check(self) -> None:
        super().check()
        if self.risk.is_on and self.sampling.is_on:
            raise ValueError(
                "--risk.metric learns from whole translations, --sampling.way from gold targets: give one of them."
            )
        if self.extend_vocab and {"output", "decoder"} & set(self.freeze):
            raise ValueError(
                f"--freeze {' '.join(self.freeze)} would keep the model from ever using the new pieces of "
                "--extend-vocab. Freeze other parts, or leave one of both out."
            )
