"""The options of a training run: one frozen dataclass, read from the command line by tyro.

A recipe's `Config` inherits from `TrainingOptions`, adds the sizes of its model and overrides defaults. Each
option is documented once, by the text below it; `--help` shows that text.
"""

import dataclasses
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import tyro

from seq2seq.model.options import MinimumRisk, ScheduledSampling
from seq2seq.ranges import THREADS, check_ranges
from seq2seq.search.options import BEAM_SIZES
from seq2seq.text.lines import LINE_BYTES, MAX_LINE_BYTES
from seq2seq.text.tokenizer import SAMPLED_KINDS

__all__ = [
    "FinetuneOptions",
    "RunOptions",
    "TrainingOptions",
    "as_json",
    "changeable",
    "content",
    "may_change",
    "parse",
]

Config = TypeVar("Config", bound="RunOptions")


def may_change(default: Any) -> Any:
    """An option (a limit, or display) that may differ when a run is started again in its folder."""
    return dataclasses.field(default=default, metadata={"may_change": True})


def content(default: Any) -> Any:
    """An option that names a data file: a run is bound to the text in it, not to its name."""
    return dataclasses.field(default=default, metadata={"may_change": True, "content": True})


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options of every training run, from scratch or fine-tuning."""

    run_dir: Path = may_change(dataclasses.MISSING)
    """Folder of the run. The same command continues it; only limits (--max-..., --threads, ...) may then differ."""

    train_source: Path | None = content(None)
    """Training text, one sentence a line, plain or packed (gzip, bzip2, xz, zip); or a .tsv with both sides and no
    --train-target."""
    train_target: Path | None = content(None)
    """Translations of --train-source, line by line."""
    valid_source: Path | None = content(None)
    """Validation text: decides which weights are the best and when to stop."""
    valid_target: Path | None = content(None)
    """Translations of --valid-source."""
    test_source: tuple[Path, ...] = content(())
    """Test texts, translated and scored once, by the best weights."""
    test_target: tuple[Path, ...] = content(())
    """Translations of --test-source, as many files."""
    same_file: bool = may_change(False)
    """Source and target may be one and the same file, for a model that learns to copy."""
    max_line_bytes: int = may_change(MAX_LINE_BYTES)
    """Longer lines of these files are cut there, with a warning."""

    subword_sampling: float = 0.0
    """Alpha of subword sampling in training, for unigram and bpe; 0 turns it off, 0.1 is usual."""
    max_length: int = 100
    """Training pairs with a side of more pieces than this, end token included, are left out."""

    batch_tokens: int = 2500
    """Size of a batch: sentences x padded length of the longer side is at most this."""
    seed: int = 1
    """Everything random follows from it: initial weights, order of batches, dropout, sampling."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Type of matrix products; auto times both once and keeps the choice for the whole run."""
    threads: int = may_change(0)
    """Processor threads; 0 is one for each processor."""

    learning_rate: float = 0.001
    """Peak learning rate of Adam."""
    schedule: Literal["constant", "inverse_sqrt"] = "constant"
    """Learning rate after the warm-up: constant, or falling with the inverse square root of the update."""
    warmup_updates: int = 0
    """Updates over which the learning rate rises linearly to its peak."""
    plateau_patience: int = 0
    """Validations without improvement after which the learning rate is reduced; 0 turns this off."""
    plateau_factor: float = 0.5
    """What the learning rate is multiplied by on a plateau."""
    average_decay: float = 0.0
    """Decay of a running average of the weights, which is what is validated and saved; 0 keeps none."""
    clip: Literal["global_norm", "norm", "value", "none"] = "global_norm"
    """Gradient clipping: norm of all gradients together, norm of each, or each value."""
    clip_limit: float = 1.0
    """The norm or value to which gradients are clipped."""

    sampling: Literal["none", "sequential", "parallel"] = "none"
    """Scheduled sampling: train on words of the model's own, made token by token or by passes over whole targets."""
    sampling_schedule: Literal["constant", "linear", "exponential", "inverse_sigmoid"] = "inverse_sigmoid"
    """How the probability of a gold token falls from 1 to its floor; constant is the floor once the warm-up is over."""
    sampling_floor: float = 0.75
    """Lowest probability of a gold token; 0 ends in free running."""
    sampling_warmup: float = 0.1
    """Teacher forcing before any sampling: a number of updates, or up to 1 a share of --max-updates."""
    sampling_decay: float = 0.9
    """How long the probability falls after that: updates, or up to 1 a share of the first start's --max-updates."""
    sampling_choice: Literal["argmax", "sample"] = ScheduledSampling.choice
    """The model's word is its likeliest one, or one drawn from its distribution."""
    sampling_temperature: float = ScheduledSampling.temperature
    """Temperature of such draws: below 1 they come closer to the likeliest word."""
    sampling_coins: Literal["token", "sentence", "batch"] = ScheduledSampling.coins
    """What each coin decides about."""
    sampling_passes: int = ScheduledSampling.passes
    """Passes of the parallel way; more come closer to the sequential one."""
    sampling_position_scale: float | None = ScheduledSampling.position_scale
    """Later tokens are sampled more: token t stays gold with probability p ** (t / this). Without it all are alike."""
    sampling_confidence: float = ScheduledSampling.confidence
    """Tokens less probable than this to the model stay gold; 0.5 or more needs --sampling-choice sample."""
    sampling_random_confidence: float = ScheduledSampling.random_confidence
    """Above this probability random tokens of the same target take the place of the model's own; 0.95 is usual."""

    curriculum: Literal["none", "length", "rarity"] = "none"
    """Learn from short sources first, or from those of frequent words, and from ever more (competence-based)."""
    curriculum_updates: float = 0.2
    """When all pairs are learnt from: a number of updates, or up to 1 a share of --max-updates."""
    curriculum_start: float = 0.01
    """Share of the pairs, the easiest, to begin with."""

    validate_every: int = 500
    """Updates between validations; each writes a row of metrics.csv and a checkpoint."""
    validation_beam_size: int = 1
    """Beam of the translations made in validation."""
    stop_on: Literal["bleu", "chrf", "loss"] = "bleu"
    """The validation figure that decides: best weights, plateau, early stop. Between equal ones loss decides."""
    bleu_tokenizer: str = "auto"
    """sacreBLEU's tokenizer for BLEU; auto is 13a, but zh for Chinese and char for other text without spaces."""
    patience: int = 10
    """Validations without improvement after which training stops; 0 never stops early."""
    samples: int = may_change(3)
    """Translations shown at each validation, always of the same sentences."""

    max_updates: int | None = may_change(None)
    """Updates after which training ends."""
    max_minutes: float | None = may_change(None)
    """Minutes of training, validation included, over all sessions of the run, after which it ends."""
    checkpoint_every: int = may_change(500)
    """Updates between checkpoints, beside the one at each validation."""
    keep_last: int = may_change(2)
    """Newest checkpoints kept; the best one is kept beside them."""

    test_beam_size: int = 5
    """Beam of the test translations."""

    def __post_init__(self) -> None:
        _check_numbers(self)
        if self.bleu_tokenizer != "auto":
            from seq2seq.text.bleu_tokenizers import check_tokenizer  # here, so that --help need not load sacreBLEU

            check_tokenizer(self.bleu_tokenizer)
        for name in ("learning_rate", "clip_limit", "plateau_factor"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{_flag(name)} is {value}; it has to be greater than 0.")
        for name, value in self._shares().items():
            if self.max_updates is None:
                raise ValueError(
                    f"{_flag(name)} {value:g} is a share of --max-updates, which is not given. Give it, or a number of "
                    "updates."
                )
        if not (self.patience or self.max_updates is not None or self.max_minutes is not None):
            raise ValueError("this run would never end: give --max-updates, --max-minutes or a --patience above 0.")
        _check_switched_on(self, "sampling", "curriculum")
        if self.sampling != "none" and self.sampling_floor == 1:
            raise ValueError("--sampling-floor is 1: every token would stay gold. Give less, or leave --sampling out.")
        _ = self.scheduled_sampling  # its own checks

    def with_plan(self, planned_updates: int | None) -> Self:
        """The options with shares of the planned updates turned into numbers of updates.

        So a run that goes on to another --max-updates keeps its schedules.
        """
        return dataclasses.replace(self, **{name: share * planned_updates for name, share in self._shares().items()})

    def _shares(self) -> dict[str, float]:
        """The options in use that are shares of the planned updates."""
        names = ["sampling_warmup"] if self.sampling != "none" else []
        names += ["sampling_decay"] if names and self.sampling_schedule != "constant" else []
        names += ["curriculum_updates"] if self.curriculum != "none" else []
        return {name: getattr(self, name) for name in names if 0 < getattr(self, name) <= 1}

    @property
    def scheduled_sampling(self) -> ScheduledSampling | None:
        """How to sample, if at all."""
        return None if self.sampling == "none" else _group(self, "sampling", ScheduledSampling, way=self.sampling)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingOptions(RunOptions):
    """The options of every recipe. Recipes inherit from this class."""

    tokenizer: Literal["unigram", "bpe", "char", "word"] = "unigram"
    """Kind of SentencePiece vocabulary."""
    vocab_size: int = 8000
    """Pieces of each vocabulary; lowered to what a small corpus bears."""
    joint_vocab: bool = False
    """One vocabulary for both languages instead of one each."""
    normalization: Literal["identity", "nfkc"] = "identity"
    """Unicode normalisation of the text before it is cut into pieces."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.subword_sampling and self.tokenizer not in SAMPLED_KINDS:
            raise ValueError(
                f"--subword-sampling needs --tokenizer unigram or bpe; {self.tokenizer} pieces cannot be sampled."
            )


@dataclasses.dataclass(frozen=True, kw_only=True)
class FinetuneOptions(RunOptions):
    """Continue training a finished model on a corpus of your own, in a new run folder.

    The model keeps its sizes, and without --extend-vocab its vocabulary. Updates count from zero, with a learning rate
    of their own. 10 % of the training pairs (at most 500) become the validation set unless --valid-source is given.
    The parent is validated first, and its weights stay the best until others score higher; its folder is not changed.
    BLEU before and after is printed for each test set.
    """

    parent: tyro.conf.Positional[Path] = may_change(dataclasses.MISSING)
    """Run folder or .keras file of the finished model."""
    mix_source: tuple[Path, ...] = content(())
    """Other corpora to train on as well, such as the one the parent was trained on."""
    mix_target: tuple[Path, ...] = content(())
    """Their translations, in the same order."""
    mix_weight: tuple[float, ...] = (1.0,)
    """Passes over each of these corpora per epoch; 0.1 takes a fresh tenth of the pairs each time."""
    extend_vocab: int = 0
    """Most new pieces for characters that the vocabulary lacks; your corpus is then not checked for being swapped."""
    freeze: tuple[Literal["embeddings", "encoder", "attention", "decoder", "output"], ...] = ()
    """Parts that stay as they are; encoder and decoder include embeddings, shared ones too, the decoder the bridge."""
    pull: float = 0.0
    """Strength of a pull towards the parent's weights (MAP-L2): 0 is none, 0.001 a light one; try powers of ten."""

    risk: Literal["none", "bleu", "chrf"] = "none"
    """Minimum risk training: raise sentence BLEU or chrF of the model's own translations, instead of likelihood."""
    risk_candidates: int = MinimumRisk.candidates
    """Translations that the model makes of each sentence; with gold they share --batch-tokens."""
    risk_search: Literal["sample", "n_best"] = MinimumRisk.search
    """They are drawn from the model's distribution, or the best of a beam search."""
    risk_temperature: float = MinimumRisk.temperature
    """Temperature of drawing: below 1 they stay near what the model would translate."""
    risk_gold: bool = MinimumRisk.gold
    """The gold target is one more of them."""
    risk_sharpness: float = MinimumRisk.sharpness
    """How much the likely ones among them count more: exponent of their probabilities."""
    risk_likelihood: float = MinimumRisk.likelihood
    """Share of the loss that stays cross-entropy of the gold target, without label smoothing."""

    learning_rate: float = 0.0003
    """Peak learning rate of Adam."""
    average_decay: float = 0.99
    """Decay of the running average of the weights that is validated and saved; 0 keeps none."""
    warmup_updates: int = 50
    """Updates over which the learning rate rises linearly to its peak."""
    validate_every: int = 100
    """Updates between validations; each writes a row of metrics.csv and a checkpoint."""
    patience: int = 5
    """Validations without improvement after which training stops; 0 never stops early."""
    max_updates: int | None = may_change(2000)
    """Updates after which training ends."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for weight in self.mix_weight:
            if not 0 < weight <= _MOST_WEIGHT:
                raise ValueError(f"--mix-weight is {weight}; it has to be greater than 0 and at most {_MOST_WEIGHT:,}.")
        if self.mix_weight != FinetuneOptions.mix_weight and not self.mix_source:
            raise ValueError(
                "--mix-weight weighs the corpora of --mix-source, and there is none. Give it, or leave both."
            )
        if self.risk != "none" and self.sampling != "none":
            raise ValueError("--risk learns from whole translations, --sampling from gold targets: give one of them.")
        _check_switched_on(self, "risk")
        _ = self.minimum_risk  # its own checks

    @property
    def minimum_risk(self) -> MinimumRisk | None:
        """What to risk, if anything."""
        metrics = {"bleu": "BLEU", "chrf": "chrF"}
        if self.risk == "none":
            return None
        return _group(self, "risk", MinimumRisk, metric=metrics[self.risk], tokenize=self.bleu_tokenizer)


_MOST = 10**9  # of updates, validations and the like
_MOST_WEIGHT = 1000  # a pair is stored this many times in the order of an epoch
_RANGES = {
    "subword_sampling": (0, 1),
    "max_length": (2, 100_000),
    "batch_tokens": (1, 10**8),
    "seed": (0, 2**32 - 1),
    "threads": THREADS,
    "max_line_bytes": LINE_BYTES,
    "warmup_updates": (0, _MOST),
    "plateau_patience": (0, _MOST),
    "plateau_factor": (0, 1),
    "sampling_floor": (0, 1),
    "sampling_warmup": (0, _MOST),
    "sampling_decay": (0, _MOST),
    "curriculum_updates": (0, _MOST),
    "curriculum_start": (0, 1),
    "validate_every": (1, _MOST),
    "validation_beam_size": BEAM_SIZES,
    "patience": (0, _MOST),
    "samples": (0, 10_000),
    "max_updates": (0, _MOST),
    "max_minutes": (0, _MOST),
    "checkpoint_every": (1, _MOST),
    "keep_last": (1, _MOST),
    "test_beam_size": BEAM_SIZES,
    "vocab_size": (1, 10**6),
    "extend_vocab": (0, 10**6),
    "pull": (0, 10**6),
    # Of recipes:
    "train_pairs": (1, 10**7),
    "embedding_dim": (1, 2**16),
    "units": (1, 2**16),
}
_BELOW_1 = ("average_decay", "dropout", "recurrent_dropout", "word_dropout", "label_smoothing")


def parse(config: type[Config], description: str | None = None, argv: Sequence[str] | None = None) -> Config:
    """Read a recipe's `Config` from the command line.

    Args:
        config: a dataclass derived from `RunOptions`.
        description: what `--help` prints first, usually the recipe's docstring.
        argv: arguments, default those of the process.

    Returns:
        The config. An unknown or wrong option ends the process with status 2 and a message that names the
        nearest option.
    """
    return tyro.cli(config, description=description, args=argv)


def changeable(config: type[RunOptions]) -> set[str]:
    """Names of the options that may differ when a run is continued.

    A recipe that overrides only the default of an option does not repeat how it was declared, so the whole
    family of classes is asked.
    """
    return {
        field.name
        for base in config.__mro__
        for field in vars(base).get("__dataclass_fields__", {}).values()
        if field.metadata.get("may_change")
    }


def as_json(config: RunOptions) -> dict[str, Any]:
    """The options as JSON values, in the order of their declaration: paths as text, tuples as lists."""
    return {field.name: _json_value(getattr(config, field.name)) for field in dataclasses.fields(config)}


def _json_value(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, list | tuple):
        return [_json_value(item) for item in value]
    return value


def _group(options: RunOptions, prefix: str, kind: type, **given: Any) -> Any:
    """The options that begin with `prefix_`, together; what is wrong with one is said by the name of its flag."""
    names = [field.name for field in dataclasses.fields(kind) if field.name not in given]
    try:
        return kind(**given, **{name: getattr(options, f"{prefix}_{name}") for name in names})
    except ValueError as error:
        raise ValueError(re.sub("`(.+?)`", lambda found: _flag(f"{prefix}_{found[1]}"), str(error))) from None


def _check_numbers(options: RunOptions) -> None:
    """Refuses numbers outside their range, and those of a recipe's own options that are not finite."""
    fields = [field.name for field in dataclasses.fields(options)]
    check_ranges(options, {name: _RANGES[name] for name in fields if name in _RANGES}, shown=_flag)
    for name in fields:
        value = getattr(options, name)
        if name in _BELOW_1 and not 0 <= value < 1:
            raise ValueError(f"{_flag(name)} is {value}; it has to be at least 0 and below 1.")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError(f"{_flag(name)} is {value}; it has to be a finite number.")


def _check_switched_on(options: RunOptions, *switches: str) -> None:
    """Refuses options of something that is switched off."""
    for field in dataclasses.fields(options):
        switch = field.name.partition("_")[0]
        is_given = getattr(options, field.name) != field.default
        if switch in switches and field.name != switch and getattr(options, switch) == "none" and is_given:
            raise ValueError(
                f"{_flag(field.name)} is of no use without {_flag(switch)}. Give that too, or leave it out."
            )


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
