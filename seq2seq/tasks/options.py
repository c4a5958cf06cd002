"""Options of the tasks: corpora, vocabularies, batches, curriculum, validation. Imports no TensorFlow."""

import dataclasses
import math
from pathlib import Path
from typing import ClassVar, Literal

from seq2seq.groups import OptionGroup, may_change
from seq2seq.model.objectives.options import SamplingOptions
from seq2seq.search.options import BEAM_SIZES
from seq2seq.text.lines import LINE_BYTES, MAX_LINE_BYTES
from seq2seq.text.tokenizer import SAMPLED_KINDS

__all__ = [
    "CurriculumOptions",
    "DataOptions",
    "ParallelFiles",
    "PieceOptions",
    "TestFiles",
    "TranslationOptions",
    "TranslationValidation",
    "ValidationOptions",
    "VocabularyOptions",
]

_DURATIONS = (0, 10**9)  # updates, validations


@dataclasses.dataclass(frozen=True, kw_only=True)
class ParallelFiles:
    """A parallel corpus: one sentence per line, plain or packed (gzip, bzip2, xz, zip)."""

    source: Path | None = None
    """Source text; or a .tsv with both sides, without a target."""
    target: Path | None = None
    """Its translations, line by line."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TestFiles(OptionGroup):
    """Test sets, translated and scored once, by the best weights."""

    __test__: ClassVar[bool] = False  # pytest would take the name for a test case

    GROUP: ClassVar[str] = "test"
    RANGES: ClassVar[dict] = {"beam_size": BEAM_SIZES}

    source: tuple[Path, ...] = may_change(())
    """Source texts, or .tsv files with both sides."""
    target: tuple[Path, ...] = may_change(())
    """Their translations, one file for each source."""
    beam_size: int = 5
    """Beam size of the translations."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataOptions(OptionGroup):
    """How corpora are read and made into batches."""

    GROUP: ClassVar[str] = "data"
    RANGES: ClassVar[dict] = {
        "subword_sampling": (0, 1),
        "max_length": (2, 100_000),
        "batch_tokens": (1, 10**8),
        "max_line_bytes": LINE_BYTES,
    }

    batch_tokens: int = 2500
    """Size of a batch: sentences x padded length of the longer side is at most this."""
    max_length: int = 100
    """Leave out training pairs with a side of more pieces than this, end token included."""
    subword_sampling: float = 0.0
    """Alpha of subword sampling in training, for unigram and bpe; 0 turns it off, 0.1 is usual."""
    same_file: bool = may_change(False)
    """Allow one file as source and target, for a model that learns to copy."""
    max_line_bytes: int = may_change(MAX_LINE_BYTES)
    """Cut lines longer than this many bytes, with a warning."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PieceOptions(OptionGroup):
    """The SentencePiece vocabulary."""

    GROUP: ClassVar[str] = "vocab"
    RANGES: ClassVar[dict] = {"size": (1, 10**6)}

    kind: Literal["unigram", "bpe", "char", "word"] = "unigram"
    """Kind of SentencePiece model."""
    size: int = 8000
    """Pieces of each vocabulary; lowered for a small corpus."""
    normalization: Literal["identity", "nfkc"] = "identity"
    """Unicode normalisation of the text before it is cut into pieces."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class VocabularyOptions(PieceOptions):
    """The SentencePiece vocabularies of both languages."""

    joint: bool = False
    """One vocabulary for both languages instead of one each."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CurriculumOptions(OptionGroup):
    """Competence-based curriculum (Platanios et al., 2019): easy pairs first, then ever more."""

    GROUP: ClassVar[str] = "curriculum"
    SWITCH: ClassVar[str] = "by"
    RANGES: ClassVar[dict] = {"updates": _DURATIONS, "start": (0, 1)}
    SHARES: ClassVar[tuple[str, ...]] = ("updates",)

    by: Literal["none", "length", "rarity"] = "none"
    """What makes a pair easy: a short source, or a source of frequent words."""
    updates: float = 0.2
    """When training uses all pairs: a number of updates, or up to 1 a share of --max-updates."""
    start: float = 0.01
    """Share of the pairs used at the first update, the easiest ones."""

    def competence(self, update: int) -> float:
        """Share of the pairs in use after so many updates: the square root form (equation 8 of the paper)."""
        if update >= self.updates:
            return 1.0
        return math.sqrt(update / self.updates * (1 - self.start**2) + self.start**2)

    def describe(self) -> str:
        """What will be done, in one line for a log."""
        return (
            f"curriculum by {self.by}: the easiest {self.start:.0%} of the pairs at first, "
            f"all from update {self.updates:,.0f}"
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class ValidationOptions(OptionGroup):
    """Validation: how often, and when to stop."""

    GROUP: ClassVar[str] = "validation"
    RANGES: ClassVar[dict] = {
        "every": (1, 10**9),
        "patience": _DURATIONS,
        "beam_size": BEAM_SIZES,
        "samples": (0, 10_000),
    }

    every: int = 500
    """Updates between validations; each writes a row of metrics.csv and a checkpoint."""
    patience: int = 10
    """Stop after so many validations without improvement; 0 never stops early."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class TranslationValidation(ValidationOptions):
    """Validation by loss, BLEU and chrF."""

    beam_size: int = 1
    """Beam size of the translations made in validation."""
    stop_on: Literal["bleu", "chrf", "loss"] = "bleu"
    """Figure that decides on best weights, plateau and early stop; the loss breaks ties."""
    bleu_tokenizer: str = "auto"
    """sacreBLEU's tokenizer for BLEU; auto is 13a, but zh for Chinese and char for other text without spaces."""
    samples: int = may_change(3)
    """Translations shown at each validation, always of the same sentences."""

    def check(self) -> None:
        if self.bleu_tokenizer != "auto":
            from seq2seq.text.bleu_tokenizers import check_tokenizer  # here, so that --help need not load sacreBLEU

            check_tokenizer(self.bleu_tokenizer)


@dataclasses.dataclass(frozen=True, kw_only=True)
class TranslationOptions(OptionGroup):
    """Options of the task of translation."""

    train: ParallelFiles = may_change(ParallelFiles())
    """Training text."""
    valid: ParallelFiles = may_change(ParallelFiles())
    """Validation text: decides which weights are the best and when to stop."""
    test: TestFiles = TestFiles()
    data: DataOptions = DataOptions()
    validation: TranslationValidation = TranslationValidation()
    sampling: SamplingOptions = SamplingOptions()
    curriculum: CurriculumOptions = CurriculumOptions()

    def check_subword_sampling(self, kind: str) -> None:
        """Refuses subword sampling for a kind of vocabulary that has only one way to cut a word.

        Raises:
            ValueError: --data.subword-sampling is above 0 and `kind` is neither unigram nor bpe.
        """
        if self.data.subword_sampling and kind not in SAMPLED_KINDS:
            raise ValueError(
                f"--data.subword-sampling needs unigram or bpe pieces; {kind} pieces cannot be sampled. "
                "Leave the option out."
            )
