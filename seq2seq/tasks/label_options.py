"""Options of the tasks that choose labels: labelled text, pieces, batches, validation. Imports no TensorFlow."""

import dataclasses
from pathlib import Path
from typing import ClassVar, Literal

from seq2seq.groups import OptionGroup, may_change
from seq2seq.model.options import ClassifierOptions, TaggerOptions
from seq2seq.tasks.options import PieceOptions, ValidationOptions
from seq2seq.text.labelled import check_column
from seq2seq.text.lines import LINE_BYTES, MAX_LINE_BYTES

__all__ = [
    "ClassificationOptions",
    "LabelDataOptions",
    "LabelOptions",
    "LabelValidation",
    "LabelledFiles",
    "TaggingOptions",
]


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelledFiles:
    """Labelled text: one sentence per line and one label per line, plain or packed (gzip, bzip2, xz, zip)."""

    text: Path | None = None
    """Sentences; or a .tsv with sentences and labels."""
    labels: Path | None = None
    """Their labels, line by line."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelDataOptions(OptionGroup):
    """How labelled text is made into batches."""

    GROUP: ClassVar[str] = "data"
    RANGES: ClassVar[dict] = {"max_length": (2, 100_000), "batch_tokens": (1, 10**8), "max_line_bytes": LINE_BYTES}

    batch_tokens: int = 2500
    """Size of a batch: sentences x padded length is at most this."""
    max_length: int = 100
    """Leave out training sentences of more pieces than this."""
    max_line_bytes: int = may_change(MAX_LINE_BYTES)
    """Cut lines longer than this many bytes, with a warning."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelValidation(ValidationOptions):
    """Validation by loss, accuracy and macro F1."""

    stop_on: Literal["accuracy", "macro_f1", "loss"] = "accuracy"
    """Figure that decides on best weights, plateau and early stop; the loss breaks ties."""
    samples: int = may_change(3)
    """Sentences shown with their labels at each validation, always the same ones."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LabelOptions(OptionGroup):
    """Options that both tasks have."""

    data: LabelDataOptions = LabelDataOptions()
    vocab: PieceOptions = PieceOptions()
    validation: LabelValidation = LabelValidation()


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassificationOptions(LabelOptions):
    """Options of the task of classification: one label for a sentence."""

    train: LabelledFiles = may_change(LabelledFiles())
    """Training text."""
    valid: LabelledFiles = may_change(LabelledFiles())
    """Validation text; without it, 10 % of the training text (at most 1,000 lines)."""
    test: LabelledFiles = may_change(LabelledFiles())
    """Test text; without it, as much of the training text."""
    model: ClassifierOptions = ClassifierOptions()


@dataclasses.dataclass(frozen=True, kw_only=True)
class TaggingOptions(LabelOptions):
    """Options of the task of tagging: one label for each word."""

    train: Path | None = may_change(None)
    """Training text: a .conllu file, or lines `word tag` with a blank line after each sentence."""
    valid: Path | None = may_change(None)
    """Validation text; without it, 10 % of the training text (at most 1,000 sentences)."""
    test: Path | None = may_change(None)
    """Test text; without it, as much of the training text."""
    column: str = "upos"
    """Column of a .conllu file with the tags: upos, xpos, or a feature such as feats:Case."""
    model: TaggerOptions = TaggerOptions()

    def check(self) -> None:
        super().check()
        check_column(self.column)
